"""All pairs of rows whose cosine reaches a floor, of a pool that was seen before but for some rows.

A cosine depends on two vectors alone. So the pairs of one run are kept, each vector known again by a hash of its bytes,
and only new rows are compared with all; rows that are gone take their pairs with them. The result is that of comparing
everything, in every bit: a cosine is told by one way to multiply, whatever tile of a product it was noticed in.

In a pool of templates nearly every row is close to every other. Where there are more pairs than are worth keeping, the
whole pool decides that, too: nothing is told, and `quality.meaning.cosine_pairs` finds the closest of each row alone.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl
import xxhash

from quality.lsh.basis import basis, named_by
from quality.lsh.kept_state import KeptState
from quality.meaning.cosine_pairs import COSINES
from quality.meaning.vector_bounds import Bounded, products

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quality.lsh.index_files import Arrays
    from quality.meaning.cosine_pairs import Progress, Vectors

_TILE_ROWS, _TILE_COLUMNS = 1024, 4096
_MOST_PAIRS = 32  # for each row; more are a crowd
_MARGIN = 1e-4  # how far two ways to multiply the same vectors are apart at most
# Whatever decides a pair, or how pairs are written down.
_BASIS = ("lsh.index_files", "lsh.kept_state", "meaning.cosine_index", "meaning.vector_bounds")


class _Found(NamedTuple):
    """Pairs of places, `one` < `other`: (n_pairs,) int64, int64 and float32."""

    one: NDArray[np.int64]
    other: NDArray[np.int64]
    cosine: NDArray[np.float32]


_NONE = _Found(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.float32))


class _Kept(NamedTuple):
    """What an earlier run left: keys of its rows, (n, 2) uint64, and pairs of places among these."""

    keys: NDArray[np.uint64]
    pairs: _Found


class CosineIndex:
    """Pairs of the pool before, under one folder, which may be removed at any time.

    What is damaged, or was written by other code, is computed anew; if nothing can be written, nothing is kept. Two
    processes may use it at once.

    Parameters
    ----------
    folder : Path
        Made when something is written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def pairs(self, vectors: Vectors, floor: float, progress: Progress | None = None) -> pl.DataFrame | None:
        """Find all pairs at `floor` or above.

        Parameters
        ----------
        vectors : (n, dim) float32
            Rows of length 1.
        floor : float
            Least cosine.
        progress : callable, optional
            Called with (rows done, rows in all).

        Returns
        -------
        pl.DataFrame, or None
            `left, right, cosine` (schema `COSINES`), left < right, ascending by right, the closest first. None where
            there are more than 32 pairs for each row.
        """
        state = KeptState(self.folder / _name(floor, vectors.shape[1]))
        keys, before = _keys(vectors), state.load(_read) or _Kept(np.empty((0, 2), np.uint64), _NONE)
        known, was = _known_again(keys, before.keys)
        order = np.concatenate([known, np.setdiff1d(np.arange(len(vectors)), known)])
        rows = Bounded.of(vectors)
        found = _compared(rows.only(order) if len(known) else rows, len(known), floor, progress)
        most = _MOST_PAIRS * len(vectors)
        stayed = _placed(before.pairs, was, len(before.keys))
        if found is None or len(found.one) + len(stayed.one) > most:
            return None
        both = _joined([stayed, found])
        left, right = np.sort(order[np.stack(both[:2])], axis=0)
        if len(known) < len(vectors) or len(before.keys) > len(known):
            state.keep(_arrays(_Kept(keys, _Found(left, right, both.cosine))))
        told = pl.DataFrame({"left": left, "right": right, "cosine": both.cosine}).cast(COSINES)
        return told.sort("right", "cosine", "left", descending=[False, True, False])


def _compared(rows: Bounded, start: int, floor: float, progress: Progress | None) -> _Found | None:
    """Compare the rows from `start` on with all before them; None where there are too many pairs."""
    total, parts, count = len(rows.whole), [], 0
    for first in range(start, total, _TILE_ROWS):
        here = slice(first, min(first + _TILE_ROWS, total))
        for begin in range(0, here.stop, _TILE_COLUMNS):
            there = slice(begin, min(begin + _TILE_COLUMNS, here.stop))
            one, other, _ = rows.before(here, there, floor - _MARGIN)
            cosine = products(rows.whole[here], rows.whole[there], one, other)
            reach = cosine >= np.float32(floor)
            parts.append(_Found(other[reach] + begin, one[reach] + first, cosine[reach]))
            count += len(parts[-1].one)
            if count > _MOST_PAIRS * total:
                return None
        if progress is not None:
            progress(here.stop, total)
    return _joined(parts)


def _joined(parts: list[_Found]) -> _Found:
    one, other, cosine = zip(_NONE, *parts, strict=True)
    return _Found(np.concatenate(one), np.concatenate(other), np.concatenate(cosine))


def _keys(vectors: Vectors) -> NDArray[np.uint64]:
    """Hash each row's bytes: (n, 2) uint64."""
    flat = np.ascontiguousarray(vectors)
    told = b"".join(xxhash.xxh3_128_digest(row.data) for row in flat)
    return np.frombuffer(told, np.uint64).reshape(-1, 2)


def _known_again(keys: NDArray[np.uint64], before: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Find rows that were there before, and where they stood: places in either; those that stand twice are none."""
    now, then = (
        pl.DataFrame({"one": which[:, 0], "other": which[:, 1]}).with_row_index(name)
        .filter(pl.struct("one", "other").is_unique())
        for which, name in ((keys, "now"), (before, "then"))
    )  # fmt: skip
    both = now.join(then, on=["one", "other"], how="inner", maintain_order="left")
    return both["now"].to_numpy().astype(np.int64), both["then"].to_numpy().astype(np.int64)


def _placed(pairs: _Found, was: NDArray[np.int64], count: int) -> _Found:
    """Rename the pairs of rows that stayed: the row that stood at `was[i]` is called i."""
    names = np.full(count, -1, np.int64)
    names[was] = np.arange(len(was))
    one, other = names[pairs.one], names[pairs.other]
    stays = (one >= 0) & (other >= 0)
    return _Found(one[stays], other[stays], pairs.cosine[stays])


def _read(arrays: Arrays, _: object) -> _Kept:
    pairs = _Found(*(arrays[part] for part in _Found._fields))
    return _Kept(arrays["keys"], pairs._replace(one=pairs.one.astype(np.int64), other=pairs.other.astype(np.int64)))


def _arrays(kept: _Kept) -> Arrays:
    arrays = {"keys": kept.keys, **kept.pairs._asdict()}
    return arrays | {side: arrays[side].astype(np.uint32) for side in ("one", "other")}


def _name(floor: float, width: int) -> str:
    return named_by(floor, width, basis=basis(_BASIS, ("numpy",)))
