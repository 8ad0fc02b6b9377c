"""Reads Hugging Face data sets: from the hub by id, or from a folder that `save_to_disk` wrote.

Code that comes with a data set is never run (`datasets` itself has given that up).
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from quality.sources.bytestreams import Advance
from quality.sources.faults import BrokenSourceError, MissingSourceError
from quality.sources.lines import Raw
from quality.sources.tables import ROWS_AT_ONCE, frame_rows

if TYPE_CHECKING:
    from datasets import Dataset


def saved_split(folder: Path, split: str | None, shown: str) -> Path:
    """Find the folder of one split inside a folder that `save_to_disk` wrote.

    Raises
    ------
    BrokenSourceError
        The folder doesn't hold a saved data set.
    MissingSourceError
        It has no such split, or several splits and none is named.
    """
    if (folder / "dataset_dict.json").is_file():
        splits = _described(folder / "dataset_dict.json", "splits", shown)
        folder = folder / chosen_split(splits, split, shown)
        split = None
    saved = [file["filename"] for file in _described(folder / "state.json", "_data_files", shown)]
    lost = [name for name in saved if not (folder / name).is_file()]
    if lost:
        raise BrokenSourceError(f"hub: {shown} is incomplete: {', '.join(lost)} is missing from {folder.name}")
    if split is not None:
        raise MissingSourceError(f"hub: {shown} was saved as a single split: leave split: out")
    return folder


def _described(path: Path, key: str, shown: str) -> list[Any]:
    """Return one list of what `save_to_disk` wrote about a data set."""
    try:
        return list(json.loads(path.read_bytes())[key])
    except (OSError, ValueError, KeyError, TypeError):
        raise BrokenSourceError(
            f"hub: {shown} is a folder, but not one that save_to_disk wrote; for a folder of files use path:"
        ) from None


def chosen_split(splits: list[str], split: str | None, shown: str) -> str:
    """Return the split to read: the one that is named, or the only one."""
    if split is None and len(splits) == 1:
        return splits[0]
    if split is not None and split in splits:
        return split
    asked = "none is named" if split is None else f"not {split}"
    raise MissingSourceError(f"hub: {shown} has the splits {', '.join(splits)}, and {asked}: say which with split:")


def open_saved(folder: Path, shown: str) -> "Dataset":
    """Open one split from its folder."""
    from datasets import load_from_disk

    try:
        return load_from_disk(str(folder))
    except Exception as error:
        raise BrokenSourceError(f"hub: {shown} can't be opened: {_first_line(error)}") from None


def open_hub(name: str, split: str | None) -> "Dataset":
    """Open a data set of the hub.

    Raises
    ------
    MissingSourceError
        It can't be loaded, has no such split, or has several splits and none is named.
    """
    from datasets import load_dataset

    try:
        found = load_dataset(name)
    except Exception as error:
        raise MissingSourceError(
            f"the data set {name} can't be loaded ({_first_line(error)}); hub: takes a hub id, or a folder "
            "that save_to_disk wrote"
        ) from None
    return found[chosen_split(list(found), split, name)]


def dataset_files(dataset: "Dataset") -> tuple[Path, ...]:
    """List the files a data set is read from."""
    return tuple(sorted({Path(file["filename"]) for file in dataset.cache_files}))


def dataset_rows(dataset: "Dataset", shown: str, limit: int, advance: Advance | None) -> Iterator[Raw]:
    """Iterate over the rows of a data set; pictures and sound are not decoded."""
    start = 0
    for table in dataset.with_format("arrow").iter(batch_size=ROWS_AT_ONCE):
        frame = pl.DataFrame(table)
        yield from frame_rows(frame, shown, start, limit)
        start += frame.height
    if advance is not None:
        advance(sum(file.stat().st_size for file in dataset_files(dataset)))


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
