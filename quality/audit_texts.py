"""How the auditor reads a text: plain Python, sharing no code with what the curator reads it by."""

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass

_ASCII_WORD = re.compile(r"\w+", re.ASCII)
_JOINERS = "\u200c\u200d"
# Letters in circles and squares: symbols by category, letters by Unicode's property, which the curator goes by.
_ENCLOSED = [range(0x24B6, 0x24EA), range(0x1F130, 0x1F14A), range(0x1F150, 0x1F16A), range(0x1F170, 0x1F18A)]
# Python takes four control characters for white space that Unicode does not.
_SPACE = re.compile(r"[^\S\x1c-\x1f]+")

Bag = frozenset[tuple[str, int]]


@dataclass(frozen=True)
class Said:
    """A row's prompt and answer, as the curator compares them."""

    prompt: str
    answer: str


def words_of(text: str) -> list[str]:
    """Split into words: letters, combining marks, digits and connectors (Python's own pattern leaves marks out)."""
    if text.isascii():
        return _ASCII_WORD.findall(text)
    return "".join(letter if _in_word(letter) else " " for letter in text).split()


def _in_word(letter: str) -> bool:
    return (
        unicodedata.category(letter)[0] in "LM"
        or unicodedata.category(letter) in ("Nd", "Nl", "Pc")
        or letter in _JOINERS
        or any(ord(letter) in letters for letters in _ENCLOSED)
    )


def normal(text: str) -> str:
    """Spell a text the one way in which equal texts are equal: composed, case folded, blanks as one space."""
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())
    return _SPACE.sub(" ", folded).strip(" ")


def text_of(messages: list[dict[str, str]]) -> str:
    """Join a record's contents as the curator compares them: one line break between messages."""
    return "\n".join(message["content"] or "" for message in messages)


def said(messages: list[dict[str, str]]) -> Said:
    """Split a conversation before its last answer."""
    answers = [place for place, message in enumerate(messages) if message["role"] == "assistant"]
    last = answers[-1] if answers else len(messages)
    contents = [message["content"] or "" for message in messages]
    return Said(normal("\n".join(contents[:last])), normal("".join(contents[last : last + 1])))


def bag(text: str) -> Bag:
    """Give each word the number of its turn, so that a set holds a word as often as the text does."""
    counts: Counter[str] = Counter()
    found = set()
    for word in words_of(text):
        counts[word] += 1
        found.add((word, counts[word]))
    return frozenset(found)


def likeness(one: Bag, other: Bag) -> float:
    """Share of the words of two texts that both hold (0 to 1); 1 where neither has any."""
    return len(one & other) / len(one | other) if one or other else 1.0


def begun(answer: str) -> str:
    """Return an answer without the dots it trails off in."""
    return re.sub(r"\s*(?:\.{2,}|…)\s*$", "", answer).rstrip()
