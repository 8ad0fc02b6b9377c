"""Prove the form of receipts: each has a stage, fate and reason that go together, and names its row's source."""

from collections.abc import Collection

import polars as pl

from quality.auditing.audit import Proof
from quality.reasons import OWN, OWN_RULE, STAGES


def prove_forms(
    receipts: pl.DataFrame, rows: pl.DataFrame, sources: Collection[str], *, named_by_rows: bool = False
) -> list[Proof]:
    """Check that every receipt is one that a stage writes, and that it names where its row comes from.

    Parameters
    ----------
    receipts : pl.DataFrame
        `receipts.parquet`.
    rows : pl.DataFrame
        All rows that were read (`id, source, origin`).
    sources : collection of str
        Names of the recipe's sources.
    named_by_rows : bool
        Whether rows of some source name it themselves, so that other names stand in receipts as well.
    """
    return [_well_formed(receipts), _one_file(receipts, rows, sources, named_by_rows=named_by_rows)]


def measured(receipts: pl.DataFrame) -> pl.DataFrame:
    """Put “not a number” where a receipt lacks a measure, so that no comparison with it holds or breaks off."""
    return receipts.with_columns(pl.col("score", "threshold").fill_null(float("nan")))


def _well_formed(receipts: pl.DataFrame) -> Proof:
    forms = pl.DataFrame(
        [(stage, reason, *form) for stage, reasons in STAGES.items() for reason, form in reasons.items()],
        schema=["stage", "reason", "wanted", "witnessed", "measured"],
        orient="row",
    )
    listed = pl.when(pl.col("stage") == OWN).then(pl.lit(OWN_RULE)).otherwise("reason")
    found = receipts.with_columns(reason=listed).join(forms, on=["stage", "reason"], how="left", maintain_order="left")
    numbers = [pl.col(name).is_not_null() & pl.col(name).is_finite() for name in ("score", "threshold")]
    right = (
        (pl.col("fate") == pl.col("wanted"))
        & (pl.col("witness").is_not_null() == (pl.col("witnessed") != ""))
        & pl.all_horizontal(pl.when("measured").then(number).otherwise(True) for number in numbers)
        & pl.all_horizontal(pl.col("measured") | pl.col(name).is_null() for name in ("score", "threshold"))
        & (pl.col("id").is_null() == (pl.col("stage") == "ingest"))
    )
    wrong = found.filter(~right.fill_null(value=False))["origin"]
    claim = "every receipt has a fate, reason, witness and measures that its stage gives"
    return Proof.of(claim, receipts.height, wrong)


def _one_file(receipts: pl.DataFrame, rows: pl.DataFrame, sources: Collection[str], *, named_by_rows: bool) -> Proof:
    """Compare a row's source with its receipt's; a row that could not be read has the source of its file's others."""
    named = receipts.join(
        rows.select("id", "origin", own="source"), on=["id", "origin"], how="left", maintain_order="left"
    )
    file = pl.col("origin").str.replace(r":[^:]*$", "")
    known = rows.group_by(file.alias("file")).agg(of_file=pl.col("source").unique())
    named = named.with_columns(file=file).join(known, on="file", how="left", maintain_order="left")
    beside = pl.col("source").is_in("of_file") | pl.col("of_file").is_null()
    ours, free = pl.col("source").is_in(list(sources)), pl.lit(named_by_rows)
    unread, read = ours & (beside | free), (pl.col("source") == pl.col("own")) & (ours | free)
    right = pl.when(pl.col("id").is_null()).then(unread).otherwise(read)
    wrong = named.filter(~right.fill_null(value=False))["origin"]
    return Proof.of("every receipt names the source that its row was read from", receipts.height, wrong)
