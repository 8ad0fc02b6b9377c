"""Whether two texts give each other's numbers, or units, to the same things: “2 eggs, 3 apples”, “3 eggs, 2 apples”.

Both hold the same numbers, and an edit puts none in another's place: it moves one past a word or two. So this tells
another fact, whatever words come and go besides. Things are told by the words that both texts have in the same order,
numbers and units aside; what stands before a word, or last, is its measure. Numbers that only “and” parts may stand in
any order, and whoever tells things in another order takes their measures along.
"""

from __future__ import annotations

from collections import Counter
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from quality.texts.counted import VALUES
from quality.texts.function_words import EMPTY
from quality.texts.opposites import UNITS
from quality.texts.word_diff import MOST_WORDS

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

EITHER_WAY = frozenset(("and", "or", "und", "oder", "et", "ou", "y"))
"""Words on both sides of which things may change places."""

ARTICLES = frozenset(("a", "an", "the"))
_PASSED_OVER = EITHER_WAY | ARTICLES | EMPTY


def measures_exchanged(said: Sequence[str], other: Sequence[str]) -> bool:
    """Tell whether two texts of the same numbers and units give them to each other's things.

    Parameters
    ----------
    said, other : sequence of str
        Their words, folded, in their order, as one spelling has them. Of long texts the first 2,000 are looked at.

    Examples
    --------
    >>> measures_exchanged("2 eggs 3 apples".split(), "3 really eggs 2 apples".split())
    True
    >>> measures_exchanged("2 eggs 3 apples".split(), "3 apples 2 really eggs".split())
    False
    """
    ours, theirs = ([VALUES.get(word, word) for word in words[:MOST_WORDS]] for words in (said, other))
    measures, others = ([word for word in words if _measures(word)] for words in (ours, theirs))
    if measures == others or Counter(measures) != Counter(others):
        return False
    things, beside = _measured(ours, {*theirs}), _measured(theirs, {*ours})
    matcher = SequenceMatcher(None, [word for word, _ in things], [word for word, _ in beside], autojunk=False)
    lost, gained = Counter[str](), Counter[str]()
    for block in matcher.get_matching_blocks():
        for place in range(block.size):
            ours_here, theirs_here = things[block.a + place][1], beside[block.b + place][1]
            if ours_here.total() == theirs_here.total():
                lost += ours_here - theirs_here
                gained += theirs_here - ours_here
    return bool(lost) and lost == gained


def is_number(word: str) -> bool:
    """Tell whether a word is a number, in figures or not."""
    return word in VALUES or word[:1].isdecimal()


def _measures(word: str) -> bool:
    return word in UNITS or is_number(word)


def _measured(words: Sequence[str], known: Collection[str]) -> list[tuple[str, Counter[str]]]:
    """Give each thing the measures between it and the thing before it; those that stand last go with a full stop.

    A word that the other text lacks is no thing: it was put in, or stands for one of its words.
    """
    found, waiting = [], Counter[str]()
    for word in words:
        if _measures(word):
            waiting[word] += 1
        elif word in known and word not in _PASSED_OVER:
            found.append((word, waiting))
            waiting = Counter()
    return [*found, (".", waiting)]
