"""From buckets to verified pairs: every candidate pair in small buckets, kept leaders in large ones."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from quality.buckets import Buckets, unpack
from quality.jaccard import ShingleSets
from quality.star import drop

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quality.shingles import Shingles

logger = logging.getLogger(__name__)

# Buckets up to this size are compared pair by pair. In larger ones, dropped texts are passed over, so that
# 20,000 near-identical texts cost some 20,000 comparisons and not 200 million.
_SMALL_BUCKET = 16
# Rounds over the large buckets after the number of leaders has reached its limit.
_LAST_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of texts with their exact Jaccard similarity.

    Attributes
    ----------
    codes : (n_pairs,) uint64
        The two texts, see `quality.buckets.unpack`.
    jaccard : (n_pairs,) float64
    """

    codes: NDArray[np.uint64]
    jaccard: NDArray[np.float64]

    def plus(self, other: Pairs) -> Pairs:
        """Put two lists of pairs together."""
        codes = np.concatenate([self.codes, other.codes])
        return Pairs(codes, np.concatenate([self.jaccard, other.jaccard]))

    def kept(self, size: int) -> NDArray[np.bool_]:
        """Mark which of `size` texts the greedy star keeps: (size,) bool."""
        left, right = unpack(self.codes)
        order = np.argsort(right)
        return ~drop(left[order], right[order], size)


def verified_pairs(
    shingles: Shingles, buckets: Buckets, *, threshold: float, leaders: int, threads: int
) -> Pairs:
    """Find the pairs of candidates whose exact Jaccard similarity is at least the threshold.

    In a bucket of more than `_SMALL_BUCKET` texts only kept ones are compared, each with the first of them:
    1, then 2, 4 … up to `leaders`, choosing anew who is kept each time, until nothing new is found.

    Parameters
    ----------
    shingles : Shingles
        The texts, highest priority first.
    buckets : Buckets
        Their candidates.
    threshold : float
        Least Jaccard similarity.
    leaders : int
        Most texts of a large bucket that each of its texts is compared with.
    threads : int
        Worker threads.
    """
    sets = ShingleSets(shingles, np.unique(buckets.members))
    small = buckets.sizes <= _SMALL_BUCKET
    large = buckets.select(~small)
    seen = buckets.select(small).pairs(_SMALL_BUCKET)
    found = _verify(sets, seen, threshold, threads)
    for width in _widths(leaders):
        open_ = large.among(found.kept(len(shingles)))
        fresh = np.setdiff1d(open_.pairs(width), seen, assume_unique=True)
        if not len(fresh) and (width == leaders or not len(open_.sizes)):
            break
        found = found.plus(_verify(sets, fresh, threshold, threads))
        seen = np.union1d(seen, fresh)
    _report_unseen(large.among(found.kept(len(shingles))), leaders)
    return found


def _verify(sets: ShingleSets, codes: NDArray[np.uint64], threshold: float, threads: int) -> Pairs:
    jaccard = sets.jaccard(*unpack(codes), threshold, threads)
    alike = jaccard >= threshold
    return Pairs(codes[alike], jaccard[alike])


def _widths(leaders: int) -> list[int]:
    """Double the number of leaders from 1: most large buckets are one cluster and need one leader."""
    growing = [1 << power for power in range(leaders.bit_length()) if 1 << power < leaders]
    return growing + [leaders] * _LAST_ROUNDS


def _report_unseen(open_: Buckets, leaders: int) -> None:
    """Say how many kept texts share a bucket with more kept texts than they were compared with."""
    crowded = open_.select(open_.sizes > leaders + 1)
    if len(crowded.members):
        logger.warning(
            "%d kept texts share a bucket with more than %d others that aren't near-duplicates of each other "
            "and were compared with the first %d only; raise `leaders` to compare more.",
            len(np.unique(crowded.members)),
            leaders,
            leaders,
        )
