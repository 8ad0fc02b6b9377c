"""Whether what two answers differ in is what somebody changes who copies one, and not what the other says otherwise.

Who copies an answer mistypes a word, drops an article, puts a synonym, or says a word before or behind it. Who answers
something else gives another number, says “not”, names the opposite, another unit or another name. A name is exchanged
wherever it stands, and few answers of the pool know it, nor the one that stands for it.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from quality.texts.opposites import turned
from quality.texts.slips import FEWEST_KNOWN, mistyped, says_otherwise, texts_holding

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Self

    import polars as pl


Words = Counter[str]

# A word of one in so many answers, and of so many, says nothing of what they are about, and may come and go.
_ONE_IN, _FEWEST_ANYWHERE = 20, 20


def may_be_alike(said: Words, other: Words) -> bool:
    """Tell whether two answers, alike in most words, may be one, if each word that may be mistyped is."""
    lost, gained = said - other, other - said
    slips = _slips(lost, gained)
    return not _tell_apart(_without(lost, slips), _without(gained, slips))


class Answers:
    """How many answers of a pool hold a word, to be asked whether two are one.

    Parameters
    ----------
    holding : dict of str to int
        Answers that hold each word in which some two differ.
    count : int
        All answers.
    """

    def __init__(self, holding: dict[str, int], count: int) -> None:
        self._holding = holding
        self._anywhere = max(_FEWEST_ANYWHERE, -(-count // _ONE_IN))

    @classmethod
    def of(cls, answers: pl.Series, pairs: Iterable[tuple[Words, Words]]) -> Self:
        """Count the words in which the answers of pairs differ."""
        words = {word for said, other in pairs for word in (said - other).keys() | (other - said).keys()}
        return cls({word: len(rows) for word, rows in texts_holding(answers, words).items()}, len(answers))

    def alike(self, said: Words, other: Words, asked: Words, other_asked: Words) -> bool:
        """Tell whether two answers, alike in most words, are one, below prompts that differ in words of templates."""
        lost, gained = said - other, other - said
        slips = [pair for pair in _slips(lost, gained) if any(map(self._unknown, pair))]
        lost, gained = _without(lost, slips), _without(gained, slips)
        if _tell_apart(lost, gained) or all(any(map(self._unknown, words)) for words in (lost, gained)):
            return False
        echoed = lost & (asked - other_asked) | gained & (other_asked - asked)
        return all(self._holding[word] >= self._anywhere for word in echoed)

    def _unknown(self, word: str) -> bool:
        return self._holding[word] < FEWEST_KNOWN


def _tell_apart(lost: Words, gained: Words) -> bool:
    """Tell whether words that come and go make another answer: numbers, “not”, opposites, a name that stands twice."""
    if says_otherwise(lost.keys() | gained.keys()) or turned(lost.keys(), gained.keys()):
        return True
    return all(max(words.values(), default=0) > 1 for words in (lost, gained))


def _slips(lost: Words, gained: Words) -> list[tuple[str, str]]:
    return [(word, right) for word in lost for right in gained if (word + right).isalpha() and mistyped(word, right)]


def _without(words: Words, slips: list[tuple[str, str]]) -> Words:
    gone = {word for pair in slips for word in pair}
    return Counter({word: count for word, count in words.items() if word not in gone})
