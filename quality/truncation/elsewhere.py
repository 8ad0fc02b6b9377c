"""Answers whose end another row shows: it gives the same answer with a full stop, so that nothing was cut off."""

from __future__ import annotations

import polars as pl

from quality.truncation.sentence_ends import SEALED

_FEWEST_WORDS = 5  # a stump of fewer may be another row's whole answer
_END = 40  # letters


def ended_elsewhere(answers: pl.Series) -> pl.Series:
    """Tell the answers without a full stop that have the letters of one with it.

    Parameters
    ----------
    answers : pl.Series of String
        All of the pool, without nulls.

    Returns
    -------
    pl.Series of Boolean
        Answers of fewer than five words are never told.
    """
    answer = pl.col("answer")
    rows = answers.rename("answer").to_frame().with_row_index("row")
    long = rows.filter(answer.str.count_matches(r"\S+") >= _FEWEST_WORDS)
    long = long.with_columns(ended=answer.str.contains(rf"{SEALED[:-1]}\s*\z"))
    # All the letters are compared only where the last are the same.
    for letters in (_letters(answer.str.tail(2 * _END)).str.tail(_END), _letters(answer)):
        long = long.with_columns(key=letters.hash(0))
        long = long.filter(pl.col("ended").any().over("key"), (~pl.col("ended")).any().over("key"))
    return rows["row"].is_in(long.filter(~pl.col("ended"))["row"].implode())


def _letters(text: pl.Expr) -> pl.Expr:
    return text.str.to_lowercase().str.replace_all(r"[\W_]+", "")
