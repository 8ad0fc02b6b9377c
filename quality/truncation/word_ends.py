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
_OFTEN, _HARDLY = 50, 0.1  # uses, and a tenth of the ends that a word of as many usually has
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
        word, pair = buckets(places)
        sides = (places[side].to_numpy() for side in ("ends", "inside"))
        return cls(*(np.stack([_count(word[side]), _count(pair[side])]) for side in sides))

    def without(self, at: NDArray[np.int64], weights: NDArray[np.float64]) -> WordEnds:
        """Take ends that are none out of the counts.

        Parameters
        ----------
        at : (2, n) int64
            Counted places, as of `buckets`.
        weights : (n,) float64
            How likely each is no end.
        """
        less = [np.bincount(where, weights, 1 << _BITS) for where in at]
        return WordEnds(np.maximum(self.ending - np.stack(less), 0.0), self.going_on)

    def hangs(self, at: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Tell the places whose word is used often and hardly ends anything: (n,), of (2, n) as of `buckets`."""
        going_on, ending = self.going_on[0, at[0]], self.ending[0, at[0]]
        usual = self.ending[0].sum() / max(1.0, self.going_on[0].sum())
        return np.asarray((going_on >= _OFTEN) & (ending <= _HARDLY * usual * going_on))

    def log_odds(self, at: NDArray[np.int64], own: NDArray[np.float64], *, cut: bool) -> NDArray[np.float64]:
        """Tell how much oftener sentences go on behind each place's word, and pair of words, than they end there.

        Parameters
        ----------
        at : (2, n_places) int64
            As of `buckets`.
        own : (n_places,) float64
            How many of the counted places are this one.
        cut : bool
            Whether the sentences go on there, so that `own` was counted among those that do.

        Returns
        -------
        (n_places, 2) float64
            Natural logarithms, beside those of any place of the pool; one's own place aside.
        """
        totals = np.array([max(1.0, side[0].sum()) for side in (self.ending, self.going_on)])
        expected = (totals / totals.sum())[:, None]
        told = np.zeros((at.shape[1], 2))
        for level, where in enumerate(at):
            seen = np.stack([self.ending[level, where], self.going_on[level, where]])
            seen[int(cut)] = np.maximum(seen[int(cut)] - own, 0)
            expected = (seen + _DOUBT * expected) / (seen.sum(axis=0) + _DOUBT)
            told[:, level] = np.log(expected[1] / expected[0]) - np.log(totals[1] / totals[0])
        return told


def _count(buckets: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.bincount(buckets, minlength=1 << _BITS).astype(np.float64)


def buckets(places: pl.DataFrame) -> NDArray[np.int64]:
    """Hash the last word, and the last two, of each place: (2, n_places).

    `places` has `word, before: String`, as `quality.truncation.sentence_ends.bare_word` leaves them.
    """
    word, before = stable_hash(places["word"]), stable_hash(places["before"])
    shift = np.uint64(64 - _BITS)
    return np.stack([(word >> shift).astype(np.int64), (((before * _ODD) ^ word) >> shift).astype(np.int64)])
