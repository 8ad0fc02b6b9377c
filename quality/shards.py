"""Shards of values by key on disk: written once, named by the digest of their bytes, and merged while they are small.

A damaged shard is noticed and passed over, two writers of the same values write the same file, and a kill leaves at
most a part that nothing reads and `quality.whole.sweep` removes. Every run adds a few values: of two small shards of
like size one is made, as in a log-structured merge tree, so that many small runs leave few files and no value is
copied often. A shard is removed only after another one that holds all of it lies there, so that whoever reads
meanwhile finds the one or the other.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import logging
import os
from itertools import pairwise
from typing import TYPE_CHECKING

import polars as pl

from quality.whole import part_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

logger = logging.getLogger(__name__)

# A small shard is merged with the next smaller one when it is less than this many times its size.
_LARGER = 2


def read_shards(folder: Path) -> Iterator[pl.DataFrame]:
    """Yield the sound shards, one at a time, those included that others are merged into meanwhile."""
    return (shard for _, shard in named_shards(folder, lambda _: True))


def named_shards(folder: Path, wanted: Callable[[Path], bool]) -> Iterator[tuple[Path, pl.DataFrame]]:
    """Yield shards as `read_shards`, each with its path, and read only those that are wanted.

    A path tells what a shard holds, which never changes: who has read it knows its keys. The folder tells by its time
    that it was asked, since not every disk keeps when a file was read.
    """
    with contextlib.suppress(OSError):
        os.utime(folder)
    read: set[Path] = set()
    while new := sorted(set(folder.glob("*.parquet")) - read):
        for path in new:
            if wanted(path) and (shard := _read(path)) is not None:
                yield path, shard
        read.update(new)


def write_shard(folder: Path, frame: pl.DataFrame) -> Path:
    """Write a shard whole or not at all: a column `key`, each key once, and those of its values.

    Raises
    ------
    OSError
        It can't be written.
    """
    buffer = io.BytesIO()
    frame.write_parquet(buffer, compression="uncompressed")
    content = buffer.getvalue()
    folder.mkdir(parents=True, exist_ok=True)
    with part_file(folder) as part:
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        return part.replace(folder / f"{_digest(content)}.parquet")


def merge_small(folder: Path, full: int) -> None:
    """Merge shards of fewer than `full` bytes, until each is at least twice as large as the next.

    Parameters
    ----------
    folder : Path
        Where the shards lie.
    full : int
        Shards of so many bytes stay as they are.

    Raises
    ------
    OSError
        A shard can't be written or removed.
    """
    passed_over: set[Path] = set()
    while pair := _of_like_size(set(folder.glob("*.parquet")) - passed_over, full):
        parts = {path: shard for path in pair if (shard := _read(path)) is not None}
        if len(parts) < len(pair):  # damaged, or merged by another process
            passed_over.update(set(pair) - set(parts))
            continue
        merged = write_shard(folder, pl.concat(parts.values()).unique("key", keep="first", maintain_order=True))
        for path in set(pair) - {merged}:  # it is one of the two where that one holds all of the other
            path.unlink(missing_ok=True)


def _of_like_size(shards: Iterable[Path], full: int) -> tuple[Path, Path] | None:
    """Find the smallest two that are to be merged, the larger one first."""
    sizes = sorted((size, path) for path in shards if (size := _size(path)) < full)
    for (smaller, one), (larger, other) in pairwise(sizes):
        if larger < _LARGER * smaller:
            return other, one
    return None


def _read(path: Path) -> pl.DataFrame | None:
    try:
        content = path.read_bytes()
        if _digest(content) != path.stem:
            raise OSError("its bytes do not match its name")
        return pl.read_parquet(io.BytesIO(content))
    except FileNotFoundError:  # it has been merged into another one
        return None
    except (OSError, pl.exceptions.PolarsError) as error:
        logger.warning("Shard %s is passed over (%s); what it held is computed again.", path, error)
        return None


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _digest(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=16).hexdigest()
