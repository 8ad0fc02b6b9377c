"""One spelling for facts that are written in several ways: “isn't” is “is not”, “1,000” is “1000”, “10 m” “10 metres”.

Texts are compared by their words, marks left out. So what a mark says is spelled in words here: a minus before a
number, a power, a fraction, a percent sign, “a.m.” And what has a short and a long form gets one of them.

A *sure* spelling is one fact in every text. A *loose* one may be: 3.10 and 3.1 are one number, or two versions; “10” is
“ten”, and “one” is no number in “the one that”. Who removes copies goes by sure spellings, and who looks for
contradictions by loose ones, so that what is not sure is neither a copy nor a contradiction. `'d` stays as it is:
it is “had” or “would”.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

import polars as pl

from quality.texts.counted import VALUES

if TYPE_CHECKING:
    from collections.abc import Callable

MINUS = "minus"
"""The word that is put for a sign before a number."""

_APOSTROPHES = str.maketrans(dict.fromkeys("’ʼ＇", "'"))
_AUXILIARIES = frozenset(
    ("do", "does", "did", "is", "are", "was", "were", "has", "have", "had", "would", "could", "should")
)
# Whom a short form may stand behind, and the word that it is short for.
_SHORTENED = {
    "s": (frozenset(("it", "he", "she", "that", "what", "who", "where", "when", "how", "there", "here")), "is"),
    "m": (frozenset(("i",)), "am"),
    "re": (frozenset(("we", "you", "they", "who", "what", "there")), "are"),
    "ve": (frozenset(("i", "we", "you", "they", "who", "would", "could", "should", "might", "must")), "have"),
    "ll": (frozenset(("i", "we", "you", "he", "she", "it", "they", "who", "what", "that", "there")), "will"),
}
_SHORT, _NOT = re.compile(r"(?i)'(?:s|m|re|ve|ll)\b"), re.compile(r"[nN]'[tT]\b")
_PERFECT = re.compile(r"(?i)\s+(?:been|got|had)\b")
_IRREGULAR_NOT = re.compile(r"(?i)\b(?:(w)on|shan)'t\b")
_BEFORE_NOT = _AUXILIARIES | {"must", "need", "might", "ought"}
# “cant” and “wont”, with an apostrophe lost, are words of their own.
_BARE_NOT = re.compile(rf"(?i)\b(?:({'|'.join(sorted(_AUXILIARIES))})nt|(can)not)\b")
_ENDS_IN_NT = re.compile(r"nt\b")
_LAST_WORD = re.compile(r"[^\W\d_]+\Z")
_LONGEST_AUXILIARY = 8
# Between brackets commas part coordinates. (Each begins with what it looks for, and looks back from there: that is ten
# times as fast.)
_THOUSANDS = re.compile(r"\d(?<![\w.,(\[]\d)\d{0,2}(?:,\d{3})+(?![\d,)\]])")
_PRICE = re.compile(r"[$€£¥]\s?\d+\.\d+(?![\d.]*\d)")
_ZEROS = re.compile(r"\d(?<![\d.]\d)\d*\.\d+(?![\d.]*\d)")
# Where a line of several starts, a sign is a bullet; behind a number it stands between two.
_FIGURE = re.compile(r"[\d⁰¹²³⁴-⁹₀-₉¼-¾⅐-⅞①-⑳❶-❿]")
_BULLET = re.compile(r"(?m)^[ \t]*[-−–+](?=\d)")
_MINUS = re.compile(r"[-−–](?=[$€£]?\.?\d)(?<![^\s(\[{=<>≤≥≈~:,;\"'“$€£][-−–])(?<![\d)]\s[-−–])")
_PLUS = re.compile(r"\+(?=\d)(?<![^\s(\[{=:]\+)(?<![\w)]\s\+)")
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
_LOWERED = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_POWER = re.compile(r"[⁻⁺⁰¹²³⁴-⁹^](?<=[\w)\]].)(?:(?<=\^)\{?[-+]?\d+\}?|(?<!\^)[⁰¹²³⁴-⁹]*)")
_FRACTION, _CIRCLED = re.compile(r"[¼-¾⅐-⅞]"), re.compile(r"[①-⑳❶-❿]")
_HALF_DAY = re.compile(r"(?i)(\d(?<!\w\d)\d?(?:[:.]\d\d)?)\s?(?:(a)|p)(?:m\b|\.\s?m\b\.?)")
_HALVES = ("postmeridiem", "antemeridiem")
_UNITS = {
    "millimetres": "mm millimetre millimetres millimeter millimeters",
    "centimetres": "cm centimetre centimetres centimeter centimeters",
    "metres": "m metre metres meter meters",
    "kilometres": "km kilometre kilometres kilometer kilometers",
    "miles": "mi mile miles",
    "micrograms": "mcg µg μg microgram micrograms",
    "milligrams": "mg milligram milligrams",
    "grams": "g gram grams gramme grammes",
    "kilograms": "kg kilogram kilograms kilo kilos",
    "millilitres": "ml millilitre millilitres milliliter milliliters",
    "litres": "l litre litres liter liters",
    "milliseconds": "ms millisecond milliseconds",
    "seconds": "s sec secs second seconds",
    "minutes": "min mins minute minutes",
    "hours": "h hr hrs hour hours",
    "percent": "% percent",
    "celsius": "°c ℃",
    "fahrenheit": "°f ℉",
}
_UNIT_OF = {form: unit for unit, forms in _UNITS.items() for form in forms.split()}
_LONGEST_FIRST = sorted(_UNIT_OF, key=len, reverse=True)
# A letter beside the number is another thing as well: 10m a year, 5g phones, the 1980s.
_BESIDE = "|".join(re.escape(form) for form in _LONGEST_FIRST if len(form) > 1 or form == "%")
_BEHIND = "|".join(map(re.escape, _LONGEST_FIRST))
_NUMBER = r"\d(?<![\w.,$€£¥]\d)(?<![$€£¥]\s\d)\d*(?:\.\d+)?"
_MEASURE = re.compile(rf"(?i)({_NUMBER})(?:({_BESIDE})|\s({_BEHIND}))(?![\w'^⁰¹²³⁴-⁹⁻/])")
# An edit puts a word before a unit, or moves one there: “200 really g flour”, “5 lemon ml juice”. Longer forms, and
# `min`, are words of other sentences as well: “the 3 came second”, “of 2 take min”.
_LONGEST_SIGN = 3
_SIGNS = "|".join(re.escape(form) for form in _LONGEST_FIRST if len(form) <= _LONGEST_SIGN and form != "min")
_PARTED = re.compile(rf"({_NUMBER}\s[a-z]+)\s({_SIGNS})(?![\w'^⁰¹²³⁴-⁹⁻/])")
_LETTER = re.compile(rf"({_NUMBER})([mglhs])\b(?![\w'^⁰¹²³⁴-⁹⁻/])")
_DEGREES = re.compile(r"(?i)(?<=\d)\s?degrees?\s(?:(c)(?:elsius)?|f(?:ahrenheit)?)\b")
_AMERICAN = re.compile(r"(?i)\b((?:milli|centi|kilo)?(?:met|lit))er(s?)\b")
_PER_CENT = re.compile(r"(?i)\bper cent\b")
# As Polars reads it: where something above may be.
_MAY_DIFFER = (
    rf"(?i)['\x{{2019}}\x{{02BC}}\x{{FF07}}]\p{{L}}|\bcannot\b|\b(?:{'|'.join(sorted(_AUXILIARIES))})nt\b|\d,\d{{3}}|"
    r"[-−–][$€£]?\.?\d|\+\d|\^|[⁰¹²³⁴-⁹₀-₉¼-¾⅐-⅞①-⑳❶-❿]|\d\s?[ap]\.?\s?m|per cent|(?:met|lit)ers?\b|"
    rf"\d\s?degrees?\s[cf]|[$€£¥]\s?\d+\.\d|\d\s?(?:{_BEHIND})(?:\W|$)|"
    rf"\d\s[a-z]+\s(?:{_SIGNS})(?:\W|$)"
)
_DIGITS_IN_WORDS = "|".join(VALUES)
_TENS = "|".join(word for word, value in VALUES.items() if value.endswith("0") and value not in ("0", "10"))
_COUNTED = re.compile(rf"(?i)\b(?:({_TENS})[- ]({_DIGITS_IN_WORDS})|({_DIGITS_IN_WORDS}))\b")
_ORDINAL = re.compile(r"(?i)\b(\d+)(?:st|nd|rd|th)\b")
_LANDS = (
    (re.compile(r"\bU\.S\.(?:A\.?)?|\bUSA?\b|\b[Uu]nited [Ss]tates(?: of [Aa]merica)?\b"), "usa"),
    (re.compile(r"\bU\.K\.|\bUK\b|\b[Uu]nited [Kk]ingdom\b"), "uk"),
)


def one_spelling(text: str) -> str:
    """Spell what is surely one fact one way; capitals and layout stay.

    Examples
    --------
    >>> one_spelling("It isn't 1,000 m, and it’s -5 °C at 6 a.m.")
    'It is not 1000 metres, and it is minus 5 celsius at 6 antemeridiem'
    """
    small = text.lower()
    text = _words_in_full(text if text.isascii() else text.translate(_APOSTROPHES), small)
    return _measured(_counted(text), small) if _FIGURE.search(text) else text


def loose_spelling(text: str) -> str:
    """Spell what may be one fact one way: more than `one_spelling` does.

    Examples
    --------
    >>> loose_spelling("Twenty-one of the U.S. states, or 2.50%"), loose_spelling("The 3rd took ten")
    ('21 of the usa states, or 2.5 percent', 'The 3 took 10')
    """
    spelled = _LETTER.sub(lambda found: f"{found[1]} {_UNIT_OF[found[2]]}", one_spelling(text))
    for names, land in _LANDS:
        spelled = names.sub(land, spelled)
    return _ORDINAL.sub(r"\1", _COUNTED.sub(_in_figures, _ZEROS.sub(_without_zeros, spelled)))


def in_one_spelling(texts: pl.Series) -> pl.Series:
    """Apply `one_spelling` to a series; nulls stay null, and where nothing may differ, texts are not read."""
    return _rewritten(texts, _MAY_DIFFER, one_spelling)


def in_loose_spelling(texts: pl.Series) -> pl.Series:
    """Apply `loose_spelling` to a series; nulls stay null."""
    return _rewritten(texts, rf"{_MAY_DIFFER}|\d|U\.?[SK]\b|nited|\b(?:{_DIGITS_IN_WORDS})\b", loose_spelling)


def _rewritten(texts: pl.Series, pattern: str, spell: Callable[[str], str]) -> pl.Series:
    places = texts.str.contains(pattern).fill_null(value=False).arg_true()
    if places.is_empty():
        return texts
    spelled = pl.Series([spell(text) for text in texts.gather(places)], dtype=pl.String)
    return texts.clone().scatter(places, spelled)  # a series is changed where it is, and this one is the caller's


def _words_in_full(text: str, small: str) -> str:
    if "'" in text:
        text = _SHORT.sub(_in_full, text)
        text = _IRREGULAR_NOT.sub(lambda found: "will not" if found[1] else "shall not", text)
        text = _NOT.sub(_denied, text)
    if _ENDS_IN_NT.search(small) or "cannot" in small:
        text = _BARE_NOT.sub(lambda found: f"{found[1] or found[2]} not", text)
    return text


def _in_full(found: re.Match[str]) -> str:
    """Spell the word that is short behind an apostrophe."""
    short, before = found[0][1:].lower(), _word_before(found)
    whom, word = _SHORTENED[short]
    if before in whom:
        return " has" if short == "s" and _PERFECT.match(found.string, found.end()) else f" {word}"
    return " us" if (before, short) == ("let", "s") else found[0]


def _denied(found: re.Match[str]) -> str:
    before = _word_before(found)
    return " not" if before in _BEFORE_NOT else f"{found[0][0]} not" if before == "ca" else found[0]


def _word_before(found: re.Match[str]) -> str:
    start = found.start()
    last = _LAST_WORD.search(found.string, max(0, start - _LONGEST_AUXILIARY), start)
    return last[0].lower() if last else ""


def _counted(text: str) -> str:
    """Spell numbers with their signs, powers and fractions."""
    if "\n" in text:
        text = _BULLET.sub(" ", text)
    text = _PLUS.sub("", _MINUS.sub(f"{MINUS} ", text))
    text = _THOUSANDS.sub(lambda found: found[0].replace(",", ""), text)
    text = _PRICE.sub(_without_zeros, text)
    if text.isascii():
        return text
    text = _CIRCLED.sub(lambda found: f" {unicodedata.numeric(found[0]):.0f} ", text.translate(_LOWERED))
    return _FRACTION.sub(lambda found: f" {unicodedata.normalize('NFKC', found[0]).replace('⁄', '/')}", text)


def _measured(text: str, small: str) -> str:
    """Spell units, and powers behind them: “m²” is no unit of this list."""
    text = _HALF_DAY.sub(lambda found: f"{found[1]} {_HALVES[bool(found[2])]}", text)
    if "degree" in small:
        text = _DEGREES.sub(lambda found: " °c" if found[1] else " °f", text)
    if "per cent" in small:
        text = _PER_CENT.sub("percent", text)
    text = _MEASURE.sub(_in_one_unit, text)
    text = _PARTED.sub(lambda found: f"{found[1]} {_UNIT_OF[found[2]]}", text)
    if "meter" in small or "liter" in small:
        text = _AMERICAN.sub(r"\1re\2", text)
    return text if text.isascii() and "^" not in text else _POWER.sub(_in_words, text)


def _in_words(power: re.Match[str]) -> str:
    number = power[0].strip("^{}").translate(_RAISED)
    return f" power {number.replace('-', f'{MINUS} ').lstrip('+')}" if number else power[0]


def _in_one_unit(found: re.Match[str]) -> str:
    return f"{_plainest(found[1])} {_UNIT_OF[(found[2] or found[3]).lower()]}"


def _without_zeros(found: re.Match[str]) -> str:
    return _plainest(found[0])


def _plainest(number: str) -> str:
    return number.rstrip("0").rstrip(".") if "." in number else number


def _in_figures(found: re.Match[str]) -> str:
    tens, unit, alone = (VALUES.get((word or "").lower(), "0") for word in found.groups())
    return alone if found[3] else str(int(tens) + int(unit))
