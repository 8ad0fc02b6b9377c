"""Whether two prompts are one question in the words of two templates.

“Kenya: ethnic groups?” and “For a geography class: ethnic groups of Kenya.” have few words in common, but those are the
rare ones: what is asked about. What one of them has beside these, many prompts of the pool have, all of it together. Of
“Which ethnic groups has Kenya?” and “For a geography class: ethnic groups of Chad.” that is true of neither.

The other may say more: “Tell me about ethnic groups in Kenya (people and society)”. So this is no proof: answers must
show as well that one was copied from the other (`quality.meaning.asked_otherwise`).
"""

from __future__ import annotations

from collections import Counter
from functools import reduce
from typing import TYPE_CHECKING

import numpy as np

from quality.prompts.edited import FEWEST_USUAL
from quality.texts.slips import says_otherwise

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

Words = Counter[str]

# Fewer words than these that differ are an edit, or a subject exchanged for another: see `quality.prompts.edited`.
_FEWEST_EXCHANGED = 3
# The words of a template stand together in so many prompts for one with the rarest word that both hold.
_AS_USUAL = 4


def maybe_reworded(asked: Words, other: Words) -> bool:
    """Tell whether two prompts are so far from each other that only a rewording explains it, if anything does."""
    lost, gained = asked - other, other - asked
    exchanged = (lost + gained).total() >= _FEWEST_EXCHANGED and bool(asked & other)
    return exchanged and not says_otherwise(lost.keys() | gained.keys())


class Templates:
    """Which prompts of a pool hold which words, to be asked what words many of them hold together.

    Parameters
    ----------
    held : mapping of str to (n,) uint32
        Places of the prompts that hold each word, ascending, as from `quality.texts.slips.texts_holding`.
    """

    def __init__(self, held: Mapping[str, NDArray[np.uint32]]) -> None:
        self._held = held
        self._together: dict[frozenset[str], int] = {}

    def reworded(self, asked: Words, other: Words) -> bool:
        """Tell whether one of two prompts, of which `maybe_reworded` is true, has but a template's words for itself."""
        rarest = min(len(self._held[word]) for word in asked & other)
        usual = max(FEWEST_USUAL, _AS_USUAL * rarest)
        sides = (asked - other, other - asked)
        return any(not words or self._holding(frozenset(words)) >= usual for words in sides)

    def _holding(self, words: frozenset[str]) -> int:
        if words not in self._together:
            rows = sorted((self._held[word] for word in words), key=len)
            self._together[words] = len(reduce(_both, rows))
        return self._together[words]


def _both(one: NDArray[np.uint32], other: NDArray[np.uint32]) -> NDArray[np.uint32]:
    return np.intersect1d(one, other, assume_unique=True)
