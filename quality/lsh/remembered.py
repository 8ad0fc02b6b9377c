"""Pairs of documents compared in earlier runs, so that none is compared twice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from quality.lsh.buckets import unpack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from quality.lsh.jaccard import ShingleSets

_HALF = np.uint64(32)


@dataclass(frozen=True, slots=True)
class Comparisons:
    """What came of comparing pairs of documents.

    Attributes
    ----------
    codes : (n_pairs,) uint64
        The documents, the lower number first, see `quality.lsh.buckets.unpack`; ascending and distinct.
    jaccard : (n_pairs,) float64
        Their similarity, or 0 where it is surely below the threshold.
    """

    codes: NDArray[np.uint64]
    jaccard: NDArray[np.float64]

    @classmethod
    def none(cls) -> Comparisons:
        """Begin."""
        return cls(np.empty(0, np.uint64), np.empty(0, np.float64))

    def joined(self, others: Iterable[Comparisons]) -> Comparisons:
        """Add comparisons of other pairs."""
        codes = np.concatenate([self.codes, *(other.codes for other in others)])
        jaccard = np.concatenate([self.jaccard, *(other.jaccard for other in others)])
        order = np.argsort(codes, kind="stable")
        return Comparisons(codes[order], jaccard[order])

    def renamed(self, names: NDArray[np.int64]) -> Comparisons:
        """Give documents new numbers, which ascend as the old ones do; forget pairs of documents without (-1)."""
        left, right = (names[side] for side in unpack(self.codes))
        stays = (left >= 0) & (right >= 0)
        return Comparisons(codes_of(left[stays], right[stays]), self.jaccard[stays])

    def only(self, chosen: NDArray[np.bool_]) -> Comparisons:
        """Keep some pairs, given by a mask of (n_pairs,)."""
        return Comparisons(self.codes[chosen], self.jaccard[chosen])


class Remembered:
    """Compares pairs of texts, and only those that were not compared before.

    Parameters
    ----------
    before : Comparisons
        Of documents, with the threshold that is asked for again.
    documents : (n_texts,) int64
        The document of each text that may be compared.
    add : callable
        Puts the shingles of texts, given by their numbers, into sets.
    sets : ShingleSets
        Who compares; it may hold some of the texts.

    Attributes
    ----------
    fresh : list of Comparisons
        What was compared here.
    """

    def __init__(
        self,
        before: Comparisons,
        documents: NDArray[np.int64],
        add: Callable[[ShingleSets, NDArray[np.int64]], None],
        sets: ShingleSets,
    ) -> None:
        self._before, self._documents, self._add = before, documents, add
        self._sets = sets
        self.fresh: list[Comparisons] = []

    def jaccard(
        self, left: NDArray[np.int64], right: NDArray[np.int64], threshold: float, threads: int
    ) -> NDArray[np.float64]:
        """Return the Jaccard similarity of each pair, see `ShingleSets.jaccard`. No pair may be asked for twice."""
        one, other = self._documents[left], self._documents[right]
        codes = codes_of(np.minimum(one, other), np.maximum(one, other))
        at = np.searchsorted(self._before.codes, codes)
        known = at < len(self._before.codes)
        known[known] = self._before.codes[at[known]] == codes[known]
        result = np.zeros(len(codes), np.float64)
        result[known] = self._before.jaccard[at[known]]
        new = np.flatnonzero(~known)
        if len(new):
            self._add(self._sets, self._sets.lacking(np.concatenate([left[new], right[new]])))
            result[new] = self._sets.jaccard(left[new], right[new], threshold, threads)
            self.fresh.append(Comparisons(codes[new], result[new]))
        return result


def codes_of(low: NDArray[np.int64], high: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Put two numbers below 2³² into one, the first above the second: see `quality.lsh.buckets.unpack`."""
    return low.astype(np.uint64) << _HALF | high.astype(np.uint64)
