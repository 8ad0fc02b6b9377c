"""Whether two texts that are much alike tell one fact otherwise, and everything else alike.

“Water boils at 100 degrees.” and “Water boils at 90 degrees.” are no copies of each other, however much stands around
the number. A fact is told otherwise where a number stands for a number, a name for a name, a unit or a colour for
another, a word for its opposite, or where “not” comes or goes; all words in which the texts differ must be of these
kinds (`in`, `the` and the like aside). A copyist's edits hit words of every kind: a text where another word differs as
well, or where a number became a word that is none, was edited. One edit may put a number for a number all the same: of
texts with a word in fifty left out, replaced or put in, a hundredth is taken for another fact, in prose and in sums.

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

from quality.texts.function_words import FUNCTION_WORDS
from quality.texts.inflected import inflected
from quality.texts.opposites import denied, exchanged
from quality.texts.slips import DENYING, mistyped

_NUMBERS = (
    *("zero", "one first", "two second", "three third", "four fourth", "five fifth", "six sixth", "seven seventh"),
    *("eight eighth", "nine ninth", "ten tenth", "eleven eleventh", "twelve twelfth", "thirteen", "fourteen"),
    *("fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"),
)
_VALUES = {word: str(value) for value, words in enumerate(_NUMBERS) for word in words.split()}
_TENS = ("thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_VALUES |= {word: str(10 * tens) for tens, word in enumerate(_TENS, 3)}
_KINDS = (
    "black white red green blue yellow orange purple brown pink",
    "monday tuesday wednesday thursday friday saturday sunday",
    "january february march april june july august september october november december",
    "spring summer autumn winter",
    "north south east west northeast northwest southeast southwest",
    "northern southern eastern western",
)
_OF_ONE_KIND = tuple(frozenset(words.split()) for words in _KINDS)
# What is left of a verb before “n't”.
_BEFORE_NOT = frozenset(
    ("don", "doesn", "didn", "isn", "aren", "wasn", "weren", "hasn", "haven", "hadn", "wouldn", "couldn", "shouldn")
)
_UNTOLD = FUNCTION_WORDS | _BEFORE_NOT
_FIGURES = re.compile(r"\d+(?:[.,]\d+)*")
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
        The texts as they are written: capitals tell names.
    """
    lost = {*(said - other)} - (_UNTOLD - _letters(written))
    gained = {*(other - said)} - (_UNTOLD - _letters(other_written))
    denials = (lost | gained) & DENYING
    told = exchanged(lost, gained) | denied(lost, gained) | _of_one_kind(lost, gained)
    found = bool(told) or len(denials & lost) % 2 != len(denials & gained) % 2
    lost, gained = lost - denials - told, gained - denials - told
    counted = {word for word in lost | gained if word in _VALUES or _FIGURES.search(word)}
    if counted & lost and counted & gained:
        values, others = _values(said, written), _values(other, other_written)
        # As many on either side: a sum that became one number was edited.
        found |= (values - others).total() == (others - values).total() > 0
        lost, gained = lost - counted, gained - counted
    if lost and gained and lost <= names(written) and gained <= names(other_written):
        return not any(mistyped(one, beside) or inflected(one, beside) for one in lost for beside in gained)
    return found and not lost and not gained


def _letters(written: str) -> set[str]:
    """Return the article, if a text has it for a name: “vitamin A”."""
    return {"a"} & names(written) if " A" in written else set()


def _of_one_kind(lost: set[str], gained: set[str]) -> set[str]:
    kinds = (kind for kind in _OF_ONE_KIND if kind & lost and kind & gained)
    return {word for kind in kinds for word in kind & (lost | gained)}


def _values(words: Counter[str], written: str) -> Counter[str]:
    """Count the numbers of a text, however they are written: in figures, with marks between thousands, in words."""
    figures = Counter(_value(number) for number in _FIGURES.findall(written))
    return figures + Counter(_VALUES[word] for word in words.elements() if word in _VALUES)


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
