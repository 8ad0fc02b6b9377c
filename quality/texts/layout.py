"""Whether a text is laid out: a table, a configuration, a program, a song."""

from __future__ import annotations

import polars as pl

_FEWEST_LINES = 6
_SHORT = 60  # characters of a line, blanks aside, on average
_SIGNS, _SIGNED = r"[=<>{}\[\]|;_()\"':]", 0.4  # for each word: in prose one in five is many


def laid_out(texts: pl.Series) -> pl.Series:
    """Tell texts in short lines, and those full of the signs of code.

    Parameters
    ----------
    texts : pl.Series of String
        Null texts are not laid out.

    Returns
    -------
    pl.Series of Boolean
        In the order of the texts.
    """
    text = pl.col("text")
    lines = text.str.count_matches(r"\n\s*\S") + 1
    size = text.str.replace_all(r"\s+", "").str.len_chars()
    short = (lines >= _FEWEST_LINES) & (size < _SHORT * lines)
    signed = text.str.count_matches(_SIGNS) > _SIGNED * text.str.count_matches(r"\S+")
    return texts.to_frame("text").select((short | signed).fill_null(value=False)).to_series()
