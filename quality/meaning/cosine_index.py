"""All pairs of rows whose cosine reaches a floor, of a pool that was seen before but for some rows.

A cosine depends on two vectors alone. So the pairs of one run are kept, each vector known again by a hash of its bytes,
and only new rows are compared with all; rows that are gone take their pairs with them. The result is that of comparing
everything, in every bit: a cosine is told by one way to multiply, whatever tile of a product it was noticed in.

In a large pool rows are compared that share a cell (`quality.meaning.cells`). Then the cells of each row are kept as
well, and a row that is new to a cell is compared with those in it. So it doesn't matter that new rows move some cells.

In a pool of templates nearly every row is close to every other. Where there are more pairs than are worth keeping, the
whole pool decides that, too: nothing is told, and `quality.meaning.cosine_pairs` finds the closest of each row alone.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import polars as pl
import xxhash

from quality.lsh.basis import basis, named_by
from quality.lsh.kept_state import KeptState
from quality.meaning.cells import Cells, in_both
from quality.meaning.cosine_pairs import COSINES
from quality.meaning.vector_bounds import Bounded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from quality.lsh.index_files import Arrays
    from quality.meaning.cosine_pairs import Progress, Vectors

_TILE_ROWS, _TILE_COLUMNS = 1024, 4096
_MOST_PAIRS = 32  # for each row; more are a crowd
_MARGIN = 1e-4  # how far two ways to multiply the same vectors are apart at most
# Whatever decides a pair, or how pairs are written down.
_BASIS = ("lsh.index_files", "lsh.kept_state", "meaning.cells", "meaning.cosine_index", "meaning.vector_bounds")


class _Found(NamedTuple):
    """Pairs of places, `one` < `other`: (n_pairs,) int64, int64 and float32."""

    one: NDArray[np.int64]
    other: NDArray[np.int64]
    cosine: NDArray[np.float32]

    def only(self, which: NDArray[Any]) -> _Found:
        """Choose pairs, by their places or by a mask."""
        return _Found(self.one[which], self.other[which], self.cosine[which])


_NONE = _Found(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.float32))


class _Kept(NamedTuple):
    """What an earlier run left: of its rows keys, (n, 2) uint64, and cells, and pairs of places among these."""

    keys: NDArray[np.uint64]
    cells: Cells
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

    def pairs(
        self, vectors: Vectors, floor: float, progress: Progress | None = None, cells: Cells | None = None
    ) -> pl.DataFrame | None:
        """Find all pairs at `floor` or above.

        Parameters
        ----------
        vectors : (n, dim) float32
            Rows of length 1.
        floor : float
            Least cosine.
        progress : callable, optional
            Called with (rows done, rows in all).
        cells : Cells, optional
            Who is compared with whom. Default: all with all.

        Returns
        -------
        pl.DataFrame, or None
            `left, right, cosine` (schema `COSINES`), left < right, ascending by right, the closest first. None where
            there are more than 32 pairs for each row.
        """
        state = KeptState(self.folder / _name(floor, vectors.shape[1], 0 if cells is None else cells.names.shape[1]))
        cells = Cells.one(len(vectors)) if cells is None else cells
        keys, before = _keys(vectors), state.load(_read) or _Kept(np.empty((0, 2), np.uint64), Cells.one(0), _NONE)
        known, was = _known_again(keys, before.keys)
        seen = _Seen.of(cells, known, before.cells, was)
        found = _compared(Bounded.of(vectors), cells, seen, floor, progress)
        stayed = _placed(before.pairs, known, was, len(before.keys))
        stayed = stayed.only(cells.meet(stayed.one, stayed.other))
        if found is None or len((both := _distinct([stayed, found])).one) > _MOST_PAIRS * len(vectors):
            return None
        if not seen.inside.all() or len(before.keys) > len(known):
            state.keep(_arrays(_Kept(keys, cells, both)))
        told = pl.DataFrame({"left": both.one, "right": both.other, "cosine": both.cosine}).cast(COSINES)
        return told.sort("right", "cosine", "left", descending=[False, True, False])


class _Seen(NamedTuple):
    """What was compared before: rows that were there, memberships of cells that were so, and hubs that were some."""

    rows: NDArray[np.bool_]
    inside: NDArray[np.bool_]
    hubs: NDArray[np.bool_]

    @classmethod
    def of(cls, cells: Cells, known: NDArray[np.int64], before: Cells, was: NDArray[np.int64]) -> _Seen:
        """Compare the cells of rows with what they were; row `known[i]` stood at `was[i]`."""
        rows, inside = np.zeros(len(cells.names), np.bool_), np.zeros(cells.names.shape, np.bool_)
        rows[known] = True
        inside[known] = in_both(cells.names[known], before.names[was])
        return cls(rows, inside, np.isin(cells.hubs, known[np.isin(was, before.hubs)]))


def _compared(rows: Bounded, cells: Cells, seen: _Seen, floor: float, progress: Progress | None) -> _Found | None:
    """Compare what was not compared before; None where there are too many pairs."""
    new = cells.hubs[~seen.hubs]
    found = _Gathered(rows, floor, int((~seen.inside).sum()) + len(new), progress)
    for members, probe in cells.members():
        stayed = seen.inside[members, probe]
        found.take(members[stayed], members[~stayed])
    found.take(np.setdiff1d(np.arange(len(rows.places)), new), new)
    found.take(cells.hubs[seen.hubs], np.flatnonzero(~seen.rows), among_new=False)
    return None if found.crowded else _distinct(found.parts)


class _Gathered:
    """Pairs that are found; too many are not held: rows that share two cells are found twice."""

    def __init__(self, rows: Bounded, floor: float, total: int, progress: Progress | None) -> None:
        self.parts: list[_Found] = []
        self.crowded = False
        self._rows, self._floor, self._progress = rows, floor, progress
        self._held, self._done, self._total = 0, 0, total

    def take(self, old: NDArray[np.int64], new: NDArray[np.int64], *, among_new: bool = True) -> None:
        """Compare new rows with old ones and, if wanted, among each other."""
        if self.crowded or not len(new) or not (among_new or len(old)):
            return
        places = np.concatenate([old, new])
        for part, done in _tiles(self._rows.only(places), len(old), self._floor, among_new=among_new):
            if self._crowded_by(_ordered(places[part.one], places[part.other], part.cosine)):
                return
            if done and among_new and self._progress is not None:
                self._done += done
                self._progress(self._done, self._total)

    def _crowded_by(self, part: _Found) -> bool:
        most = _MOST_PAIRS * len(self._rows.places)
        self.parts.append(part)
        self._held += len(part.one)
        if self._held > 2 * most:
            self.parts = [_distinct(self.parts)]
            self._held = len(self.parts[0].one)
            self.crowded = self._held > most
        return self.crowded


def _tiles(rows: Bounded, start: int, floor: float, *, among_new: bool) -> Iterator[tuple[_Found, int]]:
    """Compare the rows from `start` on with all before them, or with those before `start` alone.

    Beside each tile's pairs stands how many rows are done with it.
    """
    total = len(rows.places)
    for first in range(start, total, _TILE_ROWS):
        here = slice(first, min(first + _TILE_ROWS, total))
        end = here.stop if among_new else start
        for begin in range(0, end, _TILE_COLUMNS):
            there = slice(begin, min(begin + _TILE_COLUMNS, end))
            one, other, _ = rows.before(here, there, floor - _MARGIN)
            cosine = rows.cosines(one + first, other + begin)
            reach = cosine >= np.float32(floor)
            part = _Found(other[reach] + begin, one[reach] + first, cosine[reach])
            yield part, here.stop - first if there.stop == end else 0


def _ordered(one: NDArray[np.int64], other: NDArray[np.int64], cosine: NDArray[np.float32]) -> _Found:
    return _Found(np.minimum(one, other), np.maximum(one, other), cosine)


def _distinct(parts: list[_Found]) -> _Found:
    """Join pairs, each once: a cosine is the same wherever it is found."""
    pairs = _joined(parts)
    _, firsts = np.unique((pairs.one << 32) | pairs.other, return_index=True)
    return pairs.only(firsts)


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


def _placed(pairs: _Found, known: NDArray[np.int64], was: NDArray[np.int64], count: int) -> _Found:
    """Rename the pairs of rows that stayed: the row that stood at `was[i]` stands at `known[i]`."""
    names = np.full(count, -1, np.int64)
    names[was] = known
    one, other = names[pairs.one], names[pairs.other]
    return _ordered(one, other, pairs.cosine).only((one >= 0) & (other >= 0))


def _read(arrays: Arrays, _: object) -> _Kept:
    pairs = _Found(*(arrays[part] for part in _Found._fields))
    cells = Cells(*(arrays[part] for part in Cells._fields))
    return _Kept(
        arrays["keys"],
        cells._replace(hubs=cells.hubs.astype(np.int64)),
        pairs._replace(one=pairs.one.astype(np.int64), other=pairs.other.astype(np.int64)),
    )


def _arrays(kept: _Kept) -> Arrays:
    arrays = {"keys": kept.keys, **kept.cells._asdict(), **kept.pairs._asdict()}
    return arrays | {name: arrays[name].astype(np.uint32) for name in ("one", "other", "hubs", "numbers")}


def _name(floor: float, width: int, probes: int) -> str:
    return named_by(floor, width, probes, basis=basis(_BASIS, ("numpy",)))
