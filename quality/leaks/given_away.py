"""The passage of a row that gives an item of the exam away, for people to read.

Not how leaks are found: that a row holds enough of an item is known before.
"""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from quality.texts.word_diff import joined, words_shown

if TYPE_CHECKING:
    from collections.abc import Iterable

_PUT_IN = 3  # words that an edit may have put in


def given_away(said: Iterable[str], item: Iterable[str]) -> str:
    """Return the passage of a row's texts that comes nearest to one of an item's; nothing where that is a whole text.

    Parameters
    ----------
    said, item : iterable of str
        Prompt and answer of a row, and question and answer of an item, each of any length.

    Examples
    --------
    >>> given_away(["Be brief. How deep do the roots go?", ""], ["How far do roots go?", "To the well."])
    'How deep do the roots go?'
    """
    wanted = [words_shown(text) for text in item if text]
    held = [words_shown(text) for text in said]
    found = [(*_nearest(words, sought), len(words)) for words in held for sought in wanted]
    _, passage, whole = max(found, key=lambda one: one[0], default=(0.0, [], 0))
    return joined(passage) if len(passage) < whole else ""


def _nearest(words: list[str], sought: list[str]) -> tuple[float, list[str]]:
    """Return which share of some words stands near their longest run in others, and the others from there to there.

    Where that run stands tells where the whole would begin and end.
    """
    shared = SequenceMatcher(None, words, sought, autojunk=False).get_matching_blocks()
    longest = max(shared, key=lambda run: run.size)
    first = longest.a - longest.b
    last = first + len(sought) + _PUT_IN
    near = [run for run in shared if run.size and first - _PUT_IN <= run.a and run.a + run.size <= last]
    if not near:
        return 0.0, []
    return sum(run.size for run in near) / len(sought), words[near[0].a : near[-1].a + near[-1].size]
