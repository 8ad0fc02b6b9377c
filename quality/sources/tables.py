"""Reads tables that carry their types: Parquet files and Hugging Face data sets."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from quality.sources.bytestreams import Advance
from quality.sources.faults import BrokenSourceError, MissingSourceError, RowError
from quality.sources.lines import Raw

if TYPE_CHECKING:
    from datasets import Dataset

_ROWS_AT_ONCE = 4_096


def read_parquet(path: Path, shown: str, limit: int, advance: Advance | None = None) -> Iterator[Raw]:
    """Iterate over the rows of a Parquet file, a few thousand in memory at a time.

    A row is named ``file:row`` from 1. Where the file turns out to be damaged, one quarantined row says so.
    """
    total = parquet_rows(path, shown)
    for start in range(0, total, _ROWS_AT_ONCE):
        try:
            frame = pl.scan_parquet(path, glob=False).slice(start, _ROWS_AT_ONCE).collect()
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError):
            detail = f"rows {start + 1:,} to {total:,} can't be read: the Parquet file is damaged"
            yield Raw(f"{shown}:{start + 1}", RowError("corrupt_file", detail))
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


def read_hub(dataset: "Dataset", shown: str, limit: int) -> Iterator[Raw]:
    """Iterate over the rows of a Hugging Face data set; pictures and sound are not decoded."""
    start = 0
    for table in dataset.with_format("arrow").iter(batch_size=_ROWS_AT_ONCE):
        frame = pl.DataFrame(table)
        yield from frame_rows(frame, shown, start, limit)
        start += frame.height


def open_hub(name: str, split: str | None, folder: Path) -> "Dataset":
    """Open a data set that save_to_disk wrote to `folder`, or else the hub's data set of that name.

    Raises
    ------
    MissingSourceError
        There is no such data set, or no such split, or there are several splits and none is named.
    BrokenSourceError
        The folder doesn't hold a data set.
    """
    from datasets import Dataset, load_dataset, load_from_disk

    try:
        found = load_from_disk(str(folder)) if folder.is_dir() else load_dataset(name)
    except Exception as error:
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        if folder.is_dir():
            raise BrokenSourceError(
                f"hub: {name} is a folder, but not one that save_to_disk wrote ({first}); for files use path:"
            ) from None
        raise MissingSourceError(
            f"the data set {name} can't be loaded ({first}); hub: takes a hub id or a folder that save_to_disk wrote"
        ) from None
    if isinstance(found, Dataset):
        if split is not None and str(found.split) != split:
            raise MissingSourceError(f"hub: {name} is one split, {found.split}, so it has no split {split}")
        return found
    return found[_chosen(list(found), name, split)]


def _chosen(splits: list[str], name: str, split: str | None) -> str:
    if split is None and len(splits) == 1:
        return splits[0]
    if split in splits:
        return str(split)
    asked = "none is named" if split is None else f"not {split}"
    raise MissingSourceError(f"hub: {name} has the splits {', '.join(splits)}, and {asked}: say which with split:")
