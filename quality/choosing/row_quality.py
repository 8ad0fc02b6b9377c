"""One number for how good a row is, from whatever scores were measured: its mean rank among the rows."""

from __future__ import annotations

import polars as pl

LEAST = 0.5
"""Quality of a row that comes last in every score; that of the first in all is 1. So no row outweighs two others."""


def row_quality(rows: pl.DataFrame, difficulty: pl.DataFrame | None, domain: pl.DataFrame | None) -> pl.Series | None:
    """Rank rows by instruction-following difficulty and by how far they lie inside the domain.

    Ranks, since the scores have scales of their own; equal scores share a rank. The more a prompt leaves to the answer
    (a higher IFD), the more there is to learn, up to 1; beyond, the two hardly belong together, and such a row comes
    last. Perplexity alone says nothing for or against a row. A row without a score counts as the middle one.

    Parameters
    ----------
    rows : pl.DataFrame
        Has the column `row`.
    difficulty : pl.DataFrame, optional
        `row, ifd`, as `tasks.weigh` measures.
    domain : pl.DataFrame, optional
        `row, score, threshold`, as `tasks.keep_domain` measures.

    Returns
    -------
    pl.Series of Float64, or None
        From `LEAST` to 1, in order; None when there is not one score.

    References
    ----------
    Li et al. 2024, "From Quantity to Quality", NAACL (IFD, and why 1 is its limit).
    """
    ifd = pl.col("ifd")
    found: list[pl.DataFrame] = []
    if difficulty is not None:
        found.append(difficulty.select("row", score=pl.when(ifd > 1).then(-ifd).otherwise(ifd)))
    if domain is not None:
        found.append(domain.select("row", score=pl.col("score") - pl.col("threshold")))
    scores = [rows.select("row").join(one, on="row", how="left", maintain_order="left")["score"] for one in found]
    ranks = [_rank(score) for score in scores if score.null_count() < len(score)]
    if not ranks:
        return None
    mean = pl.DataFrame({str(place): rank for place, rank in enumerate(ranks)}).mean_horizontal()
    return (LEAST + (1 - LEAST) * mean).alias("quality")


def _rank(score: pl.Series) -> pl.Series:
    """Spread scores evenly from 0 to 1; who has none, or stands alone, is in the middle."""
    others = score.len() - score.null_count() - 1
    rank = (score.rank("average") - 1) / others if others else score.cast(pl.Float64) * 0 + 0.5
    return rank.fill_null(0.5)
