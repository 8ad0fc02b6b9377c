"""Prove that the dataset's files are what a run publishes, down to columns and order, and that nobody added one.

Whoever trains on `dataset/` reads every column and every file there, in the order in which rows stand; so a column, a
file or an order of somebody else's is another dataset, though every row of it is proven.
"""

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import polars as pl

from quality.auditing.audit import Proof
from tasks.runs import DamagedRun
from tasks.split import PUBLISHED

FILES = ("README.md", "train.parquet", "validation.parquet")
_KEY = ["id", "origin"]
_SCHEMA = "ARROW:schema"  # what Polars writes beside the columns


def prove_dataset(
    folder: Path, facts: Mapping[str, Any], receipts: pl.DataFrame, tables: Mapping[str, pl.DataFrame]
) -> list[Proof]:
    """Check the columns and files of the dataset, and the order of every table of rows.

    Parameters
    ----------
    folder : Path
        The run.
    facts : mapping
        Its manifest.
    receipts : pl.DataFrame
        `receipts.parquet`, in ingestion order, unreadable rows last.
    tables : mapping of str to pl.DataFrame
        By file, the tables that hold some of these rows (`id, origin`).
    """
    named = [PurePosixPath(name) for name in facts["files"] if name.startswith("dataset/")]
    beside = [str(name) for name in named if str(name) not in {f"dataset/{file}" for file in FILES}]
    parts = [f"dataset/{file}" for file in FILES if file.endswith(".parquet")]
    other = [told for name in parts for told in _beyond(folder / name, name)]
    return [
        Proof.of("dataset/ holds train, validation and their card, and nothing else", len(named), beside),
        Proof.of(f"train and validation hold {', '.join(PUBLISHED)}, and nothing else", len(parts), other),
        prove_order(receipts, tables),
    ]


def _beyond(file: Path, name: str) -> list[str]:
    """Tell columns beside those published, and metadata: libraries go by its own features instead of the columns'."""
    try:
        found, noted = tuple(pl.read_parquet_schema(file)), pl.read_parquet_metadata(file)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise DamagedRun(file, f"is no whole Parquet file ({' '.join(str(error).split())})") from error
    columns = [] if found == PUBLISHED else [f"{name}: {', '.join(found)}"]
    return columns + [f"{name}: metadata “{key}”" for key in noted if key != _SCHEMA]


def prove_order(receipts: pl.DataFrame, tables: Mapping[str, pl.DataFrame]) -> Proof:
    """Compare the order of rows with that of the receipts, whose own is that of ingestion."""
    placed = receipts.select(*_KEY).with_row_index("at").drop_nulls("id").unique(_KEY, keep="first")
    wrong = []
    for name, table in tables.items():
        rows = table.select(_KEY).join(placed, on=_KEY, how="left", maintain_order="left").drop_nulls("at")
        astray = rows.filter(pl.col("at") < pl.col("at").shift(1))["origin"]
        wrong += [f"{name}: {origin}" for origin in astray]
    unread = pl.col("stage") == "ingest"
    read_after = receipts.filter(unread.shift(1, fill_value=False) & ~unread)["origin"]
    wrong += [f"receipts.parquet: {origin}" for origin in read_after]
    claim = "rows stand in every file in the order in which they were ingested, as their receipts do"
    return Proof.of(claim, sum(table.height for table in tables.values()), wrong)
