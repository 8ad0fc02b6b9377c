"""A piece of personal data in a text, and the look at the words around it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from quality.personal.settings import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Entity(NamedTuple):
    """Where a value stands, what it is, and the one spelling by which it is the same value elsewhere.

    `name` is the secret itself: it never leaves the functions that replace it.
    """

    start: int
    end: int
    kind: Kind
    name: str


class Taken:
    """The places of a text that an entity holds. Asking takes as long in a list of a thousand addresses as of one."""

    def __init__(self, text: str, entities: Iterable[Entity] = ()) -> None:
        self._places = bytearray(len(text))
        for entity in entities:
            self.take(entity)

    def take(self, entity: Entity) -> bool:
        """Take an entity's place; return False, and take nothing, where part of it is another's."""
        free = 1 not in self._places[entity.start : entity.end]
        if free:
            self._places[entity.start : entity.end] = b"\1" * (entity.end - entity.start)
        return free


def around(text: str, entities: Sequence[Entity]) -> list[str]:
    """Cut a text at its entities, in order and without overlaps: what stands before, between and behind them."""
    starts, ends = [entity.start for entity in entities], [entity.end for entity in entities]
    return [text[start:end] for start, end in zip([0, *ends], [*starts, len(text)], strict=True)]


def compact(text: str) -> str:
    """Keep letters and digits alone, in capitals: the spelling by which numbers are the same."""
    return re.sub(r"[\W_]", "", text).upper()


def near(text: str, entity: re.Match[str], words: re.Pattern[str], *, before: int = 60, after: int = 30) -> bool:
    """Tell whether one of the words stands within so many characters of a match."""
    start, end = entity.span()
    return bool(words.search(text[max(0, start - before) : start]) or words.search(text[end : end + after]))
