"""Re-prove that nothing is left to mend in rows as they were read, and that what is told of mending is of rows."""

import polars as pl

from quality.auditing.audit import Proof
from quality.sources.mending import FIRST, MENDED, before_and_after, mend


def prove_mended(rows: pl.DataFrame, mended: pl.DataFrame | None, edits: pl.DataFrame, *, everywhere: bool) -> Proof:
    """Mend the rows once more, which must change nothing, and look the mended ones up among them.

    How they read before, and so which rows were mended, the run doesn't hold; their sources do.

    Parameters
    ----------
    rows : pl.DataFrame
        All rows that were read (`id, messages, origin`).
    mended : pl.DataFrame, optional
        `attributes/mended.parquet` (`id, origin`, and the columns of `quality.sources.mending.MENDED`).
    edits : pl.DataFrame
        `edits.parquet`: what was replaced in a row since may have been why it was left as it came.
    everywhere : bool
        Whether the recipe has every source mended.
    """
    told = rows.select("id", "origin").clear().with_columns(pl.lit(0).alias(name) for name in MENDED)
    told = told if mended is None else mended
    as_read = rows.join(edits, on="origin", how="anti", maintain_order="left")
    if not everywhere:
        as_read = as_read.join(told, on="origin", how="semi", maintain_order="left")
    again = mend(as_read["messages"])[1].select(pl.any_horizontal(pl.col(*MENDED) > 0)).to_series()
    nothing = told.filter(pl.all_horizontal(pl.col(*MENDED) == 0) | pl.col("origin").is_duplicated())
    unknown = told.join(rows, on=["id", "origin"], how="anti", maintain_order="left")
    wrong = [*as_read["origin"].filter(again), *nothing["origin"], *unknown["origin"], *_elsewhere(told, as_read)]
    claim = "no row is left to mend as it was read, and whatever is told of mending is told of a row, once"
    return Proof.of(claim, as_read.height, wrong)


def _elsewhere(told: pl.DataFrame, as_read: pl.DataFrame) -> list[str]:
    """Name rows that don't read, in the first place that is told of them, as what is said to have stood there."""
    if not FIRST.keys() <= set(told.columns):
        return []
    both = told.drop_nulls(["message", "at", "length", "was"]).join(
        as_read.select("id", "origin", "messages"), on=["id", "origin"], how="inner", maintain_order="left"
    )
    wrong = []
    for row in both.iter_rows(named=True):
        said = [message["content"] for message in row["messages"]][row["message"] : row["message"] + 1]
        if not said or before_and_after(said[0], row["at"], row["length"], row["was"]) is None:
            wrong.append(row["origin"])
    return wrong
