"""Edited copies whose prompt was asked in another template, for the audit: plain Python, as it reads all texts.

What is proven is what `quality.meaning.asked_otherwise` claims: the answers are the same but for slips, and prompts
share what is rare, beside which one of them has but words that many prompts hold together. What is usual is counted
once more, in the rows that the curator compared.
"""

import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import cached_property
from itertools import pairwise

from quality.auditing.texts import Said, words_of

_FEWEST_PROMPTS, _AS_USUAL, _FEWEST_EXCHANGED = 20, 4, 3
_FEWEST_ANSWERS, _SHORTEST = 3, 4
_NOT = {
    "english": ["no", "not", "never", "none", "nor", "neither", "nothing", "nobody", "without", "cannot", "t", "non"],
    "german": ["kein", "keine", "keinen", "nicht", "nie", "ohne"],
    "french": ["non", "pas", "sans", "jamais", "aucun", "aucune", "ni"],
    "spanish": ["no", "sin", "nunca", "ni", "ningún", "ninguna"],
}


class Compared:
    """The rows that the curator compared (normalised), to be asked which of their words are usual.

    Parameters
    ----------
    rows : iterable of Said
        Each row once.
    """

    def __init__(self, rows: Iterable[Said] = ()) -> None:
        self._rows = list(rows)

    @cached_property
    def _prompts(self) -> dict[str, set[int]]:
        """Say which prompts hold a word."""
        held: dict[str, set[int]] = {}
        for place, row in enumerate(self._rows):
            for word in words_of(row.prompt):
                held.setdefault(word, set()).add(place)
        return held

    def _asking(self, word: str) -> set[int]:
        """Say which prompts hold a word: none, where the receipts of a row were tampered with."""
        return self._prompts.get(word, set())

    @cached_property
    def _answers(self) -> Counter[str]:
        return Counter(word for row in self._rows for word in set(words_of(row.answer)))

    def asked_otherwise(self, row: Said, witness: Said) -> bool:
        """Whether the answers, which are alike, differ by slips alone, and the prompts in words of templates."""
        asked, other, said, first = (
            Counter(words_of(text)) for text in (row.prompt, witness.prompt, row.answer, witness.answer)
        )
        exchanged, differing = (asked - other, other - asked), (said - first, first - said)
        if any(_turns(word) for words in (*exchanged, *differing) for word in words):
            return False
        if sum(words.total() for words in exchanged) < _FEWEST_EXCHANGED or not asked & other:
            return False
        if any(words & beside for words, beside in zip(exchanged, differing, strict=True)):
            return False
        rarest = min(len(self._asking(word)) for word in asked & other)
        usual = max(_FEWEST_PROMPTS, _AS_USUAL * rarest)
        return self._slipped(*differing) and any(self._are_a_template_s(words, usual) for words in exchanged)

    def _are_a_template_s(self, words: Counter[str], usual: int) -> bool:
        """Whether so many prompts hold all of these words, of which there may be none."""
        return not words or len(set.intersection(*(self._asking(word) for word in words))) >= usual

    def _slipped(self, lost: Counter[str], gained: Counter[str]) -> bool:
        return any(
            words and all(self._unknown(word) and any(self._is_slip(word, right) for right in of) for word in words)
            for words, of in ((lost, gained), (gained, lost))
        )

    def _unknown(self, word: str) -> bool:
        return self._answers[word] < _FEWEST_ANSWERS

    def _is_slip(self, word: str, right: str) -> bool:
        long_enough = min(len(word), len(right)) >= _SHORTEST and word[0] == right[0]
        return long_enough and not self._unknown(right) and _one_apart(word, right)


def _turns(word: str) -> bool:
    """Whether a word is a number, or says “not”."""
    return any(word in words for words in _NOT.values()) or any(unicodedata.category(letter) == "Nd" for letter in word)


def _one_apart(word: str, right: str) -> bool:
    """Whether one letter was put in, left out or exchanged, or two neighbours were: each place is tried."""
    if word == right:
        return False
    if len(word) != len(right):
        long, short = sorted((word, right), key=len, reverse=True)
        return any(long[:at] + long[at + 1 :] == short for at in range(len(long)))
    wrong = [at for at, (one, other) in enumerate(zip(word, right, strict=True)) if one != other]
    turned = list(pairwise(wrong)) == [(wrong[0], wrong[0] + 1)] and word[wrong[0]] == right[wrong[0] + 1]
    return len(wrong) == 1 or (turned and word[wrong[0] + 1] == right[wrong[0]])
