"""Whether two prompts name one subject, each in a template of its own.

“A report mentions ranula. What is that?” and “Define the finding “Ranula”, thanks in advance.” hold one run of words in
which few prompts of the pool have a part: the subject. What stands before it many prompts begin with, and what stands
behind it many end with; or it is several such pieces, one put around another (“For a talk I need this: | what is”).

What stands beside the subject may name a second thing, if both prompts do (`quality.prompts.named_beside`).

“Explain the rule: Kansas income limit.” and “Vermont income limit - how is this defined?” name two subjects: fewer
prompts begin with “Explain the rule: Kansas”, and fewer with “Vermont”, than a template has.
"""

from __future__ import annotations

from bisect import bisect_left
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from quality.prompts.edited import FEWEST_USUAL, usual_words, words_in_order
from quality.prompts.named_beside import NamedBeside, Piece, around_the_rarest, without_what_both_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import polars as pl
    from numpy.typing import NDArray

Words = list[str]

# One in so many prompts has a piece of a template, and so many for one that holds the subject's words.
_ONE_IN, _TIMES_THE_SUBJECT = 400, 10
# A longer prompt holds a passage, of which two tasks may ask two things; so does one with a longer subject.
_LONGEST_PROMPT, _LONGEST_SUBJECT = 60, 20


class Subjects:
    """The prompts of a pool, to be asked whether two of them name one subject.

    Parameters
    ----------
    prompts : pl.Series of String
        All prompts.
    held : mapping of str to (n,) uint32
        Places of the prompts that hold each word of those asked about, from `quality.texts.slips.texts_holding`.
    """

    def __init__(self, prompts: pl.Series, held: Mapping[str, NDArray[np.uint32]]) -> None:
        self._prompts, self._held = prompts, held
        self._known: dict[tuple[str, ...], int] = {}

    def same(self, prompt: Words, other: Words) -> bool:
        """Tell whether two prompts, not equal, have a subject in common, and beside it words of templates alone."""
        shared = set(prompt) & set(other)
        if not shared or max(len(prompt), len(other)) > _LONGEST_PROMPT:
            return False
        places, before, behind = around_the_rarest(prompt, other, self._held)
        subject = prompt[places[0] - before : places[0] + behind]
        if len(subject) > _LONGEST_SUBJECT:
            return False
        usual = max(self._usual, _TIMES_THE_SUBJECT * self._holding(subject))
        asked = [(words, at - before, at + behind) for words, at in zip((prompt, other), places, strict=True)]
        starts, ends = [words[:start] for words, start, _ in asked], [words[end:][::-1] for words, _, end in asked]
        return self._are_templates(starts, self._from_start, usual) and self._are_templates(ends, self._from_end, usual)

    def _are_templates(self, sides: list[Words], lines: list[str], usual: int) -> bool:
        """Tell whether what both prompts have on one side of the subject are pieces that so many lines begin with."""
        if all(self._is_a_template_s(words, lines, usual) for words in sides):
            return True
        if not set(sides[0]) & set(sides[1]):
            return False
        named = without_what_both_name(sides[0], sides[1], self._held)
        return all(self._is_a_template_s(words, lines, usual) for words in named)

    def _is_a_template_s(self, words: Sequence[str | None], lines: list[str], usual: int) -> bool:
        """Tell whether words are pieces, one behind the other, that so many lines begin with."""
        reached = [True]
        for end in range(1, len(words) + 1):
            pieces = (tuple(words[start:end]) for start in range(end) if reached[start])
            reached.append(any(self._is_a_piece(piece, lines, usual) for piece in pieces))
        return reached[-1]

    def _is_a_piece(self, piece: Piece, lines: list[str], usual: int) -> bool:
        words = [word for word in piece if word is not None]
        if len(words) == len(piece):
            return self._beginning(words, lines) >= usual
        beside = self._beside_at_the_start if lines is self._from_start else self._beside_at_the_end
        return not words or beside.begin(piece, usual)

    def _beginning(self, piece: Words, lines: list[str]) -> int:
        """Count the lines that begin with a piece; one word alone counts if many prompts hold it, wherever."""
        if len(piece) == 1 and piece[0] not in self._usual_words:
            return 0
        key = ("start" if lines is self._from_start else "end", *piece)
        if key not in self._known:
            line = _line(piece)
            first, last = (bisect_left(lines, edge) for edge in (line, f"{line}\U0010ffff"))
            self._known[key] = last - first
        return self._known[key]

    def _holding(self, words: Words) -> int:
        found, *rest = sorted((self._held[word] for word in set(words)), key=len)
        for rows in rest:
            at = np.minimum(np.searchsorted(rows, found), len(rows) - 1)
            found = found[rows[at] == found]
        return len(found)

    @cached_property
    def _usual(self) -> int:
        return max(FEWEST_USUAL, -(-len(self._prompts) // _ONE_IN))

    @cached_property
    def _usual_words(self) -> frozenset[str]:
        return usual_words(self._prompts)

    @cached_property
    def _spelled(self) -> pl.Series:
        return words_in_order(self._prompts)

    @cached_property
    def _from_start(self) -> list[str]:
        """Every prompt once, each word with a blank behind it, in the order of bytes, which is that of characters."""
        return _lines(self._spelled)

    @cached_property
    def _beside_at_the_start(self) -> NamedBeside:
        return NamedBeside(self._from_start)

    @cached_property
    def _beside_at_the_end(self) -> NamedBeside:
        return NamedBeside(self._from_end)

    @cached_property
    def _from_end(self) -> list[str]:
        return _lines(self._spelled.list.reverse())


def _line(words: Words) -> str:
    return "".join(f"{word} " for word in words)


def _lines(spelled: pl.Series) -> list[str]:
    return (spelled.list.join(" ") + " ").unique().sort().to_list()
