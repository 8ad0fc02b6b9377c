"""Put a mask or a surrogate where personal data stood.

Surrogates are drawn in the order in which values first appear, from a generator seeded by the recipe's seed and what
the record says without any value: nothing of a value is in its surrogate, the same value has the same one all through
its record, and the surrogates of a record that says something else are others.
"""

from __future__ import annotations

import itertools
import random
import string
from typing import TYPE_CHECKING

import polars as pl
from stdnum import luhn

from quality.personal.beside_cards import is_beside, is_month
from quality.receipts import EDITS
from quality.records import MESSAGE, record_ids

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from quality.personal.entity import Entity
    from quality.personal.settings import Kind

_AREAS = ("202", "206", "212", "303", "312", "404", "415", "503", "512", "602", "617", "702", "713", "808", "907")
_DRAWS = 100
_NETWORKS = ("192.0.2", "198.51.100", "203.0.113")


def edits(
    records: pl.DataFrame, found: Mapping[int, Sequence[Sequence[Entity]]], *, stage: str, surrogates: int | None = None
) -> pl.DataFrame:
    """Rewrite the records in which something was found.

    Parameters
    ----------
    records : pl.DataFrame
        Columns `row, messages`.
    found : mapping
        Position in `records` → the entities of each message, as `found_in` returns them.
    stage : str
        Written into every edit.
    surrogates : int, optional
        Seed of surrogates; left out, masks are put in.

    Returns
    -------
    pl.DataFrame
        One line per rewritten record (schema `quality.receipts.EDITS`). No value that was replaced is in it.
    """
    held = records.select("row", "messages")[pl.Series(list(found), dtype=pl.UInt32)]
    said = held["messages"].to_list()
    told = _rewritten(said, found.values(), itertools.repeat(_mask))
    if surrogates is not None:
        # Seeded by the values as well, surrogates would confirm a guess: who guessed right would draw the same.
        drawn = [Surrogates(f"{surrogates}:{masked}") for masked in record_ids(told)]
        told = _rewritten(said, found.values(), drawn)
    flat = [[entity for entities in by_message for entity in entities] for by_message in found.values()]
    made = {
        "row": held["row"],
        "stage": [stage] * held.height,
        "kinds": [sorted({entity.kind for entity in entities}) for entities in flat],
        "replaced": [len(entities) for entities in flat],
        "id": record_ids(told),
        "messages": told,
    }
    return pl.DataFrame(made, schema=EDITS)


def _rewritten(
    said: Iterable[Sequence[Mapping[str, str]]],
    found: Iterable[Sequence[Sequence[Entity]]],
    replacements: Iterable[Callable[[Entity], str]],
) -> pl.Series:
    """Return conversations with their entities replaced, each by a replacement of its own."""
    told = [
        [
            {"role": message["role"], "content": replaced(message["content"] or "", entities, replace)}
            for message, entities in zip(messages, by_message, strict=True)
        ]
        for messages, by_message, replace in zip(said, found, replacements, strict=False)
    ]
    return pl.Series("messages", told, dtype=pl.List(MESSAGE))


def replaced(text: str, entities: Sequence[Entity], replace: Callable[[Entity], str]) -> str:
    """Return a text with each entity replaced; `entities` are in order and do not overlap."""
    parts, end = [], 0
    for entity in entities:
        parts += [text[end : entity.start], replace(entity)]
        end = entity.end
    return "".join([*parts, text[end:]])


def _mask(entity: Entity) -> str:
    return f"[{entity.kind.upper()}]"


class Surrogates:
    """Values that belong to no one, one for each entity of a record."""

    def __init__(self, seed: str) -> None:
        self._random = random.Random(seed)  # noqa: S311 - what is drawn protects nothing
        self._known: dict[tuple[Kind, str], str] = {}
        self._given: set[str] = set()

    def __call__(self, entity: Entity) -> str:
        """Return the surrogate of an entity: no other entity's, unless a record names hundreds of one kind."""
        key = (entity.kind, entity.name)
        if key not in self._known:
            drawn = self._draw(entity)
            for _ in range(_DRAWS):
                if drawn not in self._given:
                    break
                drawn = self._draw(entity)
            self._known[key] = drawn
            self._given.add(drawn)
        return self._known[key]

    def _draw(self, entity: Entity) -> str:
        """Draw a value that a standard keeps free, or that its own check digits deny."""
        match entity.kind:
            case "email":
                return f"person-{self._digits(4)}@example.com"
            case "phone":
                return f"+1 {self._random.choice(_AREAS)}-555-01{self._digits(2)}"
            case "card" if is_month(entity.name):
                return f"00/{self._digits(2)}"
            case "card" if is_beside(entity):
                return self._digits(len(entity.name))
            case "card":
                number = f"40000000{self._digits(7)}"
                wrong = (int(luhn.calc_check_digit(number)) + 1) % 10
                return f"{number[:4]} {number[4:8]} {number[8:12]} {number[12:]}{wrong}"
            case "iban":
                return f"GB00WNNW{self._digits(14)}"
            case "national_id":
                return f"000-{self._digits(2)}-{self._digits(4)}"
            case "ip_address" if ":" in entity.name:
                return f"2001:db8::{self._random.randrange(1, 0xFFFF):x}"
            case "ip_address":
                return f"{self._random.choice(_NETWORKS)}.{self._random.randrange(1, 255)}"
            case "key":
                return "EXAMPLE-" + "".join(self._random.choices(string.ascii_uppercase, k=24))

    def _digits(self, count: int) -> str:
        return f"{self._random.randrange(10**count):0{count}}"
