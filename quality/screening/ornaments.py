"""Words that ornaments and signs were strewn into: “S<r†>t”, “26▲m~[re¶|$8▲‡&”.

A short answer is too short for shares of letters, or for chances. But squares, daggers and lozenges stand beside words,
not within them among signs of other kinds.
"""

from __future__ import annotations

import polars as pl

from quality.texts.patterns import holds

_ORNAMENT = r"[\x{25A0}-\x{25FF}†‡¤]"
_SIGN = r"[^\p{L}\p{N}\s]"
_FEWEST_KINDS, _VARIOUS = 3, 0.6  # of signs in a word, and their share of its signs: a bar ("■■■□□") has few kinds
_GOOD_PART = 0.25  # of the visible characters
# What is asked for with signs.
_ASKED = rf"(?i){_ORNAMENT}|\b(?:symbols?|unicode|ascii|emojis?|characters?|glyphs?|apl|footnotes?|ornaments?)\b"


def strewn_ornaments(prompts: pl.Series, answers: pl.Series) -> pl.Series:
    """Measure how much of each answer is words with ornaments strewn into them.

    Parameters
    ----------
    prompts, answers : pl.Series of String
        One of each per row, without nulls.

    Returns
    -------
    pl.Series of Float64
        Shares (0 to 1) of the visible characters; 0 where it is less than a quarter, or the prompt asks for signs.
    """
    rows = pl.DataFrame({"prompt": prompts, "answer": answers}).with_row_index("row")
    some = rows.filter(pl.col("answer").str.contains(_ORNAMENT)).filter(~_asks())
    words = some.select("row", word=pl.col("answer").str.extract_all(r"\S+")).explode(
        "word", empty_as_null=False, keep_nulls=False
    )
    word, signs = pl.col("word"), pl.col("word").str.extract_all(_SIGN).list
    kinds = signs.n_unique()
    strewn = word.str.contains(_ORNAMENT) & (kinds >= _FEWEST_KINDS) & (kinds >= _VARIOUS * signs.len())
    size = word.str.len_chars()
    told = words.group_by("row").agg(share=size.filter(strewn).sum() / size.sum()).filter(pl.col("share") >= _GOOD_PART)
    return rows.join(told, on="row", how="left", maintain_order="left")["share"].fill_null(0.0)


def _asks() -> pl.Expr:
    """Tell the prompts that ask for signs; one that asks for the name of a character wants words."""
    return holds(pl.col("prompt"), _ASKED) & ~holds(pl.col("prompt"), r"(?i)\bnames?\b")
