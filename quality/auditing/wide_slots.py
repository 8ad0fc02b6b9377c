"""Whether rows put other words into most of what a question asks for, for the audit: plain Python.

What is proven is what `quality.leaks.wide_slots` claims: prompt and question differ in one long stretch, and around it
stand words of templates and one name at most; what the question has there is nowhere in the row; and others, too, put
something else there.
"""

from collections.abc import Iterable
from itertools import takewhile

_LEAST_LETTERS, _LEAST_SHARE, _MOST_LETTERS = 20, 0.25, 100_000
_WAYS, _BY_CHANCE, _LONGEST_NAME = 3, 2, 4

Words = list[str]
Filling = tuple[str, int, int]
"""What a prompt has in a question's stead, and how many words of the question stand before and behind it."""


class WideSlot:
    """How rows (words of prompt and answer), none of which answers as the item does, fill in its question."""

    def __init__(self, question: Words, rows: Iterable[tuple[Words, Words]], usual: frozenset[str]) -> None:
        self._question, self._usual = question, usual
        found = (_filling(question, *row) for row in rows)
        self._fillings = sorted({filling for filling in found if filling})

    def filled_otherwise(self, prompt: Words, answer: Words) -> bool:
        """Whether one of these rows fills the question in otherwise than the item, as others do."""
        own = _filling(self._question, prompt, answer)
        if own is None or not self._is_template(own[1], own[2]):
            return False
        ways = [own[0]]
        for text, *around in self._fillings:
            near = all(words >= most - _BY_CHANCE for words, most in zip(around, own[1:], strict=True))
            if near and all(not (holds(text, way) or holds(way, text)) for way in ways):
                ways.append(text)
        return len(ways) >= _WAYS

    def _is_template(self, before: int, behind: int) -> bool:
        """Whether all words around the slot are usual, and without digits, but for those of one name."""
        at = len(self._question)
        around = [*range(before), *range(at - behind, at)]
        odd = [place for place in around if not self._is_usual(self._question[place])]
        together = bool(odd) and odd[-1] - odd[0] == len(odd) - 1
        return not odd or (together and len(odd) <= _LONGEST_NAME and not odd[0] < before <= odd[-1])

    def _is_usual(self, word: str) -> bool:
        return word in self._usual and not any(letter.isdecimal() for letter in word)


def holds(text: str, passage: str) -> bool:
    """Whether some stretch of a passage, twice as long as a text, has a third of its triples of letters."""
    triples, long = _triples(text), len(text)
    starts = range(0, max(len(passage) - long, 1), long)
    return any(3 * len(triples & _triples(passage[at : at + 2 * long])) >= len(triples) for at in starts)


def _triples(text: str) -> set[str]:
    return set(map("".join, zip(text, text[1:], text[2:], strict=False)))


def _filling(question: Words, prompt: Words, answer: Words) -> Filling | None:
    before = _as_begun(question, prompt)
    behind = _as_begun(list(reversed(question[before:])), list(reversed(prompt[before:])))
    lost, gained = ("".join(words[before : len(words) - behind]) for words in (question, prompt))
    said = "".join(answer)
    wide = len(lost) >= max(_LEAST_LETTERS, _LEAST_SHARE * sum(map(len, question))) and len(gained) >= _LEAST_LETTERS
    if not wide or max(len(gained), len(said)) > _MOST_LETTERS or holds(lost, gained) or holds(lost, said):
        return None
    return gained, before, behind


def _as_begun(one: Words, other: Words) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
