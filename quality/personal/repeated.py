"""A value that something told in one place of a record is the same value in its other places, where nothing tells it.

“Password: hunter2Xk9” in the prompt makes a secret of the “hunter2Xk9” that the answer repeats.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from quality.personal.entity import Entity, compact

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from quality.personal.settings import Kind

# Kinds whose values are the same however they are grouped.
_GROUPED: frozenset[Kind] = frozenset({"phone", "card", "iban", "national_id"})
_APART = r"[\s.()/\u2010-\u2013-]{0,3}"


def everywhere(texts: Sequence[str], found: Sequence[Sequence[Entity]]) -> list[list[Entity]]:
    """Return what was found in the messages of a record, with all other places of the same values.

    Parameters
    ----------
    texts : sequence of str
        The record's messages.
    found : sequence of sequences of Entity
        What recognisers found in each, in order and without overlaps.
    """
    spelled = {
        (entity.kind, entity.name, text[entity.start : entity.end])
        for text, entities in zip(texts, found, strict=True)
        for entity in entities
    }
    # Longer ones first: “jane.roe@web.de” before a password “roe@web.de”.
    values = [(kind, name, _pattern(kind, value)) for kind, name, value in sorted(spelled, key=_longest)]
    return [_with_repeats(text, entities, values) for text, entities in zip(texts, found, strict=True)]


def _longest(value: tuple[Kind, str, str]) -> tuple[int, tuple[Kind, str, str]]:
    return -len(value[2]), value


def _pattern(kind: Kind, value: str) -> re.Pattern[str]:
    """Match a value as it was spelled, in any case, or in other groups."""
    letters = compact(value) if kind in _GROUPED else ""
    said = _APART.join(map(re.escape, letters)) if letters else re.escape(value)
    return re.compile(rf"(?<!\w){said}(?!\w)", re.IGNORECASE if kind != "key" else 0)


def _with_repeats(
    text: str, entities: Sequence[Entity], values: Iterable[tuple[Kind, str, re.Pattern[str]]]
) -> list[Entity]:
    taken = list(entities)
    for kind, name, pattern in values:
        for match in pattern.finditer(text):
            start, end = match.span()
            if not any(start < other.end and other.start < end for other in taken):
                taken.append(Entity(start, end, kind, name))
    return sorted(taken)
