r"""Texts as a reader sees them, whatever stands in for their letters: `&#x27;` is an apostrophe, `ＧＤＰ` is GDP.

Pages that were scraped keep entities of HTML, some of them escaped twice, texts that went through a program its escapes
(`quality.texts.escapes`). Chinese and Japanese texts mix letters of full and half width, and who hides a text writes it
in letters of formulas, or in those of another script that look alike (`quality.texts.look_alikes`). Papers break words
at the ends of lines. All of that hides words from whoever compares words. Punctuation keeps its width: in Chinese the
full-width marks end a sentence without a blank behind them. (What is invisible, `quality.texts.normalise` leaves out.)
"""

from __future__ import annotations

import html
import re
import unicodedata
from typing import TYPE_CHECKING

import polars as pl

from quality.texts.escapes import ESCAPES, unescaped
from quality.texts.look_alikes import MIXED, unmixed

if TYPE_CHECKING:
    from collections.abc import Callable, Container

_ENTITY = r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});"
_ENTITIES = re.compile(_ENTITY)
# Digits and Latin letters of full width, katakana and Hangul of half width, with the marks that these bear; letters in
# circles, and those of formulas.
_WIDE = "[０-９Ａ-Ｚａ-ｚｦ-ﾟﾠ-ￜⒶ-ⓩ\U0001d400-\U0001d7ff]+"
_RUNS = re.compile(_WIDE)
_TIMES_ESCAPED = 2
_HIDDEN = r"\p{Latin}[\x{AD}\x{200B}-\x{200F}\x{2060}\x{FEFF}]\p{Latin}"
_LETTERS = r"[^\W\d_]"
# A hyphen, soft or hard, with a line break behind it, or the blank that was made of one.
_BREAK, _BEFORE = re.compile(rf"[-\u2010\xad]\s+(?=({_LETTERS}+))"), re.compile(rf"{_LETTERS}+\Z")
_LONGEST_PART = 80  # letters
# The second says the same, and alone would take six times as long as the first.
_MAY_BE_BROKEN, _IS_BROKEN = r"[-\x{2010}\x{AD}]\s+\p{L}", r"\p{L}[-\x{2010}\x{AD}]\s+\p{L}"


def legible(texts: pl.Series) -> pl.Series:
    """Resolve entities and escapes, and give letters their usual width and script; null stays null.

    Parameters
    ----------
    texts : pl.Series of String

    Returns
    -------
    pl.Series of String
        Where there is nothing of the kind, the texts as they are.
    """
    # Most texts are ASCII, in which a search that knows no other characters is ten times as fast.
    spelled = texts.str.contains(f"{_ENTITY}|{ESCAPES}").fill_null(value=False)
    beyond = (texts.str.len_bytes() != texts.str.len_chars()).fill_null(value=False).arg_true()
    shaped = beyond.filter(texts.gather(beyond).str.contains(f"{_WIDE}|{MIXED}"))
    return _rewritten(texts, pl.concat([spelled.arg_true(), shaped]).unique().sort(), _read)


def disguised(texts: pl.Series) -> pl.Series:
    """Tell the texts that are not written as they are read: entities, letters of another width or script, hidden ones.

    Parameters
    ----------
    texts : pl.Series of String

    Returns
    -------
    pl.Series of Boolean
        False for null. A mark that nobody sees counts where it stands within a word of Latin letters.
    """
    return ((legible(texts) != texts) | texts.str.contains(_HIDDEN)).fill_null(value=False)


def unbroken(texts: pl.Series, words: Callable[[], Container[str]]) -> pl.Series:
    r"""Join words that were broken at the end of a line, where the whole word is known.

    "Contami-\nnation" is one word, "well-\nknown" is two: only a list of words can tell.

    Parameters
    ----------
    texts : pl.Series of String
    words : callable
        Gives the words that may be joined, folded (`quality.texts.normalise`); asked only if some text may hold one.
    """

    def joined(text: str) -> str:
        def unless_one(there: re.Match[str]) -> str:
            before = _BEFORE.search(text[max(0, there.start() - _LONGEST_PART) : there.start()])
            return "" if before and (before[0] + there[1]).casefold() in words() else there[0]

        return _BREAK.sub(unless_one, text)

    places = texts.str.contains(_MAY_BE_BROKEN).fill_null(value=False).arg_true()
    places = places.filter(texts.gather(places).str.contains(_IS_BROKEN))
    return _rewritten(texts, places, joined)


def _rewritten(texts: pl.Series, places: pl.Series, read: Callable[[str], str]) -> pl.Series:
    if places.is_empty():
        return texts
    # A series is changed where it is, and this one is the caller's.
    return texts.clone().scatter(places, pl.Series([read(text) for text in texts.gather(places)], dtype=pl.String))


def _read(text: str) -> str:
    text = unescaped(text)
    # It would read what ends without a semicolon as well: `?a=1&copy=2` holds no sign of copyright.
    if _ENTITIES.search(text):
        for _ in range(_TIMES_ESCAPED):
            text = html.unescape(text)
    return unmixed(_RUNS.sub(lambda run: unicodedata.normalize("NFKC", run[0]), text))
