"""Texts as a reader sees them, whatever stands in for their letters: `&#x27;` is an apostrophe, `ＧＤＰ` is GDP.

Pages that were scraped keep entities of HTML, some of them escaped twice; Chinese and Japanese texts mix letters of
full and half width. Both hide words from whoever compares words. Punctuation keeps its width: in Chinese the full-width
marks end a sentence without a blank behind them.
"""

import html
import re
import unicodedata

import polars as pl

_ENTITY = r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});"
# Digits and Latin letters of full width, katakana and Hangul of half width, with the marks that these bear.
_WIDE = "[０-９Ａ-Ｚａ-ｚｦ-ﾟﾠ-ￜ]+"
_RUNS = re.compile(_WIDE)
_TIMES_ESCAPED = 2


def legible(texts: pl.Series) -> pl.Series:
    """Resolve entities, and give letters and digits their usual width; other texts stay as they are, null stays null.

    Parameters
    ----------
    texts : pl.Series of String

    Returns
    -------
    pl.Series of String
    """
    hidden = texts.str.contains(f"{_ENTITY}|{_WIDE}").fill_null(value=False)
    if not hidden.any():
        return texts
    places = hidden.arg_true()
    return texts.scatter(places, pl.Series([_read(text) for text in texts.gather(places)], dtype=pl.String))


def _read(text: str) -> str:
    for _ in range(_TIMES_ESCAPED):
        text = html.unescape(text)
    return _RUNS.sub(lambda run: unicodedata.normalize("NFKC", run[0]), text)
