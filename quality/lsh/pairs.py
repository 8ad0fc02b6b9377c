"""From buckets to verified pairs: every candidate pair in small buckets, kept leaders in large ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

from quality.lsh.buckets import SMALL_BUCKET, Buckets, unpack
from quality.lsh.star import drop
from quality.texts.sorted_numbers import distinct

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Rounds over the large buckets after the number of leaders has reached its limit.
_LAST_ROUNDS = 4


class Comparer(Protocol):
    """Who compares pairs of texts: `quality.lsh.jaccard.ShingleSets`, or one who remembers what it compared before."""

    def jaccard(
        self, left: NDArray[np.int64], right: NDArray[np.int64], threshold: float, threads: int
    ) -> NDArray[np.float64]:
        """Return the Jaccard similarity of each pair, or 0 where it is surely below the threshold."""


class VerifiedPairs:
    """Pairs of texts whose exact Jaccard similarity is at least a threshold, gathered bucket by bucket.

    Parameters
    ----------
    sets : Comparer
        Who compares.
    count : int
        Number of texts; text 0 has the highest priority.
    threshold : float
        Least Jaccard similarity.
    leaders : int
        Most texts of a large bucket that each of its texts is compared with.
    threads : int
        Worker threads.

    Attributes
    ----------
    codes : (n_pairs,) uint64
        The pairs found so far, see `quality.lsh.buckets.unpack`.
    jaccard : (n_pairs,) float64
        Their similarity.
    """

    def __init__(
        self,
        sets: Comparer,
        count: int,
        *,
        threshold: float,
        leaders: int,
        threads: int,
    ) -> None:
        self._sets, self._count = sets, count
        self._threshold, self._leaders, self._threads = threshold, leaders, threads
        self._seen = np.empty(0, np.uint64)
        self.codes = np.empty(0, np.uint64)
        self.jaccard = np.empty(0, np.float64)
        self._kept, self._judged = np.ones(count, np.bool_), 0

    def take(self, codes: NDArray[np.uint64], jaccard: NDArray[np.float64]) -> None:
        """Begin with pairs that are known to be alike; they are not compared again.

        Parameters
        ----------
        codes : (n_pairs,) uint64
            See `quality.lsh.buckets.unpack`; ascending and distinct.
        jaccard : (n_pairs,) float64
            Their similarity, at least the threshold.
        """
        self._seen, self.codes, self.jaccard = codes, codes, jaccard

    def search(self, buckets: Buckets) -> NDArray[np.int64]:
        """Compare the texts of each bucket.

        In a bucket of more than `SMALL_BUCKET` texts only kept ones are compared, each with the first of
        them: 1, then 2, 4 … up to `leaders`, looking anew each time who is kept, until nothing new is found.

        Returns
        -------
        (n,) int64
            Kept texts in buckets so crowded with others kept that they weren't compared with all of them.
        """
        small = buckets.sizes <= SMALL_BUCKET
        self._verify(buckets.select(small).pairs(SMALL_BUCKET))
        large = buckets.select(~small)
        if not len(large.sizes):
            return np.empty(0, np.int64)
        for width in self._widths():
            open_ = large.among(self.kept())
            if not self._verify(open_.pairs(width)) and (width == self._leaders or not len(open_.sizes)):
                break
        open_ = large.among(self.kept())
        return distinct(open_.select(open_.sizes > self._leaders + 1).members)

    def kept(self) -> NDArray[np.bool_]:
        """Mark the texts that the greedy star keeps: (n_texts,) bool."""
        if len(self.codes) > self._judged:
            left, right = unpack(self.codes)
            order = np.argsort(right)
            self._kept, self._judged = ~drop(left[order], right[order], self._count), len(self.codes)
        return self._kept

    def _verify(self, candidates: NDArray[np.uint64]) -> int:
        """Compare those candidates not seen before; return how many these were."""
        fresh = np.setdiff1d(candidates, self._seen, assume_unique=True)
        jaccard = self._sets.jaccard(*unpack(fresh), self._threshold, self._threads)
        alike = jaccard >= self._threshold
        self._seen = np.sort(np.concatenate([self._seen, fresh]), kind="stable")  # both are sorted already
        self.codes = np.concatenate([self.codes, fresh[alike]])
        self.jaccard = np.concatenate([self.jaccard, jaccard[alike]])
        return len(fresh)

    def _widths(self) -> list[int]:
        """Double the number of leaders from 1: most large buckets are one cluster and need one leader."""
        growing = [1 << power for power in range(self._leaders.bit_length()) if 1 << power < self._leaders]
        return growing + [self._leaders] * _LAST_ROUNDS
