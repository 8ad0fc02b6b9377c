"""Sorted arrays of numbers: each number once, and where many hashes stand in a table of hashes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

# Hashes lie evenly: the place is guessed from a hash's highest bits, and few guesses are off by more than some places.
_STEPS = 32
# Numbers looked up at a time: what is computed for them stays in a core's level-2 cache.
_BLOCK = 1 << 15


def distinct(values: NDArray[Any]) -> NDArray[Any]:
    """Sort numbers and keep each once. `np.unique` goes through a hash table, which is slower here."""
    ordered = np.sort(values, kind="stable")  # quick where the numbers come in sorted runs
    first = np.ones(len(ordered), np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    return ordered[first]


def places_of(wanted: NDArray[np.uint64], table: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Find each hash in a table.

    Parameters
    ----------
    wanted : (n,) uint64
        In any order.
    table : (m,) uint64
        Ascending and distinct.

    Returns
    -------
    (n,) int64
        Places in the table; -1 for hashes that are not in it.
    """
    if not len(table):
        return np.full(len(wanted), -1, np.int64)
    places = np.empty(len(wanted), np.int64)
    many = len(wanted) >= len(table) // 8  # searching for all at once is several times as fast then
    cells = _Cells(table) if many else None
    for start in range(0, len(wanted), _BLOCK):
        block = wanted[start : start + _BLOCK]
        at = np.searchsorted(table, block) if cells is None else cells.first_not_less(block)
        at = np.minimum(at, len(table) - 1)
        places[start : start + _BLOCK] = np.where(table[at] == block, at, -1)
    return places


class _Cells:
    """A table of hashes, and where those that begin with the same bits lie in it."""

    def __init__(self, table: NDArray[np.uint64]) -> None:
        bits = max(len(table).bit_length(), 1)
        self._table, self._shift = table, np.uint64(64 - bits)
        # Cell after cell, the place of its first number.
        self._starts = np.zeros((1 << bits) + 1, np.int32 if bits < 32 else np.int64)
        for start in range(0, len(table), _BLOCK):
            cells = self._cells_of(table[start : start + _BLOCK])
            counts = np.bincount(cells - cells[0])
            after = self._starts[cells[0] + 1 : cells[0] + 1 + len(counts)]
            np.add(after, counts, out=after, casting="same_kind")
        np.cumsum(self._starts, out=self._starts)

    def first_not_less(self, wanted: NDArray[np.uint64]) -> NDArray[np.int64]:
        """Find the place of the first number that is not less than each: (n,) int64, the table's length for none."""
        at = self._starts[self._cells_of(wanted)].astype(np.int64)
        pending = np.flatnonzero(self._less(at, wanted))
        for _ in range(_STEPS):
            if not len(pending):
                return at
            at[pending] += 1
            pending = pending[self._less(at[pending], wanted[pending])]
        at[pending] = np.searchsorted(self._table, wanted[pending])
        return at

    def _less(self, at: NDArray[np.int64], wanted: NDArray[np.uint64]) -> NDArray[np.bool_]:
        last = len(self._table) - 1
        less: NDArray[np.bool_] = (at <= last) & (self._table[np.minimum(at, last)] < wanted)
        return less

    def _cells_of(self, numbers: NDArray[np.uint64]) -> NDArray[np.int64]:
        return (numbers >> self._shift).astype(np.int64)
