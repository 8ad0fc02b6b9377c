"""Whether a text is laid out: a table, a configuration, a program, a song; and whether it is data alone."""

from __future__ import annotations

import polars as pl

_FEWEST_LINES = 6
_SHORT = 60  # characters of a line, blanks aside, on average
_SIGNS, _SIGNED = r"[=<>{}\[\]|;_()\"':]", 0.4  # for each word: in prose one in five is many
# A line of data: brackets, a string in quotes, a key with its value, the head of a block. A key begins with a letter:
# what figures stand before are addresses of a dump.
_QUOTED = r"(?:\"[^\"\n]*\"|'[^'\n]*')"
_DATUM = (
    rf"(?m)^[ \t]*(?:[\[\]{{}}(),;]+|[\[{{(]*{_QUOTED}[^\n]*|-?[ \t]*[\p{{L}}_][\w.-]*[ \t]*[:=](?:[ \t]*\S[^\n]*)?|"
    rf"[\w.-]+[ \t]+{_QUOTED}|[\w.\"-]+[^\n]*[{{\[])[ \t,;]*$"
)
_FEWEST_DATA, _DATA = 3, 0.8  # lines, and their share


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
    return texts.to_frame("text").select(is_laid_out(pl.col("text")).fill_null(value=False)).to_series()


def is_laid_out(text: pl.Expr) -> pl.Expr:
    """Tell texts in short lines, and those full of the signs of code."""
    lines = text.str.count_matches(r"\n\s*\S") + 1
    size = text.str.replace_all(r"\s+", "").str.len_chars()
    short = (lines >= _FEWEST_LINES) & (size < _SHORT * lines)
    return short | is_signed(text)


def is_signed(text: pl.Expr) -> pl.Expr:
    """Tell texts that are full of the signs of code."""
    return text.str.count_matches(_SIGNS) > _SIGNED * text.str.count_matches(r"\S+")


def is_data(text: pl.Expr) -> pl.Expr:
    """Tell texts that are keys, values and brackets in nearly every line: JSON, settings, YAML."""
    data, lines = text.str.count_matches(_DATUM), text.str.count_matches(r"(?m)^[ \t]*\S")
    return (data >= _FEWEST_DATA) & (data >= _DATA * lines)
