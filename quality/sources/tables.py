"""Reads tables that carry their types: Parquet files, and frames of any origin."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from quality.sources.bytestreams import Advance
from quality.sources.faults import BrokenSourceError, RowError
from quality.sources.lines import Raw

ROWS_AT_ONCE = 4_096


def read_parquet(path: Path, shown: str, limit: int, advance: Advance | None = None) -> Iterator[Raw]:
    """Iterate over the rows of a Parquet file, a few thousand in memory at a time.

    A row is named ``file:row`` from 1. Where the file turns out to be damaged, one quarantined row says so.
    """
    total = parquet_rows(path, shown)
    for start in range(0, total, ROWS_AT_ONCE):
        try:
            frame = pl.scan_parquet(path, glob=False).slice(start, ROWS_AT_ONCE).collect()
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError):
            detail = f"rows {start + 1:,} to {total:,} can't be read: the Parquet file is damaged"
            yield Raw(f"{shown}:{start + 1}", RowError("corrupt_file", detail), last=total)
            break
        yield from frame_rows(frame, shown, start, limit)
    if advance is not None:
        advance(path.stat().st_size)


def parquet_rows(path: Path, shown: str) -> int:
    """Count the rows of a Parquet file, from its footer.

    Raises
    ------
    BrokenSourceError
        The file is not Parquet, or its footer is damaged.
    """
    try:
        return int(pl.scan_parquet(path, glob=False).select(pl.len()).collect().item())
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        reason = str(error).splitlines()[0]
        raise BrokenSourceError(f"{shown} can't be read as Parquet: {reason}") from None


def frame_rows(frame: pl.DataFrame, shown: str, before: int, limit: int) -> Iterator[Raw]:
    """Iterate over the rows of a frame that `before` rows precede."""
    for number, row in enumerate(frame.iter_rows(named=True), before + 1):
        size = sum(len(value) for value in row.values() if isinstance(value, str | bytes))
        if size > limit:
            detail = f"{size:,} characters; max_row_bytes is {limit:,}"
            yield Raw(f"{shown}:{number}", RowError("row_too_large", detail))
        else:
            yield Raw(f"{shown}:{number}", row)
