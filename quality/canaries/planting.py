"""Make canaries: so many of each kind, each of a kept row of its own, each leak of an exam item of its own."""

from __future__ import annotations

import random
from collections import Counter
from typing import TYPE_CHECKING

import polars as pl

from quality.canaries import copies, defects, leaks, personal_values
from quality.canaries.kinds import Host, Item, Kind, Material
from quality.records import MESSAGE, answer_text, prompt_text, record_ids
from quality.texts.normalise import normalised

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    T = TypeVar("T")

KINDS: tuple[Kind, ...] = (*copies.KINDS, *leaks.KINDS, *personal_values.KINDS, *defects.KINDS)

CANARIES: dict[str, pl.DataType] = {
    "kind": pl.String(),
    "stage": pl.String(),  # that should catch it
    "reasons": pl.List(pl.String()),  # that count as its own
    "id": pl.String(),
    "messages": pl.List(MESSAGE),
    "witness": pl.String(),  # the row or item it gives away; null where nothing does
    "secret": pl.String(),  # what must not be left in it; null but for personal data
    "replaces": pl.UInt32(),  # the row that it stands in place of; null where that row stays beside it
}

# More canaries than this share of the kept rows would be no sample of them.
_LARGEST_SHARE = 0.5
_COMMON = 8  # words, such as “the” and “of”
# So many rows are looked through for hosts, for each canary and at least.
_HOSTS, _FEWEST_HOSTS = 8, 2000


def plant(kept: pl.DataFrame, reserve: pl.DataFrame, count: int, *, seed: int = 0) -> pl.DataFrame:
    """Make canaries.

    Parameters
    ----------
    kept : pl.DataFrame
        `row, id, messages` of rows that curation kept, so that what becomes of their copies is known.
    reserve : pl.DataFrame
        `item, question, answer`: what no training row may give away.
    count : int
        How many; fewer are made where kept rows or items run out.
    seed : int
        Another seed, other rows and edits.

    Returns
    -------
    pl.DataFrame
        Schema `CANARIES`, kinds in turn.
    """
    chance = random.Random(seed)  # noqa: S311 - no secret
    hosts = _hosts(kept, count, chance)
    items = _items(reserve, chance)
    words = [word for host in hosts for word in host.answer.split() if word.isalpha()] or ["so"]
    common = frozenset(word for word, _ in Counter(words).most_common(_COMMON))
    lines = []
    for kind in _in_turn(min(count, int(kept.height * _LARGEST_SHARE))):
        item = _take(items, kind.fits) if kind.fits else None
        host = None if kind.fits and item is None else _take(hosts, kind.suits)
        if host is None:
            continue
        made = kind.make(Material(host, item, words, common, chance))
        named = (kind.name, kind.stage, list(kind.reasons), "", made.messages, made.witness, made.secret)
        lines.append((*named, None if kind.stays else host.row))
    frame = pl.DataFrame(lines, schema=CANARIES, orient="row")
    return frame.with_columns(id=record_ids(frame["messages"]))


def _in_turn(count: int) -> list[Kind]:
    """List so many kinds: all in turn, the weightier ones more often."""
    rounds = max(kind.weight for kind in KINDS)
    turn = [kind for over in range(rounds) for kind in KINDS if kind.weight > over]
    return [turn[at % len(turn)] for at in range(count)]


def _hosts(kept: pl.DataFrame, count: int, chance: random.Random) -> list[Host]:
    """Draw rows that end in an answer, in random order."""
    asked_and_said = kept.select("row", "id", "messages", prompt=prompt_text(kept), answer=answer_text(kept)).filter(
        pl.col("messages").list.last().struct.field("role") == "assistant",
        pl.col("prompt").str.strip_chars() != "",
        pl.col("answer").str.strip_chars() != "",
    )
    most = min(asked_and_said.height, max(_FEWEST_HOSTS, _HOSTS * count))
    places = chance.sample(range(asked_and_said.height), most)
    return [Host(*fields) for fields in asked_and_said[places].iter_rows()]


def _items(reserve: pl.DataFrame, chance: random.Random) -> list[Item]:
    """Shuffle the items whose question and answer no other row has: others give nothing away.

    An item that is asked in two suites, in bits per byte and as a choice, is one.
    """
    keys = (
        reserve.select("item", "question", "answer")
        .fill_null("")
        .with_columns(
            asked=normalised(reserve["question"].fill_null("")), told=normalised(reserve["answer"].fill_null(""))
        )
    )
    keys = keys.unique(["asked", "told"], keep="first", maintain_order=True)
    alone = [(pl.col(key) == "") | pl.col(key).is_unique() for key in ("asked", "told")]
    items = [Item(*fields) for fields in keys.filter(*alone).select("item", "question", "answer").iter_rows()]
    chance.shuffle(items)
    return items


def _take(things: list[T], suits: Callable[[T], bool]) -> T | None:
    """Take the first thing that suits out of a list."""
    for at, thing in enumerate(things):
        if suits(thing):
            return things.pop(at)
    return None
