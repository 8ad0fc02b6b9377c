"""How many canaries were caught, by kind and by stage, and between which bounds the share caught may lie."""

from __future__ import annotations

import polars as pl

from quality.personal.entity import compact
from quality.share_bounds import share_bounds

ALL = "all"
"""Stands for every kind of a stage; as kind and stage, for every canary."""

RECALL: dict[str, pl.DataType] = {
    "kind": pl.String(),
    "stage": pl.String(),
    "planted": pl.UInt32(),
    "removed": pl.UInt32(),  # caught at any stage, or, of personal data, the value is gone
    "under_own_reason": pl.UInt32(),
    "low": pl.Float64(),  # bounds of the share removed (0 to 1)
    "high": pl.Float64(),
}

# So many letters and digits of a value in a row, and it was found in part: what is left still tells. Signs do not
# count: “+1 415” may be how a surrogate begins.
_PIECE = 6


def judge(planted: pl.DataFrame, fates: pl.DataFrame, texts: pl.Series) -> pl.DataFrame:
    """Tell which canaries were caught.

    Parameters
    ----------
    planted : pl.DataFrame
        Canaries (schema `quality.canaries.CANARIES`) with their `row` in the shadow pool.
    fates : pl.DataFrame
        What the stages removed (schema `quality.records.FATES`).
    texts : pl.Series of String
        The text of each canary as the stages left it.

    Returns
    -------
    pl.DataFrame
        `planted` with `removed` and `own` (Boolean), and `caught_by` and `reason` (null where no stage removed it).
    """
    ends = planted.join(fates.select("row", "reason", caught_by="stage"), on="row", how="left", maintain_order="left")
    secrets = zip(planted["secret"], texts, strict=True)
    gone = pl.Series([None if value is None else _is_gone(value, text) for value, text in secrets], dtype=pl.Boolean)
    named = pl.col("reason").is_in(pl.col("reasons")).fill_null(value=False)
    return ends.with_columns(
        removed=pl.col("caught_by").is_not_null() | gone.fill_null(value=False),
        own=pl.when(gone.is_null()).then(named).otherwise(gone),
    )


def recall(judged: pl.DataFrame) -> pl.DataFrame:
    """Count what was caught (schema `RECALL`): a line for each kind, for each stage, and for all, in this order.

    `low` and `high` hold the true share of removed ones with 95% confidence (`quality.share_bounds`).
    """
    counts = [pl.len().alias("planted"), pl.col("removed").sum(), pl.col("own").sum().alias("under_own_reason")]
    parts = [
        judged.group_by("kind", "stage", maintain_order=True).agg(counts),
        judged.group_by("stage", maintain_order=True).agg(counts).with_columns(kind=pl.lit(ALL)),
        judged.select(counts).with_columns(kind=pl.lit(ALL), stage=pl.lit(ALL)),
    ]
    table = pl.concat([part.select("kind", "stage", "planted", "removed", "under_own_reason") for part in parts])
    low, high = share_bounds(table["removed"].to_numpy(), table["planted"].to_numpy())
    return table.with_columns(low=pl.Series(low), high=pl.Series(high)).cast(pl.Schema(RECALL))


def weakest(table: pl.DataFrame) -> dict[str, object] | None:
    """Return the line of the kind with the smallest share caught, or None where none escaped."""
    kinds = table.filter((pl.col("kind") != ALL) & (pl.col("removed") < pl.col("planted")))
    worst = kinds.sort(pl.col("removed") / pl.col("planted"), "low", maintain_order=True).head(1)
    return None if worst.is_empty() else worst.row(0, named=True)


def _is_gone(secret: str, text: str) -> bool:
    value, left = compact(secret), compact(text)
    return not any(value[at : at + _PIECE] in left for at in range(max(1, len(value) - _PIECE + 1)))
