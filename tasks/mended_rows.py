"""Account for rows that were mended while they were read: how many, by what, and a few as they came and as they are."""

import polars as pl

from quality.sources.mending import FIRST, before_and_after
from tasks.pool import Pool
from tasks.reporting.mending import Mending

_EXAMPLES = 5


def mended_in(pool: Pool) -> Mending | None:
    """Return the account of a pool."""
    found, rows, left = pool.attribute("mended"), pool.read(), pool.left()
    edited = rows.join(pool.edited(), on="row", how="semi")["origin"]
    named = None if found is None else rows.select("row", "id", "origin").join(found, on="row", maintain_order="left")
    return account(named, left, edited)


def account(mended: pl.DataFrame | None, kept: pl.DataFrame, edited: pl.Series) -> Mending | None:
    """Return the account; None where nothing was mended.

    Parameters
    ----------
    mended : pl.DataFrame, optional
        What was mended (`id, origin`, `MENDED`, and `FIRST` but in runs from before it was told).
    kept : pl.DataFrame
        The rows that were kept (`id, origin, messages`).
    edited : pl.Series
        Origins of rows that were edited since: what stood there is no longer where it was, and may be what was masked.
    """
    if mended is None or mended.is_empty():
        return None
    counts = [(int(mended[name].sum()), int((mended[name] > 0).sum())) for name in ("entities", "marks")]
    both = mended.join(kept.select("id", "origin", "messages"), on=["id", "origin"], how="inner", maintain_order="left")
    shown = (
        both.filter(~pl.col("origin").is_in(edited.implode())) if FIRST.keys() <= set(both.columns) else both.clear()
    )
    examples = []
    for row in shown.iter_rows(named=True):
        if row["was"] is None:
            continue
        told = before_and_after(row["messages"][row["message"]]["content"], row["at"], row["length"], row["was"])
        examples += [told] if told and told not in examples else []
        if len(examples) == _EXAMPLES:
            break
    return Mending(mended.height, both.height, counts[0], counts[1], tuple(examples))
