"""Whether two rows name different things: what their prompts exchange, their answers exchange as well.

“What does `can_read` do?”, “True if readable, else False.” and “What does `can_write` do?”, “True if writable, …” are
siblings, however alike they are. A copyist's edits of a prompt have nothing to do with those of its answer. Names come
in parts (`can_write`, `ArrowArray`), and go on otherwise in a sentence (“write”, “writable”; “log”, “logpdf”).

Where a prompt puts one name of code for another and says the rest alike, no part of a name needs to come again: “What
does `os.rmdir` do?” is a sibling of “What does `os.remove` do?” whatever their answers say.
"""

from __future__ import annotations

import re
import unicodedata

from quality.texts.letter_case import words_and_names

_WORD = re.compile(r"\w+")
_PARTED = re.compile(r"[A-Za-z0-9]*(?:_[A-Za-z0-9]|[a-z0-9][A-Z])\w*")
_NO_LETTER = re.compile(r"[\W_]+")
_PART = re.compile(r"[A-Z]+(?![a-z])\d*|[A-Z]?[a-z]+\d*|\d+")
# Letters: of a part that says something, and of one that another begins with; a longer one may lose its last.
_SHORTEST, _SHORTEST_BEGINNING, _SHORTEST_STEM = 2, 3, 5
# Words of three letters that name nothing, and begin as others do: “the” and “then”, “can” and “candle”.
_NO_NAMES = {
    "the", "and", "for", "are", "was", "can", "but", "not", "you", "all", "any", "has", "had", "its", "who", "how",
    "why", "our", "one", "out", "use", "may", "let", "get", "say", "per", "via",
}  # fmt: skip


def named_in_both(asked: str, other: str, said: str, other_said: str) -> bool:
    """Tell whether a word, or a part of a name, comes, or goes, in the prompt and in the answer both.

    Parameters
    ----------
    asked, other : str
        The prompts of two rows, as they are written.
    said, other_said : str
        Their answers.
    """
    prompts, answers = (_parts(asked), _parts(other)), (_parts(said), _parts(other_said))
    return any(_meet(prompts[one] - prompts[1 - one], answers[one] - answers[1 - one]) for one in (0, 1))


def other_name_of_code(asked: str, other: str) -> bool:
    """Tell whether two prompts are the same but for one name of code, which has other letters in each.

    Examples
    --------
    >>> other_name_of_code("What does os.remove do?", "What does os.rmdir do?")
    True
    >>> other_name_of_code("What does os.remove do?", "What does it do?")
    False
    """
    one, two = (words_and_names(text) for text in (asked, other))
    differ = [pair for pair in zip(one, two, strict=False) if pair[0][0].casefold() != pair[1][0].casefold()]
    if len(one) != len(two) or len(differ) != 1:
        return False
    (name, is_code), (beside, is_code_too) = differ[0]
    letters = (_NO_LETTER.sub("", word).casefold() for word in (name, beside))
    return is_code and is_code_too and next(letters) != next(letters)


def _parts(text: str) -> set[str]:
    words = _WORD.findall(unicodedata.normalize("NFC", text))
    parts = (part for word in words for part in (_PART.findall(word) if _PARTED.fullmatch(word) else [word]))
    return {part.casefold() for part in parts if len(part) >= _SHORTEST}


def _meet(some: set[str], others: set[str]) -> bool:
    """Whether a word is in both, or begins as one of the others does: all of the shorter, or all but its last letter.

    Beginnings are looked up, as two long texts have millions of pairs of words.
    """
    return not some.isdisjoint(others) or _begins(some, others) or _begins(others, some)


def _begins(some: set[str], others: set[str]) -> bool:
    stems = {
        word[: len(word) - (len(word) >= _SHORTEST_STEM)]
        for word in some - _NO_NAMES
        if len(word) >= _SHORTEST_BEGINNING
    }
    sizes = {len(stem) for stem in stems}
    return any(word[:size] in stems for word in others for size in sizes if size <= len(word))
