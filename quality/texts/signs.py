r"""Signs that mean as much as a word: `a + b` is not `a - b`, `i < n` is not `i > n`, C++ is not C#, $50 is not €50.

Texts are compared by their words, marks left out: copies lose marks, and get others. Operators, signs of currencies and
names like C++ are what must not be left out. Two texts *have other signs* where the same two words stand around a sign
in both, and never around the same ones. A sign that is missing, alone or of several, says nothing, nor do marks of
layout: bullets, emphasis, tags, rules and tables, and a hyphen for a stroke between words.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Signs = frozenset[str]
    Around = dict[tuple[str, str], set[Signs]]

_SPELLED = str.maketrans(
    {"−": "-", "–": "-", "—": "-", "‐": "-", "‑": "-", "×": "*", "·": "*", "∙": "*", "⋅": "*", "÷": "/", "≤": "<="}
    | {"≥": ">=", "≠": "!=", "→": "->", "⇒": "->", "⟶": "->"}
)
_ARROW = re.compile(r"=>|-{2,}>")
_RULE = re.compile(r"(?m)^[-=*_~#+|: \t]+$")
_BULLET = re.compile(r"(?m)^[ \t]*(?:[-*+•>]+[ \t]|#+[ \t])")
_TAG = re.compile(r"</?[a-z][^<>\n]*>")
_TABLE = re.compile(r"(?m)^[ \t]*\|.*\|[ \t]*$")
# So long at the most, or many stars of a long line would take quadratic time.
_EMPHASIS = re.compile(r"(?<![\w*])(\*{1,3})(?=\S)(.{1,200}?)(?<=\S)\1(?![\w*])")
_JOINED = re.compile(r"(?<=[^\W\d_]{2})[-/](?=[^\W\d_]{2})")
_NAMED = r"(?<!\w)[cfj](?:\+\+|#)(?!\w)"
_CURRENCY, _MATHS = "$€£¥₹₽₩₿¢₺₴₦", "±∓√∞∑∏∫∂∇∈∉⊂⊃⊆⊇∪∩∧∨¬∀∃≈≡≅∝∘⊕⊗←↔"
_SIGN = rf"[-+*/%^&|~<>=!{_CURRENCY}{_MATHS}]+"
_TOKEN = re.compile(rf"({_NAMED})|(\w+)|({_SIGN})")
_ANY_SIGN = r"[-+*/%^&|~<>=#\p{Sc}\p{Sm}–—·]"
_PUNCTUATION = re.compile(r"[.,;:!?]")
_START, _END = "^", "$"


def have_other_signs(texts: pl.Series, others: pl.Series) -> NDArray[np.bool_]:
    """Tell which pairs of texts have other signs between the same words.

    Parameters
    ----------
    texts, others : (n_pairs,) pl.Series of String
        One pair for each place; null counts as empty.
    """
    pairs = pl.DataFrame({"text": texts.cast(pl.String), "other": others.cast(pl.String)}).fill_null("")
    # Hardly any two texts that are much alike differ in signs: only these are cut up.
    one, other = (pl.col(name).str.extract_all(_ANY_SIGN).list.join("") for name in pairs.columns)
    apart = pairs.with_row_index("pair").filter((one != other) & (one != "") & (other != "") | _names_a_language())
    found = np.zeros(pairs.height, np.bool_)
    for pair, text, against in apart.iter_rows():
        found[pair] = signs_differ(text, against)
    return found


def _names_a_language() -> pl.Expr:
    pattern = r"(?i)\b[cfj](?:\+\+|#)"
    return pl.col("text").str.contains(pattern) != pl.col("other").str.contains(pattern)


def signs_differ(text: str, other: str) -> bool:
    """Tell whether two texts have other signs between the same words."""
    (words, named, around), (words_of_other, named_of_other, around_other) = _read(text), _read(other)
    if any(_exchanged(signs, around_other.get(place, signs)) for place, signs in around.items()):
        return True
    if named == named_of_other:
        return False
    # “C” may be what is left of C++ where all marks are gone.
    return bool(named and named_of_other) or any(
        not names and words & {name[0] for name in also} and _PUNCTUATION.search(said)
        for names, also, words, said in (
            (named, named_of_other, words, text),
            (named_of_other, named, words_of_other, other),
        )
    )


def _exchanged(signs: set[Signs], others: set[Signs]) -> bool:
    """Tell whether no signs of one place are those of the other, be it with some that were lost."""
    return not any(one <= other or other <= one for one in signs for other in others)


def _read(text: str) -> tuple[set[str], set[str], Around]:
    """Return the words of a text, its names of languages, and the signs that stand between two words."""
    words: set[str] = set()
    named: set[str] = set()
    around: Around = {}
    before, between = _START, frozenset[str]()
    for name, word, sign in (*_TOKEN.findall(_without_layout(text)), ("", _END, "")):
        if sign:
            # An exclamation mark alone ends a sentence.
            between |= {sign} - {"!"}
            continue
        if between:
            around.setdefault((before, name or word), set()).add(between)
        words.add(word)
        named |= {name} - {""}
        before, between = name or word, frozenset()
    return words, named, around


def _without_layout(text: str) -> str:
    plain = _ARROW.sub("->", html.unescape(text).translate(_SPELLED).lower())
    plain = _TABLE.sub(lambda row: row[0].replace("|", " "), _TAG.sub(" ", _RULE.sub("", plain)))
    return _JOINED.sub(" ", _EMPHASIS.sub(r"\2", _BULLET.sub("", plain)))
