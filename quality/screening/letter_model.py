"""How likely letters follow letters, from the trigrams of a pool's words: what they cost behind two others, or drawn.

References
----------
Witten and Bell, "The zero-frequency problem", 1991.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from quality.screening.alphabets import LETTERS, Words, kinds, scripts

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

# How many letters the next smaller context is worth, behind two letters and behind one.
_TWO, _ONE = 3.0, 20.0
_SOUND = 4.0
_EVEN = 1 / 32  # chance of a letter that is drawn, however rare it is in the pool
# All three letters, the first two, the last two, the middle one.
_LEVELS: tuple[Callable[[NDArray[np.int64]], NDArray[np.int64]], ...] = (
    lambda keys: keys,
    lambda keys: keys // LETTERS,
    lambda keys: keys % LETTERS**2,
    lambda keys: keys // LETTERS % LETTERS,
)


class LetterModel:
    """How likely letters follow letters, from counts of trigrams.

    Attributes
    ----------
    drawn : (LETTERS,) float64
        Logarithm (base 2) of each letter's chance to be drawn.
    """

    def __init__(self, counts: NDArray[np.int64]) -> None:
        self.three = counts
        cube = counts.reshape(LETTERS, LETTERS, LETTERS)
        self.pair, self.two = cube.sum(2).ravel(), cube.sum(0).ravel()
        self.one, single = cube.sum((0, 1)) + 2.0, cube.sum((0, 2))
        self.behind = single
        script = scripts()
        self.alone = self.one / np.bincount(script, self.one)[script]
        self.drawn = np.log2(np.maximum(self.alone, _EVEN))
        self.sound = _SOUND * _sounds(cube)

    def table(self) -> NDArray[np.float32]:
        """Tell what the third letter of each trigram costs more than if it were drawn: (LETTERS³,) float32, bits."""
        nothing = np.zeros(1)
        return self._cost(np.arange(len(self.three)), nothing, nothing, nothing, nothing).astype(np.float32)

    def bits_of_others(self, spelled: Words, own: Words) -> NDArray[np.float64]:
        """Tell the same as if the counts had been taken without a text's own words: (n_trigrams,) float64."""
        told, known = (
            (part.keys.astype(np.int64), part.texts().astype(np.int64) * LETTERS**3) for part in (spelled, own)
        )
        counts = [_own(told[1] + level(told[0]), known[1] + level(known[0])).astype(np.float64) for level in _LEVELS]
        return self._cost(told[0], *counts)

    def _cost(
        self,
        keys: NDArray[np.int64],
        three: NDArray[np.float64],
        pair: NDArray[np.float64],
        two: NDArray[np.float64],
        behind: NDArray[np.float64],
    ) -> NDArray[np.float64]:
        third = keys % LETTERS
        second = keys // LETTERS % LETTERS
        short = (self.two[keys % LETTERS**2] - two + _ONE * self.alone[third]) / (self.behind[second] - behind + _ONE)
        long = (self.three[keys] - three + _TWO * short) / (self.pair[keys // LETTERS] - pair + _TWO)
        sounds = kinds()
        first = sounds[keys // LETTERS**2]
        cost: NDArray[np.float64] = self.drawn[third] - np.log2(long) - self.sound[first, sounds[second], sounds[third]]
        return cost


def _sounds(cube: NDArray[np.int64]) -> NDArray[np.float64]:
    """Tell how many bits less a vowel, consonant or end costs behind two others than alone: (3, 3, 3) float64."""
    of = np.eye(3)[kinds()]
    counts = np.einsum("abc,ai,bj,ck->ijk", cube.astype(np.float64), of, of, of, optimize=True) + 0.5
    alone = counts.sum((0, 1)) / counts.sum()
    gain: NDArray[np.float64] = np.log2(counts / counts.sum(2, keepdims=True)) - np.log2(alone)
    return gain


def _own(keys: NDArray[np.int64], counted: NDArray[np.int64]) -> NDArray[np.int64]:
    """Count how often each key is among those that were counted: (n,) int64."""
    known, counts = np.unique(counted, return_counts=True)
    if not len(known):
        return np.zeros(len(keys), np.int64)
    place = np.minimum(np.searchsorted(known, keys), len(known) - 1)
    return np.where(known[place] == keys, counts[place], 0)
