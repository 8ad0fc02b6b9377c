"""The heavy loops of the near-duplicate search, compiled: what `quality.lsh.kernel_numpy` does, bit for bit.

Loops over plain integers, compiled once per machine and kept beside this file (or in `NUMBA_CACHE_DIR`). They let go
of the interpreter lock, so that threads run them side by side.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

from quality.lsh.kernel_numpy import BYTE_WEIGHT

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

_WEIGHT = np.uint64(BYTE_WEIGHT)


def _compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function for whatever types it is called with, once per machine where something can be written."""
    try:
        compiled: Callable[..., Any] = njit(nogil=True, cache=True)(function)
    except RuntimeError:  # numba finds no folder to keep it in
        compiled = njit(nogil=True)(function)
    return compiled


def hash_words(codes: bytes, ends: NDArray[np.int64]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Hash the words of texts, see `quality.lsh.kernel_numpy.hash_words`."""
    counts = np.zeros(len(ends), np.int64)
    hashes = np.empty(len(codes) // 2 + 1, np.uint64)
    found = _hash_words(np.frombuffer(codes, np.uint8), ends, hashes, counts)
    return hashes[:found], counts


def minima(
    values: NDArray[np.uint64],
    starts: NDArray[np.int64],
    lengths: NDArray[np.int64],
    factors: NDArray[np.uint32],
    shifts: NDArray[np.uint32],
) -> NDArray[np.uint32]:
    """Find each text's least value under each permutation, see `quality.lsh.kernel_numpy.minima`."""
    least = np.empty((len(factors), len(starts)), np.uint32)
    _minima(values, starts, lengths, factors, shifts, least)
    return least


def count_shared(
    values: NDArray[np.uint64], offsets: NDArray[np.int64], left: NDArray[np.int64], right: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Count what the two sets of each pair have in common, see `quality.lsh.kernel_numpy.count_shared`."""
    shared = np.empty(len(left), np.int64)
    _count_shared(values, offsets, left, right, shared)
    return shared


@_compiled
def _hash_words(
    codes: NDArray[np.uint8], ends: NDArray[np.int64], hashes: NDArray[np.uint64], counts: NDArray[np.int64]
) -> int:
    found = 0
    place = 0
    for text in range(len(ends)):
        before = found
        while place < ends[text]:
            if codes[place] == 0:
                place += 1
                continue
            total = np.uint64(0)
            power = np.uint64(1)
            while place < ends[text] and codes[place] != 0:
                total += np.uint64(codes[place]) * power
                power *= _WEIGHT
                place += 1
            hashes[found] = total
            found += 1
        counts[text] = found - before
    return found


@_compiled
def _minima(
    values: NDArray[np.uint64],
    starts: NDArray[np.int64],
    lengths: NDArray[np.int64],
    factors: NDArray[np.uint32],
    shifts: NDArray[np.uint32],
    least: NDArray[np.uint32],
) -> None:
    row = np.empty(len(factors), np.uint32)
    for text in range(len(starts)):
        row[:] = np.uint32(0xFFFFFFFF)
        for place in range(starts[text], starts[text] + lengths[text]):
            value = np.uint32(values[place] >> np.uint64(32))
            # The inner loop runs over permutations, whose number is the same for every text: it fills the lanes.
            for k in range(len(factors)):
                permuted = np.uint32(np.uint32(value * factors[k]) + shifts[k])
                row[k] = min(row[k], permuted)
        least[:, text] = row


@_compiled
def _count_shared(
    values: NDArray[np.uint64],
    offsets: NDArray[np.int64],
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    shared: NDArray[np.int64],
) -> None:
    for pair in range(len(left)):
        i, j = offsets[left[pair]], offsets[right[pair]]
        i_end, j_end = offsets[left[pair] + 1], offsets[right[pair] + 1]
        count = 0
        # Steps without a branch: which of the two is less can't be foretold.
        while i < i_end and j < j_end:
            a, b = values[i], values[j]
            count += a == b
            i += a <= b
            j += b <= a
        shared[pair] = count
