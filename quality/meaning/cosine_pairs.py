"""Pairs of rows whose vectors are close: exact and blockwise up to a size, by cells beyond it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from quality.meaning.cells import CELL_ROWS, Cells, cells_of
from quality.meaning.vector_bounds import Bounded
from quality.texts.ragged import ranges

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

COSINES = pl.Schema({"left": pl.UInt32(), "right": pl.UInt32(), "cosine": pl.Float32()})

# A tile of cosines: 1024 × 4096 float32 are 16 MB.
_TILE_ROWS, _TILE_COLUMNS = 1024, 4096

Progress = Callable[[int, int], None]


class Search(NamedTuple):
    """How hard to look: see `quality.meaning.semantic.Semantic`, whose fields these are."""

    neighbours: int = 16
    exact_rows: int = 100_000
    probes: int = 4
    seed: int = 0


DEFAULT = Search()


def close_pairs(
    vectors: Vectors,
    floor: float,
    search: Search = DEFAULT,
    progress: Progress | None = None,
) -> pl.DataFrame:
    """Pair each row with the closest rows before it.

    Parameters
    ----------
    vectors : (n, dim) float32
        Rows of length 1.
    floor : float
        Least cosine.
    search : Search
        At most `neighbours` rows are paired with each row. Up to `exact_rows` rows every cosine is computed; beyond,
        rows are compared that share one of the `probes` cells nearest to each, which is linear in n.
    progress : callable, optional
        Called with (rows done, rows in all).

    Returns
    -------
    pl.DataFrame
        `left, right, cosine` (schema `COSINES`), left < right, ascending by right, the closest first.
    """
    found = [pl.DataFrame(schema=COSINES)]
    few = len(vectors) <= max(search.exact_rows, 2 * CELL_ROWS)
    cells = Cells.one(len(vectors)) if few else cells_of(vectors, search.probes, search.seed)
    members = [rows for rows, _ in cells.members()]
    done, total = 0, sum(map(len, members))
    bounded = Bounded.of(vectors)
    for rows in members:
        part = bounded if len(rows) == len(vectors) else bounded.only(rows)
        for start in range(0, len(rows), _TILE_ROWS):
            left, right, cosine = _before(part, start, floor, search.neighbours)
            pairs = {"left": rows[left], "right": rows[right], "cosine": cosine}
            found.append(closest(pl.DataFrame(pairs).cast(COSINES), search.neighbours))
            done += min(_TILE_ROWS, len(rows) - start)
            if progress is not None:
                progress(done, total)
    return closest(pl.concat(found), search.neighbours)


def closest(pairs: pl.DataFrame, most: int) -> pl.DataFrame:
    """Keep the `most` closest rows before each row; a pair that shares several cells counts once."""
    ordered = pairs.sort("right", "cosine", "left", descending=[False, True, False])
    # The cosine of a pair may differ in the last digit from tile to tile.
    once = ordered.unique(["left", "right"], keep="first", maintain_order=True)
    return once.filter(pl.int_range(pl.len()).over("right") < most)


def _before(
    vectors: Bounded, start: int, floor: float, most: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    """Compare a run of rows with all rows before them: places and cosines, at most `most` per row and tile."""
    end = min(start + _TILE_ROWS, len(vectors.places))
    parts = [_above(vectors, slice(start, end), slice(at, min(at + _TILE_COLUMNS, end)), floor, most)
             for at in range(0, end, _TILE_COLUMNS)]  # fmt: skip
    right, left, cosine = (np.concatenate(part) for part in zip(*parts, strict=True))
    return left, right, cosine


def _above(
    vectors: Bounded, rows: slice, columns: slice, floor: float, most: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    """Pick the largest cosines of each row of a tile, among columns before the row."""
    row, column, cosine = vectors.before(rows, columns, floor)
    counts = np.bincount(row, minlength=rows.stop - rows.start)
    crowded = np.flatnonzero(counts > most)
    if len(crowded):
        # The hits alone, row by row, are mostly a small part of the tile.
        hit = np.full((len(crowded), counts.max()), -np.inf, cosine.dtype)
        starts = np.cumsum(counts) - counts
        hit[np.arange(hit.shape[1]) < counts[crowded][:, None]] = cosine[ranges(starts[crowded], counts[crowded])]
        least = np.full(len(counts), -np.inf, cosine.dtype)
        least[crowded] = np.partition(hit, -most, axis=1)[:, -most]
        stay = cosine >= least[row]
        row, column, cosine = row[stay], column[stay], cosine[stay]
    return row + rows.start, column + columns.start, cosine
