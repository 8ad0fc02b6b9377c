"""Re-prove what depends on clusters: which rows were sealed for the exam, and which are held back for validation.

Clusters and draws are found by the code that found them: it goes by hashes, and no other rule gives the same draw.
"""

import polars as pl

from quality.auditing.audit import Proof
from quality.clusters import row_clusters
from quality.reasons import before
from quality.splitting import Split, held_back

_KEY = ["id", "origin"]


def prove_split(
    receipts: pl.DataFrame,
    train: pl.DataFrame,
    validation: pl.DataFrame,
    documents: pl.DataFrame | None,
    settings: Split,
) -> list[Proof]:
    """Check that each kept row stands in the part its receipt names, and that the draw gives these parts.

    Parameters
    ----------
    receipts : pl.DataFrame
        `receipts.parquet`, in ingestion order.
    train, validation : pl.DataFrame
        The parts of the dataset (`id, messages, origin`).
    documents : pl.DataFrame or None
        `attributes/documents.parquet`: `id, origin, group` of rows whose document is known.
    settings : Split
        What the recipe asked.
    """
    rows = pl.concat([part.with_columns(part=pl.lit(name)) for name, part in _parts(train, validation)])
    told = receipts.filter(pl.col("fate") == "kept").select(*_KEY, "reason")
    placed = told.join(rows, on=_KEY, how="left", maintain_order="left")
    astray = placed.filter(pl.col("reason").ne_missing(pl.col("part")))["origin"]
    kept = _with_documents(placed.drop_nulls("messages"), documents)
    drawn = pl.select(pl.when(held_back(kept, settings)).then(pl.lit("validation")).otherwise(pl.lit("train")))
    other = kept.filter(drawn.to_series() != kept["part"])["origin"]
    return [
        Proof.of("every row of train and validation stands in the part that its receipt names", told.height, astray),
        Proof.of("train and validation are what the recipe's draw of whole clusters gives", kept.height, other),
    ]


def prove_sealed(
    receipts: pl.DataFrame, rows: pl.DataFrame, reserve: pl.DataFrame, documents: pl.DataFrame | None
) -> list[Proof]:
    """Check that rows were sealed with their whole cluster, and no others; a run that sealed none has nothing to prove.

    Parameters
    ----------
    receipts : pl.DataFrame
        `receipts.parquet`, in ingestion order.
    rows : pl.DataFrame
        All rows that were read (`id, messages, origin`).
    reserve : pl.DataFrame
        The exam's reserve (`item`): a row that was drawn is an item `suite/id` of it.
    documents : pl.DataFrame or None
        As of `prove_split`.
    """
    sealed = receipts.filter(pl.col("reason") == "sealed_for_exam")
    if sealed.is_empty():
        return []
    items = reserve.select(id=pl.col("item").str.split("/").list.last())["id"]
    came = receipts.filter(~pl.col("stage").is_in(before("seal_exam"))).select(*_KEY, "reason", "witness")
    came = came.join(rows.select(*_KEY, "messages"), on=_KEY, how="inner", maintain_order="left")
    came = _with_documents(came, documents)
    came = came.with_columns(label=row_clusters(came))
    own = (pl.col("reason") == "sealed_for_exam") & (pl.col("witness") == pl.col("id"))
    mates = came.filter(own).group_by("label").agg(mate=pl.col("id").min())
    found = came.join(mates, on="label", how="left", maintain_order="left")
    # An item drawn from an earlier pool may have left this one; its document's rows are sealed all the same.
    elder = pl.col("witness").is_in(items.implode()) & ~pl.col("witness").is_in(came["id"].implode())
    right = (
        pl.when(pl.col("reason") != "sealed_for_exam")
        .then(pl.col("mate").is_null() & ~pl.col("id").is_in(came.filter(own)["id"].implode()))
        .when(own)
        .then(pl.col("id").is_in(items.implode()))
        .otherwise(pl.col("witness").eq_missing(pl.col("mate")) | (pl.col("mate").is_null() & elder))
    )
    wrong = found.filter(~right.fill_null(value=False))["origin"]
    claim = "the rows sealed for the exam are items of its reserve and the rows of their clusters, and no others"
    return [Proof.of(claim, came.height, wrong)]


def _parts(train: pl.DataFrame, validation: pl.DataFrame) -> list[tuple[str, pl.DataFrame]]:
    return [("train", train), ("validation", validation)]


def _with_documents(rows: pl.DataFrame, documents: pl.DataFrame | None) -> pl.DataFrame:
    if documents is None:
        return rows.with_columns(group=pl.lit(None, pl.String))
    return rows.join(documents.select(*_KEY, "group"), on=_KEY, how="left", maintain_order="left")
