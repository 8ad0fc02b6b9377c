"""Exact duplicates: texts that are equal after Unicode NFC, case folding and white-space folding."""

import polars as pl

from quality.normalise import normalise


def exact_duplicates(texts: pl.Series) -> pl.DataFrame:
    """Find every text that occurred before. The texts themselves are compared, not hashes of them.

    Parameters
    ----------
    texts : pl.Series of String
        In priority order: the first occurrence stays. Null equals nothing; empty texts equal each other.

    Returns
    -------
    pl.DataFrame
        `row: UInt32, witness: UInt32`, ascending by row; the witness is the first occurrence.
    """
    return (
        texts.to_frame("text")
        .with_row_index("row")
        .select("row", text=normalise(pl.col("text")))
        .drop_nulls("text")
        .select("row", witness=pl.col("row").min().over("text"))
        .filter(pl.col("row") != pl.col("witness"))
    )
