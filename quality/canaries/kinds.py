"""What a canary is: a row whose fate is known beforehand, made of a row that curation kept, or of an exam item."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

Messages = list[dict[str, str]]


class Item(NamedTuple):
    """An item of the exam's reserve; either text may be empty."""

    item: str
    question: str
    answer: str


class Host(NamedTuple):
    """The kept row that a canary is made of."""

    row: int
    id: str
    messages: Messages
    prompt: str
    answer: str


class Made(NamedTuple):
    """A canary's messages, the row or item that proves it, and the value that must not be left in it, if any."""

    messages: Messages
    witness: str | None = None
    secret: str | None = None


class Material(NamedTuple):
    """What a canary is made of: a host, an item where the kind needs one, and chance.

    `words` are those of kept answers, as often as they stand there; `common` are a few of the commonest.
    """

    host: Host
    item: Item | None
    words: Sequence[str]
    common: frozenset[str]
    chance: random.Random


@dataclass(frozen=True)
class Kind:
    """A kind of canary.

    Attributes
    ----------
    name : str
        A plural: what there are so many of.
    stage : str
        The step that should catch it; for duplicates `dedupe`, with `dedupe_meaning` as the net beneath.
    reasons : tuple of str
        Reasons that count as its own.
    make : callable
        Makes one of a host, or of an item and a host.
    suits : callable
        Tells hosts that can be made into this kind.
    fits : callable, optional
        Tells exam items that can; left out, the kind needs none.
    stays : bool
        Whether the host stays beside the canary. If not, the canary stands in its place: a broken row is no copy of
        a whole one, and would be taken for one.
    weight : int
        How many are planted for one of a kind of weight 1: more where doubt is greater.
    """

    name: str
    stage: str
    reasons: tuple[str, ...]
    make: Callable[[Material], Made]
    suits: Callable[[Host], bool]
    fits: Callable[[Item], bool] | None = None
    stays: bool = False
    weight: int = 1


def answered(messages: Messages, answer: str) -> Messages:
    """Return a conversation with another last answer."""
    return [*messages[:-1], {"role": "assistant", "content": answer}]


def asked(question: str, answer: str) -> Messages:
    """Return a conversation of one question and its answer."""
    return [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]


def edited(text: str, rate: float, words: Sequence[str], chance: random.Random) -> str:
    """Edit a share of a text's words, at least one: a word is left out, replaced, or another put behind it.

    The last word stays: without it, or with another behind it, a text would look cut off.
    """
    parts = text.split(" ")
    places = [at for at, part in enumerate(parts) if part.strip()]
    count = max(1, round(len(places) * rate))
    for at in chance.sample(places[:-1], min(len(places[:-1]), count)):
        other = next((word for word in chance.sample(words, min(4, len(words))) if word != parts[at]), "so")
        parts[at] = chance.choice(["", other, f"{parts[at]} {other}"])
    return " ".join(part for part in parts if part)


def at_least(words: int) -> Callable[[Host], bool]:
    """Return a check that a host's answer has so many words."""
    return lambda host: len(host.answer.split()) >= words
