"""A piece of personal data in a text, and the look at the words around it."""

from __future__ import annotations

import re
from typing import NamedTuple

from quality.personal.settings import Kind


class Entity(NamedTuple):
    """Where a value stands, what it is, and the one spelling by which it is the same value elsewhere.

    `name` is the secret itself: it never leaves the functions that replace it.
    """

    start: int
    end: int
    kind: Kind
    name: str


def compact(text: str) -> str:
    """Keep letters and digits alone, in capitals: the spelling by which numbers are the same."""
    return re.sub(r"[\W_]", "", text).upper()


def near(text: str, entity: re.Match[str], words: re.Pattern[str], *, before: int = 60, after: int = 30) -> bool:
    """Tell whether one of the words stands within so many characters of a match."""
    start, end = entity.span()
    return bool(words.search(text[max(0, start - before) : start]) or words.search(text[end : end + after]))
