"""Whether two rows name different things: what their prompts exchange, their answers exchange as well.

“What does `can_read` do?”, “True if readable, else False.” and “What does `can_write` do?”, “True if writable, …” are
siblings, however alike they are. A copyist's edits of a prompt have nothing to do with those of its answer. Names come
in parts (`can_write`, `ArrowArray`), and go on otherwise in a sentence (“write”, “writable”; “log”, “logpdf”).
"""

from __future__ import annotations

import re
import unicodedata
from itertools import product, takewhile

_WORD = re.compile(r"\w+")
_PARTED = re.compile(r"[A-Za-z0-9]*(?:_[A-Za-z0-9]|[a-z0-9][A-Z])\w*")
_PART = re.compile(r"[A-Z]+(?![a-z])\d*|[A-Z]?[a-z]+\d*|\d+")
# Letters: of a part that says something, and of one that another begins with; a longer one may lose its last.
_SHORTEST, _SHORTEST_BEGINNING, _SHORTEST_STEM = 2, 3, 5


def named_in_both(asked: str, other: str, said: str, other_said: str) -> bool:
    """Tell whether a part of a name comes, or goes, in the prompt and in the answer both.

    Parameters
    ----------
    asked, other : str
        The prompts of two rows, as they are written.
    said, other_said : str
        Their answers.
    """
    prompts, answers = (_parts(asked), _parts(other)), (_parts(said), _parts(other_said))
    return any(
        _alike(part, word)
        for one in (0, 1)
        for part, word in product(prompts[one] - prompts[1 - one], answers[one] - answers[1 - one])
    )


def _parts(text: str) -> set[str]:
    words = _WORD.findall(unicodedata.normalize("NFC", text))
    parts = (part for word in words for part in (_PART.findall(word) if _PARTED.fullmatch(word) else [word]))
    return {part.casefold() for part in parts if len(part) >= _SHORTEST}


def _alike(one: str, other: str) -> bool:
    """Whether two words are one, or begin as one does: all of the shorter, or all but its last letter."""
    shorter = min(len(one), len(other))
    begin = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
    if one == other:
        return True
    return shorter >= _SHORTEST_BEGINNING and begin >= shorter - (shorter >= _SHORTEST_STEM)
