"""Look for personal data in records: a Polars pass over all of them, recognisers on the few that look suspicious."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from quality.personal.accounts import cards, ibans
from quality.personal.addresses import emails, ip_addresses
from quality.personal.entity import Entity, Taken, around
from quality.personal.keys import keys
from quality.personal.national import national_ids
from quality.personal.phones import phones
from quality.personal.plain import plain, seen, tabulated, unemphasised
from quality.personal.prefilter import suspicious
from quality.personal.repeated import everywhere
from quality.personal.settings import KINDS, Kind, Personal
from quality.records import MESSAGE, full_text

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from quality.row_memory import RowMemory

_RECOGNISERS: dict[Kind, Callable[[str], Iterator[Entity]]] = {
    "key": keys,
    "email": emails,
    "iban": ibans,
    "card": cards,
    "national_id": national_ids,
    "ip_address": ip_addresses,
}

# Stands for what was taken already; no value holds it.
_BLANK = "\0"
# What an edit leaves (`quality.personal.replacement`): its word tells of the value that was there, and of no other.
_MASKS = re.compile(rf"\[(?:{'|'.join(kind.upper() for kind in KINDS)})\]")


def entities(text: str, settings: Personal, kinds: Collection[str] = KINDS) -> list[Entity]:
    """Return the personal data in a text, in order.

    Kinds are looked for from the one that proves most to the one that proves least (`KINDS`), each in what the
    earlier ones left.

    Parameters
    ----------
    text : str
        Where to look.
    settings : Personal
        Which kinds are asked for, and the regions of phone numbers.
    kinds : collection of str
        Kinds that the text may hold; the others' recognisers are spared.
    """
    text, places = seen(text)
    held: list[Entity] = []
    taken = Taken(text)
    said, text = text, _MASKS.sub(lambda mask: _BLANK * len(mask[0]), plain(text))
    for kind in KINDS:
        if kind in settings.kinds and kind in kinds:
            # Keys hold such signs themselves; a number never does.
            looked = text if kind == "key" else unemphasised(tabulated(text))
            found = phones(looked, settings.regions, said) if kind == "phone" else _RECOGNISERS[kind](looked)
            of_kind = [entity for entity in sorted(found) if taken.take(entity)]
            held += of_kind
            text = _without(text, of_kind)
    return [one._replace(start=places[one.start], end=places[one.end - 1] + 1) for one in sorted(held)]


def _without(text: str, held: Sequence[Entity]) -> str:
    blanks = [_BLANK * (entity.end - entity.start) for entity in held]
    return "".join(part for pair in zip(around(text, held), [*blanks, ""], strict=True) for part in pair)


def found_in(
    records: pl.DataFrame, settings: Personal, memory: RowMemory | None = None
) -> dict[int, list[list[Entity]]]:
    """Find the rows that hold personal data; what is known from one place of a record is found in all of them.

    Parameters
    ----------
    records : pl.DataFrame
        Column `messages`.
    settings : Personal
        Which kinds.
    memory : RowMemory, optional
        How many values rows of earlier runs held, with the same settings: where none was, none is looked for.

    Returns
    -------
    dict
        Position of a row → the entities of each of its messages.
    """
    if not settings.kinds:
        return {}
    if memory is None:
        return _looked_for(records, settings)
    said = records.select(said=pl.struct("messages").struct.json_encode()).to_series()
    holders = (memory.of(lambda texts: _counted(texts, settings), said)["values"] > 0).arg_true()
    return {int(holders[at]): held for at, held in _looked_for(records[holders], settings).items()}


def _counted(said: pl.Series, settings: Personal) -> pl.DataFrame:
    """Count the values that records hold, of which each is given as JSON: `values: Float64`."""
    records = said.str.json_decode(pl.Struct({"messages": pl.List(MESSAGE)})).struct.unnest()
    values = np.zeros(records.height)
    for row, held in _looked_for(records, settings).items():
        values[row] = sum(map(len, held))
    return pl.DataFrame({"values": values})


def _looked_for(records: pl.DataFrame, settings: Personal) -> dict[int, list[list[Entity]]]:
    looked = suspicious(full_text(records)).select(settings.kinds)
    rows = looked.select(pl.any_horizontal(pl.all())).to_series().arg_true()
    messages = records["messages"].gather(rows).to_list()
    found = {}
    for row, said, flags in zip(rows, messages, looked[rows].iter_rows(), strict=True):
        kinds = {kind for kind, flag in zip(looked.columns, flags, strict=True) if flag}
        texts = [message["content"] or "" for message in said]
        by_message = [entities(text, settings, kinds) for text in texts]
        if any(by_message):
            found[row] = everywhere(texts, by_message)
    return found
