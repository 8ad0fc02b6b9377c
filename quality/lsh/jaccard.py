"""Exact Jaccard similarity of many pairs of shingle sets at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from quality.lsh import kernel_numpy
from quality.lsh.kernel_numpy import OWNER_BITS, OWNERS, SHINGLE_BITS
from quality.side_by_side import side_by_side
from quality.texts.ragged import runs
from quality.texts.sorted_numbers import distinct

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from quality.lsh.kernels import Kernel
    from quality.lsh.shingles import Shingles

# Sets hold 52 of a shingle's 64 bits. Two different shingles of a pair agree in them with probability 2e-16: for two
# texts of 100 shingles, a count that is off by one has probability 2e-12.
_SHINGLE_MASK = (np.uint64(1) << SHINGLE_BITS) - np.uint64(1)
# Shingles sorted at a time: bounds memory when texts are long.
_CHUNK_SHINGLES = 1 << 19


class ShingleSets:
    """The distinct shingles of some texts, prepared for comparing pairs of them.

    Parameters
    ----------
    count : int
        Number of all texts, numbered from 0.
    kernel : Kernel
        Who counts; it makes no difference to the result.
    """

    def __init__(self, count: int, kernel: Kernel = kernel_numpy) -> None:
        self._kernel = kernel
        self._place = np.full(count, -1, np.int64)
        self._values = np.empty(0, np.uint64)
        self._offsets = np.zeros(1, np.int64)

    def lacking(self, texts: NDArray[np.int64]) -> NDArray[np.int64]:
        """List which of these texts were not added yet, ascending and distinct."""
        once: NDArray[np.int64] = distinct(texts)
        lacking: NDArray[np.int64] = once[self._place[once] < 0]
        return lacking

    def add(self, shingles: Shingles, chosen: NDArray[np.int64], texts: NDArray[np.int64]) -> None:
        """Take in some texts.

        Parameters
        ----------
        shingles : Shingles
            These texts, and perhaps others.
        chosen, texts : (n,) int64
            Their places in `shingles`, and the numbers by which they are compared.
        """
        self._place[texts] = len(self._offsets) - 1 + np.arange(len(texts))
        values, sizes = [self._values], [np.diff(self._offsets, prepend=0)]
        for chunk in _chunks(shingles.lengths[chosen]):
            part, counts = _distinct(shingles, chosen[chunk])
            values.append(part)
            sizes.append(counts)
        self._values = np.concatenate(values)
        self._offsets = np.cumsum(np.concatenate(sizes))

    def jaccard(
        self, left: NDArray[np.int64], right: NDArray[np.int64], threshold: float, threads: int
    ) -> NDArray[np.float64]:
        """Compare pairs of texts, all of which were added.

        Returns
        -------
        (n_pairs,) float64
            |A ∩ B| / |A ∪ B|. Where the sizes alone show that it is below `threshold`, 0.
        """
        a, b = self._place[left], self._place[right]
        sizes = np.diff(self._offsets)
        small, large = np.minimum(sizes[a], sizes[b]), np.maximum(sizes[a], sizes[b])
        possible = np.flatnonzero(small / large >= threshold)
        a, b, total = a[possible], b[possible], (small + large)[possible]
        shared = np.zeros(len(possible), np.int64)

        def count(chunk: slice) -> None:
            shared[chunk] = self._kernel.count_shared(self._values, self._offsets, a[chunk], b[chunk])

        side_by_side(count, _chunks(total), threads)
        result = np.zeros(len(left), np.float64)
        result[possible] = shared / (total - shared)
        return result


def _distinct(shingles: Shingles, texts: NDArray[np.int64]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Reduce at most `OWNERS` texts to their distinct shingles, 52 bits each, and count them."""
    part = shingles.take(texts)
    owners = np.arange(len(part), dtype=np.uint64) << SHINGLE_BITS
    keyed = part.gathered() >> np.uint64(OWNER_BITS)
    keyed |= np.repeat(owners, part.lengths)
    keyed.sort()
    keyed = keyed[np.flatnonzero(np.diff(keyed, prepend=~keyed[:1]))]
    counts = np.bincount((keyed >> SHINGLE_BITS).astype(np.int64), minlength=len(part))
    return keyed & _SHINGLE_MASK, counts


def _chunks(sizes: NDArray[np.int64]) -> Iterator[slice]:
    """Cut items into runs of at most `OWNERS` items and about `_CHUNK_SHINGLES` shingles."""
    for start, end in runs(sizes, _CHUNK_SHINGLES):
        for first in range(start, end, OWNERS):
            yield slice(first, min(first + OWNERS, end))
