"""Pairs of documents that share a small bucket of the band index, and what came of comparing them.

In a small bucket every pair is compared, whoever else is present. So what is known of a pair holds in every later
run: it need not be gathered from the buckets again, as long as one of the buckets that the pair shares stays small.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from quality.lsh.buckets import unpack
from quality.lsh.remembered import codes_of

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Companions:
    """Pairs that are alike, and those not compared yet since one of them was absent.

    Attributes
    ----------
    codes : (n_pairs,) uint64
        The documents, the lower number first, see `quality.lsh.buckets.unpack`; ascending and distinct.
    buckets : (n_pairs,) uint32
        How many small buckets the pair shares, 1 or more.
    jaccard : (n_pairs,) float64
        Their similarity; NaN where they were not compared yet.
    """

    codes: NDArray[np.uint64]
    buckets: NDArray[np.uint32]
    jaccard: NDArray[np.float64]

    @classmethod
    def none(cls) -> Companions:
        """Begin."""
        return cls(np.empty(0, np.uint64), np.empty(0, np.uint32), np.empty(0, np.float64))

    def joined(self, codes: NDArray[np.uint64]) -> Companions:
        """Add new pairs, each as often as it shares a bucket, in any order."""
        if not len(codes):
            return self
        new, buckets = np.unique(codes, return_counts=True)
        every = np.concatenate([self.codes, new])
        order = np.argsort(every, kind="stable")
        return Companions(
            every[order],
            np.concatenate([self.buckets, buckets.astype(np.uint32)])[order],
            np.concatenate([self.jaccard, np.full(len(new), np.nan)])[order],
        )

    def parted(self, codes: NDArray[np.uint64]) -> Companions:
        """Forget buckets, given by the pairs that shared each, in any order; and the pairs that share no other."""
        if not len(codes) or not len(self.codes):
            return self
        wanted, counts = np.unique(codes, return_counts=True)
        at = np.minimum(np.searchsorted(self.codes, wanted), len(self.codes) - 1)
        known = self.codes[at] == wanted  # pairs found to be unlike are not held any more
        buckets = self.buckets.copy()
        buckets[at[known]] -= counts[known].astype(np.uint32)
        return replace(self, buckets=buckets)._only(buckets > 0)

    def compared(self, at: NDArray[np.int64], jaccard: NDArray[np.float64], threshold: float) -> Companions:
        """Fill in similarities at some places; pairs below the threshold are held no longer."""
        if not len(at):
            return self
        filled = self.jaccard.copy()
        filled[at] = jaccard
        return replace(self, jaccard=filled)._only(~(filled < threshold))

    def renamed(self, names: NDArray[np.int64]) -> Companions:
        """Give documents new numbers, which ascend as the old ones do; forget pairs of documents without (-1)."""
        left, right = (names[side] for side in unpack(self.codes))
        stay = (left >= 0) & (right >= 0)
        return replace(self._only(stay), codes=codes_of(left[stay], right[stay]))

    def _only(self, stay: NDArray[np.bool_]) -> Companions:
        return self if stay.all() else Companions(self.codes[stay], self.buckets[stay], self.jaccard[stay])
