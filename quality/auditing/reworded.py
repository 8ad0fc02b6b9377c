"""Edited copies whose prompt was asked in another template, for the audit: plain Python, as it reads all texts.

What is proven is what `quality.meaning.asked_otherwise` claims: both prompts name one subject and the answers differ in
what a copyist changes (`quality.auditing.one_subject`), or the answers are the same but for slips, and prompts share
what is rare, beside which one of them has but words that many prompts hold together. What is usual is counted once
more, in the rows that the curator compared.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cached_property

from quality.auditing.one_subject import Subjects, says_the_same
from quality.auditing.slips import slipping, turns
from quality.auditing.texts import Said, words_of

_FEWEST_PROMPTS, _AS_USUAL, _FEWEST_EXCHANGED = 20, 4, 3
_FEWEST_ANSWERS, _FEWEST_TOLD = 3, 10


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

    @cached_property
    def _subjects(self) -> Subjects:
        return Subjects(words_of(row.prompt) for row in self._rows)

    def asked_otherwise(self, row: Said, witness: Said, least_words: int = 20) -> bool:
        """Whether answers, which are alike, are one, and the prompts differ in words of templates.

        A slip in an answer of fewer words than so many proves nothing.
        """
        asked, other, said, first = _counted(row, witness)
        exchanged, differing = (asked - other, other - asked), (said - first, first - said)
        if self.one_subject(row, witness):
            return True
        if not _maybe_reworded(asked, other) or any(turns(word) for words in differing for word in words):
            return False
        echoed = any(words & beside for words, beside in zip(exchanged, differing, strict=True))
        if echoed or min(said.total(), first.total()) < least_words:
            return False
        rarest = min(len(self._asking(word)) for word in asked & other)
        usual = max(_FEWEST_PROMPTS, _AS_USUAL * rarest)
        return self._slipped(*differing) and any(self._are_a_template_s(words, usual) for words in exchanged)

    def one_subject(self, row: Said, witness: Said) -> bool:
        """Whether both prompts name one subject in two templates, and the answers differ as those of a copyist do."""
        asked, other, said, first = _counted(row, witness)
        if not _maybe_reworded(asked, other) or min(said.total(), first.total()) < _FEWEST_TOLD:
            return False
        lost, gained = said - first, first - said
        echoed = {*lost & (asked - other), *gained & (other - asked)}
        if not says_the_same(lost, gained, echoed, self._answers, len(self._rows)):
            return False
        return self._subjects.same(words_of(row.prompt), words_of(witness.prompt), self._asking)

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
        return not self._unknown(right) and slipping(word, right)


def _counted(row: Said, witness: Said) -> Iterator[Counter[str]]:
    return (Counter(words_of(text)) for text in (row.prompt, witness.prompt, row.answer, witness.answer))


def _maybe_reworded(asked: Counter[str], other: Counter[str]) -> bool:
    exchanged = (asked - other) + (other - asked)
    return exchanged.total() >= _FEWEST_EXCHANGED and bool(asked & other) and not any(map(turns, exchanged))
