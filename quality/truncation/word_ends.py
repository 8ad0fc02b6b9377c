"""How often a word, or a pair of words, ends a sentence of a pool, and how often its sentence goes on.

"Acoustic" that stands a dozen times before another word and never at an end was cut where it is the last. All places
of the pool are counted, and not only those that are drawn for lessons, since most words are rare. A pair that was
hardly seen goes by its second word, a word that was hardly seen says nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from quality.lsh.shingles import stable_hash

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BITS = 19
_ODD = np.uint64(0x9E3779B97F4A7C15)  # the golden ratio: what stands before and what behind are told apart
_DOUBT = 2.0  # sightings that the next larger context counts for


class WordEnds(NamedTuple):
    """Counts: (2, 2**19) float64 each, of single words and of pairs, by the hash of either.

    Attributes
    ----------
    ending, going_on : NDArray
        Of places where a sentence or text ends, and of those where it goes on to another word.
    """

    ending: NDArray[np.float64]
    going_on: NDArray[np.float64]

    @classmethod
    def of(cls, places: pl.DataFrame) -> WordEnds:
        """Count places.

        Parameters
        ----------
        places : pl.DataFrame
            `word, before: String` (as `quality.truncation.sentence_ends.bare_word` leaves them), `ends, inside:
            Boolean`.
        """
        word, pair = _buckets(places)
        sides = (places[side].to_numpy() for side in ("ends", "inside"))
        return cls(*(np.stack([_count(word[side]), _count(pair[side])]) for side in sides))

    def log_odds(self, places: pl.DataFrame, *, cut: bool) -> NDArray[np.float64]:
        """Tell how much oftener sentences go on behind each place's word, and pair of words, than they end there.

        Parameters
        ----------
        places : pl.DataFrame
            `word, before: String` and `own: Int32`: how many of the counted places are this one.
        cut : bool
            Whether the sentences go on there, so that `own` was counted among those that do.

        Returns
        -------
        (n_places, 2) float64
            Natural logarithms, beside those of any place of the pool; one's own place aside.
        """
        own = places["own"].to_numpy()
        totals = np.array([max(1.0, side[0].sum()) for side in (self.ending, self.going_on)])
        expected = (totals / totals.sum())[:, None]
        told = np.zeros((places.height, 2))
        for level, at in enumerate(_buckets(places)):
            seen = np.stack([self.ending[level, at], self.going_on[level, at]])
            seen[int(cut)] = np.maximum(seen[int(cut)] - own, 0)
            expected = (seen + _DOUBT * expected) / (seen.sum(axis=0) + _DOUBT)
            told[:, level] = np.log(expected[1] / expected[0]) - np.log(totals[1] / totals[0])
        return told


def _count(buckets: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.bincount(buckets, minlength=1 << _BITS).astype(np.float64)


def _buckets(places: pl.DataFrame) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    word, before = stable_hash(places["word"]), stable_hash(places["before"])
    shift = np.uint64(64 - _BITS)
    return (word >> shift).astype(np.int64), (((before * _ODD) ^ word) >> shift).astype(np.int64)
