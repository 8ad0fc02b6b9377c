"""A text as recognisers read it: blanks that don't break, wide digits and words that no space parts are made plain.

Characters that no one sees (soft hyphens, joiners, marks of direction) hide nothing: values are found without them.

“4539 1488 0343 6467” is the same card whichever blanks a typesetter put into it, and an address ends where Chinese
begins. Behind `plain` every character has one in its place, and `seen` tells the places of those that it leaves: what
is found has a known place in the text itself.
"""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_WIDE = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz+-@.()"
_PLAIN = str.maketrans(
    {chr(ord(sign) + 0xFEE0): sign for sign in _WIDE}
    | dict.fromkeys("\u00a0\u2002\u2003\u2004\u2005\u2007\u2008\u2009\u200a\u202f\u3000", " ")
    | dict.fromkeys("\u2010\u2011", "-")
)
# Ideographs, kana, hangul (particles stick to words), Thai, Lao, Burmese and Khmer.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]"
)

# Bold, italics and strikes around a number or an address, or around words that end with a number.
_EMPHASISED = re.compile(
    r"(?<![\w*~])(\*{1,3}|_{1,3}|~~)"
    r"([+(]{0,2}\d[^\n*_~]{5,98}|[^\s*_~@]{1,64}@[^\s*_~@]{3,98}|[^\s*_~][^\n*_~]{0,98}\d\)?)"
    r"(?<!\s)\1(?![\w*~])"
)

# Fields that commas part, with no blank behind a comma as in a sentence, and no other sign that parts columns.
_FIELD = r'(?:"[^"]*"|[^\s",;|][^",;|\t]*|)'
_FIELDS = re.compile(rf"{_FIELD}(?:,{_FIELD})+")
_COMMA = re.compile(r'("[^"]*")|,')
_NAMES = re.compile(r'"?[^\W\d][^,\d]*(?:,"?[^\W\d][^,\d]*)+')

HIDDEN = "[\u00ad\u200b-\u200f\u2060-\u2064\ufeff]"
_HIDDEN = re.compile(HIDDEN)


def seen(text: str) -> tuple[str, Sequence[int]]:
    """Return a text without the characters that no one sees, and the place of each of its characters in the whole.

    Examples
    --------
    >>> seen("a\u200bb")
    ('ab', [0, 2])
    """
    if text.isascii() or not _HIDDEN.search(text):
        return text, range(len(text))
    places = [at for at, sign in enumerate(text) if not _HIDDEN.match(sign)]
    return "".join(text[at] for at in places), places


def plain(text: str) -> str:
    """Return a text of the same length in which values of all scripts are spelled, and parted, in one way.

    Examples
    --------
    >>> plain("卡号４５３９\u00a01488")
    '··4539 1488'
    """
    return text if text.isascii() else _UNSPACED.sub("·", text.translate(_PLAIN))


def unemphasised(text: str) -> str:
    """Return a text of the same length without the emphasis around values, which would look like part of them.

    Examples
    --------
    >>> unemphasised("Call **212-867-5309** or __536-22-1847__, says __init__")
    'Call ··212-867-5309·· or ··536-22-1847··, says __init__'
    """
    return _EMPHASISED.sub(lambda found: f"{'·' * len(found[1])}{found[2]}{'·' * len(found[1])}", text)


def tabulated(text: str) -> str:
    r"""Return a text of the same length in which semicolons part the fields of tables, as a comma in a number does not.

    Lines of comma-separated values are a table under a line of names, or where two that follow each other have as many
    fields, three at least.

    Examples
    --------
    >>> tabulated("It costs 1,200 in Bonn, 900 in Ulm:\nid,ssn\n17,536-22-1847")
    'It costs 1,200 in Bonn, 900 in Ulm:\nid;ssn\n17;536-22-1847'
    """
    if "," not in text or "\n" not in text:
        return text
    lines = text.split("\n")
    parted = [_COMMA.sub(lambda found: found[1] or ";", line) if _FIELDS.fullmatch(line) else line for line in lines]
    commas = [line.count(",") - row.count(",") for line, row in zip(lines, parted, strict=True)]
    for many, alike in groupby(range(len(lines)), commas.__getitem__):
        rows = [*alike]
        if len(rows) == 1 or (many == 1 and not _NAMES.fullmatch(lines[rows[0]])):
            parted[rows[0] : rows[-1] + 1] = lines[rows[0] : rows[-1] + 1]
    return "\n".join(parted)
