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
import polars as pl

from quality.prompts.edited import FEWEST_USUAL
from quality.prompts.named_beside import NamedBeside, Piece, around_the_rarest, without_what_both_name
from quality.texts.slips import rows_holding

if TYPE_CHECKING:
    from collections.abc import Sequence

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
    spelled : pl.Series of List(String)
        Words of all prompts, as from `quality.prompts.edited.words_in_order`.
    usual_words : frozenset of str
        Words of templates, as from `quality.prompts.edited.usual_among`.
    """

    def __init__(self, spelled: pl.Series, usual_words: frozenset[str]) -> None:
        self._spelled, self._usual_words = spelled, usual_words
        self._held: dict[str, NDArray[np.uint32]] = {}
        self._known: dict[tuple[str, ...], int] = {}

    def same(self, pairs: Sequence[tuple[Words, Words]]) -> list[bool]:
        """Tell of each two prompts, not equal, whether they have a subject in common, and beside it templates alone."""
        self._held = rows_holding(self._spelled, {word for one, other in pairs for word in set(one) & set(other)})
        return [self._same(*pair) for pair in pairs]

    def _same(self, prompt: Words, other: Words) -> bool:
        shared = set(prompt) & set(other)
        if not shared or max(len(prompt), len(other)) > _LONGEST_PROMPT:
            return False
        places, before, behind = around_the_rarest(prompt, other, self._held)
        subject = prompt[places[0] - before : places[0] + behind]
        if len(subject) > _LONGEST_SUBJECT:
            return False
        asked = [(words, at - before, at + behind) for words, at in zip((prompt, other), places, strict=True)]
        starts, ends = [words[:start] for words, start, _ in asked], [words[end:][::-1] for words, _, end in asked]
        # What too few hold for a piece of any template needs no count of those that hold the subject.
        if not self._in_templates(starts, ends, self._usual):
            return False
        usual = _TIMES_THE_SUBJECT * self._holding(subject)
        return usual <= self._usual or self._in_templates(starts, ends, usual)

    def _in_templates(self, starts: list[Words], ends: list[Words], usual: int) -> bool:
        """Tell whether words of templates alone stand before a subject and, from the last on, behind it."""
        sides = ((starts, self._from_start), (ends, self._from_end))
        plain = [all(self._is_a_template_s(words, lines, usual) for words in side) for side, lines in sides]
        if all(plain) or not all(
            alone or set(one) & set(other) for alone, ((one, other), _) in zip(plain, sides, strict=True)
        ):
            return all(plain)
        return all(self._name_one_beside(side, at, usual) for at, (side, _) in enumerate(sides))

    def _name_one_beside(self, sides: list[Words], at: int, usual: int) -> bool:
        """Tell whether what stands on one side of the subject are templates, but for what both name there."""
        ways: list[tuple[Piece, Piece]] = [(tuple(sides[0]), tuple(sides[1]))]
        if set(sides[0]) & set(sides[1]):
            ways.append(without_what_both_name(sides[0], sides[1], self._held))
        if any(word is not None and self._holding_each.get(word, 0) < usual for word in (*ways[-1][0], *ways[-1][1])):
            return False
        return any(all(self._beside[at].in_pieces(words, usual) for words in way) for way in ways)

    def _is_a_template_s(self, words: Words, lines: list[str], usual: int) -> bool:
        """Tell whether words are pieces, one behind the other, that so many lines begin with."""
        reached = [True]
        for end in range(1, len(words) + 1):
            pieces = (words[start:end] for start in range(end) if reached[start])
            reached.append(any(self._beginning(piece, lines) >= usual for piece in pieces))
        return reached[-1]

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
        return max(FEWEST_USUAL, -(-len(self._spelled) // _ONE_IN))

    @cached_property
    def _from_start(self) -> list[str]:
        """Every prompt once, each word with a blank behind it, in the order of bytes, which is that of characters."""
        return _lines(self._spelled)

    @cached_property
    def _beside(self) -> tuple[NamedBeside, NamedBeside]:
        start, end = (NamedBeside(lines, self._usual_words) for lines in (self._from_start, self._from_end))
        return start, end

    @cached_property
    def _holding_each(self) -> dict[str, int]:
        """Say how many prompts hold each word that enough do for a template's."""
        words = pl.DataFrame({"word": self._spelled.list.unique()}).explode("word", empty_as_null=False)
        return dict(words.group_by("word").len().filter(pl.col("len") >= self._usual).rows())

    @cached_property
    def _from_end(self) -> list[str]:
        return _lines(self._spelled.list.reverse())


def _line(words: Words) -> str:
    return "".join(f"{word} " for word in words)


def _lines(spelled: pl.Series) -> list[str]:
    return (spelled.list.join(" ") + " ").unique().sort().to_list()
