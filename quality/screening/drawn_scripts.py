"""Characters drawn from all of Unicode: words of many scripts at once, ideographs and syllables that are hardly used.

A word is written in one script; where letters of four scripts or more follow each other at random, nobody wrote them.
Of Chinese and Japanese, nine in ten characters are of the few thousand that the first levels of the national standards
list (GB 2312: 3,755, Big5: 5,401, JIS X 0208: 2,965), and nearly all Korean syllables are of the 2,350 of KS X 1001.
Of characters drawn from a block of Unicode, a fifth or a fourth are. Names of elements, compounds and birds are of the
second levels, of which a third of what is drawn are at most.
"""

from __future__ import annotations

import unicodedata
from itertools import pairwise

import polars as pl

# Scripts written together are one.
_SCRIPTS = (
    "Latin", "Greek", "Cyrillic", "Armenian", "Hebrew", "Arabic", "Devanagari", "Bengali", "Tamil", "Thai", "Georgian",
    "Ethiopic", "Cherokee", "Canadian_Aboriginal", "Runic", "Khmer", "Mongolian", "Yi", "Vai", "Hangul", "Han",
)  # fmt: skip
_FEWEST_SCRIPTS = 3  # at a first look
_FEWEST_KINDS, _FEWEST_CHANGES, _CHANGES = 4, 8, 0.3  # of scripts; changes between them, in all and for each pair
_TOGETHER = dict.fromkeys(("HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "HALFWIDTH", "IDEOGRAPHIC"), "CJK")
_TOGETHER["FULLWIDTH"] = "LATIN"
_EAST_ASIAN = r"[\p{Han}\p{Hangul}]"
_FEWEST_DRAWN, _MOSTLY = 16, 0.5  # such characters, and their share of what is visible
# Encodings, and the lead bytes of their first levels; and of both levels, but of Big5, with which it is half of a
# block.
_LEVELS = (("gb2312", 0xB0, 0xD7), ("big5", 0xA4, 0xC6), ("shift_jis", 0x88, 0x98), ("euc-kr", 0xB0, 0xFD))
_BOTH_LEVELS = (("gb2312", 0xB0, 0xF7), ("shift_jis", 0x88, 0xEA))
_KNOWN, _LISTED = 0.5, 0.8  # of the characters, by the standard that knows most


def drawn_scripts(texts: pl.Series) -> pl.Series:
    """Tell texts whose characters were drawn from many scripts, or from all that a script has.

    Parameters
    ----------
    texts : pl.Series of String
        Without nulls.

    Returns
    -------
    pl.Series of Boolean
        In the order of the texts.
    """
    text = pl.col("text")
    beyond = (texts.str.len_bytes() > texts.str.len_chars()).arg_true()
    rows = pl.DataFrame({"row": beyond, "text": texts.gather(beyond)})
    scripts = pl.sum_horizontal(text.str.contains(rf"\p{{{script}}}") for script in _SCRIPTS)
    many = rows.filter(scripts >= _FEWEST_SCRIPTS)
    east = pl.col("east")
    asian = rows.with_columns(east=text.str.count_matches(_EAST_ASIAN))
    asian = asian.filter((east >= _FEWEST_DRAWN) & (east > _MOSTLY * text.str.count_matches(r"\S")))
    found = [part.filter(pl.Series(map(told, part["text"]), dtype=pl.Boolean))["row"] for part, told in
             ((many, _changes_scripts), (asian, _is_rare))]  # fmt: skip
    return pl.int_range(len(texts), dtype=pl.UInt32, eager=True).is_in(pl.concat(found).implode())


def _changes_scripts(text: str) -> bool:
    """Tell whether letters beside each other are of different scripts again and again."""
    of = [_script(letter) for letter in text]
    beside = [(one, other) for one, other in pairwise(of) if one and other]
    changes = sum(one != other for one, other in beside)
    return len({*of} - {""}) >= _FEWEST_KINDS and changes >= max(_FEWEST_CHANGES, _CHANGES * len(beside))


def _script(letter: str) -> str:
    if not letter.isalpha():
        return ""
    name = unicodedata.name(letter, "UNKNOWN").split()[0]
    return _TOGETHER.get(name, name)


def _is_rare(text: str) -> bool:
    letters = "".join(letter for letter in text if "\u3400" <= letter <= "\u9fff" or "\uac00" <= letter <= "\ud7a3")
    first, both = (max(_listed(letters, *one) for one in levels) for levels in (_LEVELS, _BOTH_LEVELS))
    return first < _KNOWN * len(letters) and both < _LISTED * len(letters)


def _listed(letters: str, encoding: str, first: int, last: int) -> int:
    """Count the characters that an encoding has, by their lead bytes: each takes two."""
    leads = letters.encode(encoding, "ignore")[::2]
    return sum(leads.count(lead) for lead in range(first, last + 1))
