"""Whether two texts write a name of code in other capitals: `re.match` is a function, and `re.Match` a class.

Texts are compared in one case, since capitals of a sentence mean nothing, and a text may be shouted or all in small
letters. In names of code they do: where a word has dots, underscores or capitals within, stands between backticks or
before brackets, and has so in both texts: “JavaScript” and “Javascript” are one. So do those of bits and bytes.

A text that was rewritten as a whole, in capitals, in small letters or each word with a capital, says nothing by the
case of a name.
"""

from __future__ import annotations

import re
from collections import defaultdict

_WORD = re.compile(r"(`?)((?:\w+(?:\.|::|->))*\w+)(`?\(?)")
_TWO = 2
_LETTERS = re.compile(r"\w+")
_TITLED = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_PARTED = re.compile(r"\w{2,}(?:\.|::|->)\w|\w(?:\.|::|->)\w{2,}")
_WITHIN = re.compile(r"[^\W_]_[^\W_]|[a-z0-9][A-Z]|[A-Z]{2}[a-z]")
_BYTES = re.compile(r"[kKMGTP]i?[bB]")
# Names of machines are the same in any case, and so are shortened words (“e.g.”).
_HOST = re.compile(r"(?i)(?:www\..*|.*\.(?:com|org|net|edu|gov))")
_ENDS_A_SENTENCE = re.compile(r"(?:^|[.!?:\n])[\s\"'“‘*_(]*$")


def other_capitals(text: str, other: str, *, rewritten: bool = False) -> bool:
    """Tell whether two texts write the same name of code in other capitals, and not because of all their letters.

    Parameters
    ----------
    text, other : str
        As they are written.
    rewritten : bool
        Whether a text may be written in capitals or small letters as a whole: then it may name another thing, too.

    Examples
    --------
    >>> other_capitals("What is re.match?", "What is re.Match?"), other_capitals("What is it?", "what is IT?")
    (True, False)
    """
    if not _case_differs(text, other):
        return False
    (names, words), (other_names, other_words) = _spelled(text), _spelled(other)
    if all(names[name] & other_names[name] for name in names.keys() & other_names.keys()):
        return False
    both = [word for word in words.keys() & other_words.keys() if word != word.upper()]
    in_other_case = sum(not words[word] & other_words[word] for word in both)
    whole = any(one in (one.lower(), one.upper(), _titled(one)) for one in (text, other))
    # One that was rewritten has no word left in another case, where the other may have both (“What … and what”).
    whole = whole and any(words[word] != other_words[word] for word in both)
    return rewritten or not (whole or _TWO * in_other_case > len(both))


def _titled(text: str) -> str:
    """Write each word with a capital, but not what follows an apostrophe."""
    return _TITLED.sub(lambda word: word[0].capitalize(), text)


def _case_differs(text: str, other: str) -> bool:
    """Tell whether a word of one text may be one of the other in another case: few pairs are read any closer."""
    ours, theirs = set(text.split()), set(other.split())
    one, two = (set(_LETTERS.findall(" ".join(words))) for words in (ours - theirs, theirs - ours))
    return not {word.casefold() for word in one - two}.isdisjoint(word.casefold() for word in two - one)


def words_and_names(text: str) -> list[tuple[str, bool]]:
    """List the words of a text, names of code in one piece, and tell which are such names."""
    return [(found[2], _is_code(found, text)) for found in _WORD.finditer(text)]


def _spelled(text: str) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """Return how a text writes each of its names of code, and each other word."""
    names: defaultdict[str, set[str]] = defaultdict(set)
    words: defaultdict[str, set[str]] = defaultdict(set)
    for found in _WORD.finditer(text):
        word = found[2]
        into = names if _is_code(found, text) else words
        into[word.casefold()].add(word)
        if into is names and _ENDS_A_SENTENCE.search(text[max(0, found.start() - 4) : found.start()]):
            # Who begins a sentence with a name may have written it with a capital.
            into[word.casefold()] |= {word[:1].upper() + word[1:], word[:1].lower() + word[1:]}
    return names, words


def _is_code(found: re.Match[str], text: str) -> bool:
    word = found[2]
    if _BYTES.fullmatch(word):
        return text[: found.start()].rstrip()[-1:].isdigit()
    quoted = bool(found[1]) and found[3].startswith("`")
    called = found[3].endswith("(") and text[found.end() : found.end() + 1] != " "
    parted = _PARTED.search(word) and not _HOST.fullmatch(word)
    return bool(quoted or called or parted or _WITHIN.search(word))
