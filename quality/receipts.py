"""Receipts: every ingested row ends in exactly one fate, and the books balance."""

from collections.abc import Mapping

import polars as pl

from quality.records import MESSAGE

RECEIPTS: dict[str, pl.DataType] = {
    "id": pl.String(),
    "origin": pl.String(),
    "source": pl.String(),
    "stage": pl.String(),
    "fate": pl.String(),
    "reason": pl.String(),
    "witness": pl.String(),
    "score": pl.Float64(),
    "threshold": pl.Float64(),
}

# What a stage rewrote: the row's new messages and their id, which names the row from then on.
EDITS: dict[str, pl.DataType] = {
    "row": pl.UInt32(),
    "stage": pl.String(),
    "kinds": pl.List(pl.String()),
    "replaced": pl.UInt32(),
    "id": pl.String(),
    "messages": pl.List(MESSAGE),
}

# The receipt of an edit, beside the row's fate. What was replaced is not in it, nor is the id under which the row was
# ingested: that is a hash of the secret as well, and who guesses the secret could confirm it by hashing.
EDITED: dict[str, pl.DataType] = {
    "id": pl.String(),
    "origin": pl.String(),
    "stage": pl.String(),
    "kinds": pl.List(pl.String()),
    "replaced": pl.UInt32(),
}


class UnbalancedBooks(ValueError):
    """A row has no fate, or more than one."""


def receipts(records: pl.DataFrame, quarantined: pl.DataFrame, fates: pl.DataFrame, kept: pl.DataFrame) -> pl.DataFrame:
    """Write the receipts of a run.

    Parameters
    ----------
    records : pl.DataFrame
        All ingested records (schema `quality.records.RECORDS`).
    quarantined : pl.DataFrame
        Rows that could not be read (schema `quality.records.QUARANTINED`).
    fates : pl.DataFrame
        Rows that a stage removed (schema `quality.records.FATES`).
    kept : pl.DataFrame
        Columns `row` and `reason` (the part of the dataset a kept row went to).

    Returns
    -------
    pl.DataFrame
        One line per ingested row (schema `RECEIPTS`), in ingestion order, unreadable rows last.

    Raises
    ------
    UnbalancedBooks
        When rows in ≠ kept + dropped + quarantined, row by row.
    """
    ends = pl.concat(
        [
            fates,
            kept.select(
                pl.col("row").cast(pl.UInt32),
                pl.lit("split").alias("stage"),
                pl.lit("kept").alias("fate"),
                "reason",
                pl.lit(None, pl.String).alias("witness"),
                pl.lit(None, pl.Float64).alias("score"),
                pl.lit(None, pl.Float64).alias("threshold"),
            ),
        ]
    )
    _check(records, ends)
    read = records.select("row", "id", "origin", "source").join(ends, on="row", how="left", maintain_order="left")
    unread = quarantined.select(
        pl.lit(None, pl.String).alias("id"),
        "origin",
        "source",
        pl.lit("ingest").alias("stage"),
        pl.lit("quarantined").alias("fate"),
        "reason",
        pl.lit(None, pl.String).alias("witness"),
        pl.lit(None, pl.Float64).alias("score"),
        pl.lit(None, pl.Float64).alias("threshold"),
    )
    return pl.concat([read.select(RECEIPTS.keys()), unread.select(RECEIPTS.keys())]).cast(pl.Schema(RECEIPTS))


def edit_receipts(records: pl.DataFrame, edits: pl.DataFrame) -> pl.DataFrame:
    """Write the receipts of edits (schema `EDITED`), in ingestion order; `edits` has the schema `EDITS`.

    A receipt names its row by what the row says since, as all else that is published does.
    """
    named = records.select("row", "origin").join(edits, on="row", maintain_order="left")
    return named.select(EDITED.keys()).cast(pl.Schema(EDITED))


def books(receipts: pl.DataFrame) -> dict[str, int]:
    """Count the rows in and their fates."""
    counted = dict(receipts["fate"].value_counts().iter_rows())
    return {
        "in": receipts.height,
        **{fate: counted.get(fate, 0) for fate in ("kept", "dropped", "quarantined")},
    }


def books_told(books: Mapping[str, int]) -> str:
    """Say the books in one line."""
    rows = "row" if books["in"] == 1 else "rows"
    return (
        f"{books['in']:,} {rows} in: {books['kept']:,} kept, {books['dropped']:,} dropped, "
        f"{books['quarantined']:,} quarantined"
    )


def funnel(receipts: pl.DataFrame) -> pl.DataFrame:
    """Count rows by `stage, fate, reason`, the largest number first."""
    return (
        receipts.group_by("stage", "fate", "reason", maintain_order=True)
        .agg(rows=pl.len())
        .sort("rows", descending=True, maintain_order=True)
    )


def _check(records: pl.DataFrame, ends: pl.DataFrame) -> None:
    twice = ends.filter(pl.col("row").is_duplicated())
    if not twice.is_empty():
        row, stages = twice["row"][0], twice.filter(pl.col("row") == twice["row"][0])["stage"].to_list()
        raise UnbalancedBooks(
            f"The books don't balance: {twice['row'].n_unique():,} rows have more than one fate (row {row}: "
            f"{', '.join(stages)}). This is a fault of winnow or of an edited step; nothing was published."
        )
    lost = records.select("row", "origin").join(ends, on="row", how="anti")
    extra = ends.join(records, on="row", how="anti")
    if not (lost.is_empty() and extra.is_empty()):
        first = lost["origin"].head(1).to_list() or extra["row"].head(1).to_list()
        raise UnbalancedBooks(
            f"The books don't balance: {lost.height:,} ingested rows have no fate and {extra.height:,} fates have no "
            f"row (first: {first[0]}). This is a fault of winnow or of an edited step; nothing was published."
        )
