"""The passage of a row that gives an item of the exam away, for people to read.

Not how leaks are found: that a row holds enough of an item is known before.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from typing import TYPE_CHECKING

from quality.texts.word_diff import joined, words_shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_PUT_IN = 3  # words that an edit may have put in
_LEAST = 0.5  # share of the words of a question or answer that a passage holds
_AROUND = re.compile(r"^\W+|\W+$")


def given_away(said: Iterable[str], item: Iterable[str]) -> str:
    """Return the passage of a row's texts that comes nearest to one of an item's; nothing where it is a whole text.

    A passage has as many words as the item's text, or a few more, and half of that text's words at least, in whatever
    order; case and punctuation make no difference. Of several, one that holds more of a longer text comes nearer.

    Parameters
    ----------
    said, item : iterable of str
        Prompt and answer of a row, and question and answer of an item.

    Examples
    --------
    >>> given_away(["Be brief. How deep do the roots go?", ""], ["How far do roots go?", "To the well."])
    'How deep do the roots go?'
    """
    held = [words_shown(text) for text in said]
    wanted = [[_bare(word) for word in words_shown(text)] for text in item]
    found = [(*_nearest(words, sought), len(words)) for words in held for sought in wanted if words and sought]
    _, passage, whole = max(found, key=lambda one: one[0], default=(0.0, [], 0))
    return joined(passage) if len(passage) < whole else ""


def _bare(word: str) -> str:
    return _AROUND.sub("", word.casefold())


def _nearest(words: Sequence[str], sought: Sequence[str]) -> tuple[float, Sequence[str]]:
    """Find the passage of some words that holds most of others: how near it comes, and its words.

    The time it takes grows with the number of words, whatever they are.
    """
    left, plain = Counter(sought), [_bare(word) for word in words]
    size, shared, most, end = len(sought) + _PUT_IN, 0, 0, 0
    for at, word in enumerate(plain):
        shared += left[word] > 0
        left[word] -= 1
        if at >= size:
            gone = plain[at - size]
            left[gone] += 1
            shared -= left[gone] > 0
        if shared > most:
            most, end = shared, at + 1
    share = most / len(sought)
    if share < _LEAST:
        return 0.0, []
    known, first = set(sought), max(0, end - size)
    start = next(at for at in range(first, end) if plain[at] in known)
    return share**2 * math.sqrt(most), words[start:end]
