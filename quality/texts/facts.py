"""Whether two texts that are much alike tell one fact otherwise, and everything else alike.

“Water boils at 100 degrees.” and “Water boils at 90 degrees.” are no copies of each other, however much stands around
the number. A fact is told otherwise where a number stands for a number, a name for a name, a unit or a colour for
another, a word for its opposite, or where “not” comes or goes; all words in which the texts differ must be of these
kinds (`in`, `the`, `really` and the like aside). A copyist's edits hit words of every kind: a text where another word
differs as well, or where a number became a word that is none, was edited. One edit may put a number for a number all
the same: of texts with a word in fifty left out, replaced or put in, a hundredth is taken for another fact, in prose
and in sums.

Any other word that stands for another (“blood” for “water”) doesn't count: a synonym looks the same, and so does the
edit of a single word, which may be any of a long text. So such texts are copies. Names are words written with a capital
in mid-sentence; one at the start of a sentence, one in small letters and one that is a letter apart from the other
(`Iran`, `Iraq`, but also `Ratatuille`) are told from no other word, and fall to copies as well.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import lru_cache

from quality.texts.counted import VALUES
from quality.texts.function_words import EMPTY, FUNCTION_WORDS
from quality.texts.inflected import inflected
from quality.texts.opposites import denied, exchanged
from quality.texts.slips import DENYING, mistyped
from quality.texts.spellings import MINUS

_KINDS = (
    "black white red green blue yellow orange purple brown pink",
    "monday tuesday wednesday thursday friday saturday sunday",
    "january february march april june july august september october november december",
    "spring summer autumn winter",
    "north south east west northeast northwest southeast southwest",
    "northern southern eastern western",
    "morning noon afternoon evening night midnight",
    "antemeridiem postmeridiem",
)
# One may stand in a text for something else (“above” for “more than”); here nothing else may differ.
_TURNS = (
    *("above below", "over under", "up down", "inside outside", "raise lower", "raises lowers", "raised lowered"),
    *("raising lowering", "increasing decreasing", "rising falling", "gains loses", "gained lost", "wins loses"),
    *("won lost", "enabling disabling", "includes excludes", "included excluded", "include exclude"),
    *("earliest latest", "cheaper dearer", "faster slower", "heavier lighter", "older younger"),
    *("longest shortest", "fastest slowest", "highest lowest", "biggest smallest", "top bottom", "front back"),
    *("upward downward", "upwards downwards", "clockwise counterclockwise", "clockwise anticlockwise", "all none"),
    *("buy sell", "buys sells", "bought sold", "push pull", "pushes pulls", "open shut", "even odd", "lend borrow"),
    *("adds subtracts", "add subtract", "multiply divide", "multiplies divides", "encode decode", "encodes decodes"),
    *("encrypts decrypts", "compresses decompresses", "acid alkaline", "solid liquid", "expands contracts"),
    *("warms cools", "heats cools", "accelerates slows", "strengthens weakens", "legal illegal", "alive dead"),
    *("most least", "many few", "often rarely", "sooner later", "wet dry", "big small", "large small", "rich poor"),
)
_SIDES = tuple(frozenset(pair.split()) for pair in _TURNS)
_OF_ONE_KIND = tuple(frozenset(words.split()) for words in _KINDS)
# What is left of a verb before “n't”.
_BEFORE_NOT = frozenset(
    ("don", "doesn", "didn", "isn", "aren", "wasn", "weren", "hasn", "haven", "hadn", "wouldn", "couldn", "shouldn")
)
_SHORT_NOT = re.compile(r"\w['’]t\b", re.IGNORECASE)  # elsewhere, a “t” is a slip
_UNTOLD = FUNCTION_WORDS | EMPTY | _BEFORE_NOT
_FIGURES = re.compile(r"\d+(?:[.,]\d+)*")
_SIGNED = re.compile(rf"(?:\b{MINUS} [$€£¥]?)?\d+(?:[.,]\d+)*")
_DECIMALS = re.compile(r"\d+\.\d+")
_BY_THOUSANDS = re.compile(r"\d{1,3}(?:[.,]\d{3})+")
_WORD = re.compile(r"\w+")
# What ends a sentence, or stands before the first word of a line.
_STARTS = re.compile(r"[.!?:;…\n*•#|>]")
# “St.” and “Dr.” end none.
_LONGEST_TITLE = 3
# Texts of which names are remembered: those below one prompt are compared each with each.
_MOST_REMEMBERED = 256


def tell_another_fact(said: Counter[str], other: Counter[str], written: str, other_written: str) -> bool:
    """Tell whether two texts differ in one fact, or several, and in nothing else.

    Parameters
    ----------
    said, other : Counter of str
        How often each text holds each of its words, folded.
    written, other_written : str
        The texts as they are written, in one spelling (`quality.texts.spellings`): capitals tell names.
    """
    lost, gained = {*(said - other)}, {*(other - said)}
    if not lost and not gained:
        return _other_decimals(written, other_written)
    stray = {"t"} & (lost | gained) if not _SHORT_NOT.search(written if "t" in lost else other_written) else set()
    denials = (lost | gained) & DENYING - stray
    told = exchanged(lost, gained) | denied(lost - stray, gained - stray) | _of_one_kind(lost, gained)
    found = bool(told) or len(denials & lost) % 2 != len(denials & gained) % 2
    lost, gained = lost - (_UNTOLD - _letters(written)), gained - (_UNTOLD - _letters(other_written))
    lost, gained = lost - denials - told, gained - denials - told
    counted = {word for word in lost | gained if word in (*VALUES, MINUS) or _FIGURES.search(word)}
    if (counted & lost and counted & gained) or counted == {MINUS}:
        values, others = _values(said, written), _values(other, other_written)
        # As many on either side: a sum that became one number was edited.
        found |= (values - others).total() == (others - values).total() > 0
        lost, gained = lost - counted, gained - counted
    if lost and gained and lost <= names(written) and gained <= names(other_written):
        if len(lost) != len(gained) and sorted("".join(lost)) == sorted("".join(gained)):
            return False  # one name, that a blank or a sign fell into
        return not any(mistyped(one, beside) or inflected(one, beside) for one in lost for beside in gained)
    return found and not lost and not gained


def _letters(written: str) -> set[str]:
    """Return the article, if a text has it for a name: “vitamin A”."""
    return {"a"} & names(written) if " A" in written else set()


def _of_one_kind(lost: set[str], gained: set[str]) -> set[str]:
    kinds = (kind for kind in (*_OF_ONE_KIND, *_SIDES) if kind & lost and kind & gained)
    return {word for kind in kinds for word in kind & (lost | gained)}


def _values(words: Counter[str], written: str) -> Counter[str]:
    """Count the numbers of a text, however they are written: in figures, with marks between thousands, in words."""
    figures = Counter(_value(number) for number in _SIGNED.findall(written))
    return figures + Counter(VALUES[word] for word in words.elements() if word in VALUES)


def _other_decimals(written: str, other: str) -> bool:
    """Tell whether two texts of the same words put other points between figures: 3.5 and 5.3."""
    ours, theirs = (sorted(_DECIMALS.findall(text)) for text in (written, other))
    return len(ours) == len(theirs) and ours != theirs


def _value(number: str) -> str:
    if _BY_THOUSANDS.fullmatch(number):
        return re.sub("[.,]", "", number)
    return number.replace(",", ".")


@lru_cache(maxsize=_MOST_REMEMBERED)
def names(text: str) -> frozenset[str]:
    """Gather the words, folded, that a text writes with a capital in mid-sentence."""
    composed, found, before, end = unicodedata.normalize("NFC", text), set(), "", 0
    for match in _WORD.finditer(composed):
        between = composed[end : match.start()]
        titled = between.startswith(".") and before[:1].isupper() and len(before) <= _LONGEST_TITLE
        if before and match[0][0].isupper() and (titled or not _STARTS.search(between)):
            found.add(match[0].casefold())
        before, end = match[0], match.end()
    return frozenset(found)
