"""Answers that say in short what another one says in full, for the audit: plain Python, as it reads all texts.

What is proven is what `quality.texts.in_short` claims: the longer answer holds the words of the shorter one in their
order, and besides but those that a sentence is built with, and all of the prompt's, in its order; numbers, signs and
“not” are the same.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

from quality.auditing.slips import denies
from quality.auditing.texts import Said, unspaced
from quality.texts.function_words import FUNCTION_WORDS, JOINING
from quality.texts.inflected import inflected
from quality.texts.opposites import turned
from quality.texts.told_otherwise import told_otherwise

_NEARLY = "almost barely except false hardly incorrect myth nearly only unlike untrue wrong"
_CHOICE = "either oder or ou versus vs"
_ASKING = "how when why who whose which what many much please"
_HELPING = "is are was were do does did has have had can could will would should"
_NUMBER = re.compile(r"(?:(?<!\w)[-−+]?\d+(?:[.,:/]\d+)*|\d+)(?:\s?[b-hj-zB-HJ-Z]\b)?")


def in_short(row: Said, whole: Said) -> bool:
    """Whether the answer of a row, no longer than the other, says what the other says below that one's prompt."""
    answer, (prompt_read, whole_answer) = row.spelled[1], whole.spelled
    (said, few_written), (told, many_written), (prompt, asked_written) = answer, whole_answer, prompt_read
    asked = set(prompt)
    if len(said) > len(told) or unspaced(row.answer) or unspaced(whole.answer) or told_otherwise(answer, whole_answer):
        return False
    own, others = ([word for word in words if word not in FUNCTION_WORDS] for words in (said, told))
    if not own or any(count > others.count(word) for word, count in Counter(own).items()):
        return False
    if len(own) > 2 and not _subsequence(own, told):
        return False
    if sorted(filter(denies, said)) != sorted(filter(denies, told)):
        return False
    if any(word in JOINING and word not in told and word not in asked for word in said):
        return False
    more = list(others)
    for word in own:
        more.remove(word)
    if set(more).intersection(_NEARLY.split()) or turned(set(own), set(more)):
        return False
    if more:
        if asked.intersection(_CHOICE.split()) or all(any(inflected(w, q) for q in asked) for w in own):
            return False
        if any(map(denies, own)) or not _says_again(more, own, told, prompt):
            return False
    few, many, given = map(_counted, (few_written, many_written, asked_written))
    return not few - many and not many - few - given


def _says_again(more: list[str], own: list[str], told: list[str], prompt: list[str]) -> bool:
    """Whether what the longer answer adds is what the prompt says, whole and in order, save the thing asked for."""
    light = {*FUNCTION_WORDS, *_ASKING.split()}
    sought = {
        prompt[place]
        for place in range(1, len(prompt) - 1)
        if prompt[place - 1] in ("which", "what", "how") and prompt[place + 1] in _HELPING.split()
    }
    given = [word for word in prompt if word not in light and word not in sought]
    rest = [word for word in more if _kin(word, given) or not _kin(word, sought)]
    if not all(_kin(word, rest) or _kin(word, own) for word in given):
        return False
    if "by" in told and "by" not in prompt:
        place = told.index("by") + 1
        if told[place : place + len(own)] == own:
            return len(rest) <= len(given) and all(_kin(word, given) for word in rest)
    place = 0
    for word in rest:
        while place < len(given) and not inflected(word, given[place]):
            place += 1
        if place == len(given):
            return False
        place += 1
    return True


def _kin(word: str, words: Iterable[str]) -> bool:
    return any(inflected(word, other) for other in words)


def _subsequence(words: list[str], of: list[str]) -> bool:
    place = 0
    for word in of:
        place += place < len(words) and word == words[place]
    return place == len(words)


def _counted(text: str) -> set[str]:
    """Gather the numbers and signs of a text."""
    found = {letter for letter in text if letter == "%" or unicodedata.category(letter) in ("Sm", "Sc", "So", "No")}
    for number in _NUMBER.findall(text):
        spelled = number.replace("−", "-").lstrip("+")
        pieces = spelled.removeprefix("-").split(",")
        thousands = len(pieces) > 1 and len(pieces[0]) <= 3 and all(len(piece) == 3 for piece in pieces[1:])
        found.add(spelled.replace(",", "") if thousands and "".join(pieces).isdigit() else spelled)
    return found
