"""Places of a template that many prompts fill otherwise, as in “Which treaties has … signed?”: one to be filled in.

Prompts that differ in one place ask for the same thing where somebody edited a word, and for different things where the
place is one to be filled in. A template shows in the pool: many prompts are the same around that place, each with
something else there. Of an edited prompt there are the original and a few edits.
"""

from __future__ import annotations

from bisect import bisect_left
from functools import cached_property
from itertools import takewhile

import polars as pl

# So many fillings of a place make it one to be filled in. A row that somebody copied with edits at one place has fewer.
_FEWEST_FILLINGS = 6
# Words of a filling at the most.
_LONGEST_FILLING = 4
# So many lines are read one by one sooner than by Polars, which takes a third of a millisecond however few they are.
_FEW_LINES = 1000

Words = list[str]


class PromptSlots:
    """The prompts of a pool, to be asked how many are the same around a place.

    Parameters
    ----------
    spelled : pl.Series of List(String)
        Their words, folded.
    """

    def __init__(self, spelled: pl.Series) -> None:
        self._spelled = spelled
        self._known: dict[tuple[str, str], bool] = {}

    def differ_in_one(self, prompt: Words, other: Words) -> bool:
        """Tell whether two prompts differ in one place alone, and many prompts fill it in otherwise."""
        start = _alike(prompt, other)
        end = min(_alike(prompt[::-1], other[::-1]), min(len(prompt), len(other)) - start)
        filled = max(len(prompt), len(other)) - start - end
        if not start + end or min(len(prompt), len(other)) == start + end or filled > _LONGEST_FILLING:
            return False
        frame = _line(prompt[:start]), _line(prompt[len(prompt) - end :])
        if frame not in self._known:
            self._known[frame] = self._filled_otherwise(*frame)
        return self._known[frame]

    def _filled_otherwise(self, before: str, behind: str) -> bool:
        lines = self._from_start
        first, last = (bisect_left(lines, edge) for edge in (before, f"{before}\U0010ffff"))
        if last - first < _FEWEST_FILLINGS:
            return False
        ending, known = f" {behind}" if behind else "", before.count(" ") + behind.count(" ")
        if last - first <= _FEW_LINES:
            found = sum(
                line.endswith(ending) and 1 <= line.count(" ") - known <= _LONGEST_FILLING for line in lines[first:last]
            )
            return found >= _FEWEST_FILLINGS
        there = self._as_series[first:last]
        there = there.filter(there.str.ends_with(ending))
        sizes = there.str.count_matches(" ", literal=True) - known
        return int(sizes.is_between(1, _LONGEST_FILLING).sum()) >= _FEWEST_FILLINGS

    @cached_property
    def _as_series(self) -> pl.Series:
        """Every prompt once, each word with a blank behind it, in the order of bytes, which is that of characters."""
        return (self._spelled.list.join(" ") + " ").unique().drop_nulls().sort()

    @cached_property
    def _from_start(self) -> list[str]:
        return self._as_series.to_list()


def _alike(one: Words, other: Words) -> int:
    """Count the words that two prompts begin with alike."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _line(words: Words) -> str:
    return "".join(f"{word} " for word in words)
