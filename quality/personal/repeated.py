"""A value that something told in one place of a record is the same value in its other places, where nothing tells it.

“Password: hunter2Xk9” in the prompt makes a secret of the “hunter2Xk9” that the answer repeats, and “+44 20 7123 0958”
one of “020 7123 0958”. The code of a card and the month in which it expires are too short for that; a code is the
card's wherever a word tells it in a record that holds one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import phonenumbers

from quality.personal.beside_cards import codes, is_beside
from quality.personal.entity import Entity, Taken, around, compact
from quality.personal.plain import plain
from quality.personal.settings import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# Kinds whose values are the same however they are grouped.
_GROUPED: frozenset[Kind] = frozenset({"phone", "card", "iban", "national_id"})
_APART = r"[\s._()/\u2010-\u2013-]{0,3}"
# Digits of a phone number without its country, from which on they are no other number.
_LEAST_NATIONAL = 8
_BETWEEN = "\0"  # stands for what is held already; no value holds it


class _Value(NamedTuple):
    kind: Kind
    name: str
    spelled: str

    @property
    def signs(self) -> str:
        """What a text holds, folded or compact, wherever it holds the value."""
        return (compact(self.spelled) if self.kind in _GROUPED else "") or self.spelled.casefold()

    @property
    def pattern(self) -> re.Pattern[str]:
        """Match the value as it was spelled, in any case, or in other groups."""
        letters = compact(self.spelled) if self.kind in _GROUPED else ""
        said = _APART.join(map(re.escape, letters)) if letters else re.escape(self.spelled)
        return re.compile(rf"(?<![^\W_]){said}(?![^\W_])", re.IGNORECASE if self.kind != "key" else 0)


def everywhere(texts: Sequence[str], found: Sequence[Sequence[Entity]]) -> list[list[Entity]]:
    """Return what was found in the messages of a record, with all other places of the same values.

    Parameters
    ----------
    texts : sequence of str
        The record's messages.
    found : sequence of sequences of Entity
        What recognisers found in each, in order and without overlaps.
    """
    texts = [plain(text) for text in texts]
    values = {
        value
        for text, entities in zip(texts, found, strict=True)
        for entity in entities
        if not is_beside(entity)
        for value in _spellings(entity, text[entity.start : entity.end])
    }
    # Longer ones first: “jane.roe@web.de” before a password “roe@web.de”.
    ordered = sorted(values, key=lambda value: (-len(value.spelled), value))
    paid = any(value.kind == "card" for value in ordered)
    return [
        _with_repeats(text, entities, ordered, codes(text) if paid else ())
        for text, entities in zip(texts, found, strict=True)
    ]


def _spellings(entity: Entity, spelled: str) -> list[_Value]:
    values = [_Value(entity.kind, entity.name, spelled)]
    if entity.kind == "phone":
        national = phonenumbers.national_significant_number(phonenumbers.parse(entity.name))
        if len(national) >= _LEAST_NATIONAL:
            # With its country too, which the place where it was found may leave out; and without an extension.
            values += [_Value(entity.kind, entity.name, digits) for digits in (national, f"0{national}", entity.name)]
    return values


def _with_repeats(
    text: str, entities: Sequence[Entity], values: Sequence[_Value], also: Iterable[Entity]
) -> list[Entity]:
    held, taken = list(entities), Taken(text, entities)
    # Most values stand where they were found and nowhere else, which is told without a search for each.
    rest = _BETWEEN.join(around(text, entities))
    folded, bare = rest.casefold(), compact(rest)
    for value in values:
        if value.signs not in folded and value.signs not in bare:
            continue
        repeats = (Entity(*match.span(), value.kind, value.name) for match in value.pattern.finditer(text))
        held += filter(taken.take, repeats)
    held += filter(taken.take, also)
    return sorted(held)
