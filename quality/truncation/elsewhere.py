"""Answers whose end another row shows: it gives the same answer with a full stop, so that nothing was cut off."""

from __future__ import annotations

import polars as pl

from quality.lsh.shingles import stable_hash
from quality.truncation.sentence_ends import SEALED

_FEWEST_WORDS = 5  # a stump of fewer may be another row's whole answer
_END = 40  # letters
TAILS = ("tail", "ended")  # what `tails` tells


def tails(answers: pl.Series) -> pl.DataFrame:
    """Describe how answers end, for `ended_elsewhere`.

    Returns
    -------
    pl.DataFrame
        In the order of the rows: `tail: UInt64`, a hash of the last letters, 0 for answers of fewer than five words;
        `ended: UInt8`, 1 for those with a full stop.
    """
    answer = pl.col("answer")
    told = answers.to_frame("answer").select(
        letters=_letters(answer.str.tail(2 * _END)).str.tail(_END),
        long=answer.str.count_matches(r"\S+") >= _FEWEST_WORDS,
        ended=answer.str.contains(rf"{SEALED[:-1]}\s*\z").cast(pl.UInt8),
    )
    hashed = pl.Series(stable_hash(told["letters"]), dtype=pl.UInt64)
    return told.select(tail=pl.when("long").then(hashed).otherwise(0), ended="ended")


def ended_elsewhere(answers: pl.Series, told: pl.DataFrame) -> pl.Series:
    """Tell the answers without a full stop that have the letters of one with it.

    Parameters
    ----------
    answers : pl.Series of String
        All of the pool, without nulls.
    told : pl.DataFrame
        What `tails` tells of them.

    Returns
    -------
    pl.Series of Boolean
        Answers of fewer than five words are never told.
    """
    rows = told.select("tail", pl.col("ended") > 0).with_row_index("row")
    alike = _with_both(rows.filter(pl.col("tail") != 0), "tail")
    # All the letters are compared only where the last are the same.
    letters = answers.gather(alike["row"]).to_frame("answer").select(letters=_letters(pl.col("answer")))
    same = _with_both(alike.with_columns(letters.to_series()), "letters")
    return rows["row"].is_in(same.filter(~pl.col("ended"))["row"].implode())


def _with_both(rows: pl.DataFrame, key: str) -> pl.DataFrame:
    """Leave rows that have their key in common with one that ended and with one that did not."""
    return rows.filter(pl.col("ended").any().over(key), (~pl.col("ended")).any().over(key))


def _letters(text: pl.Expr) -> pl.Expr:
    return text.str.to_lowercase().str.replace_all(r"[\W_]+", "")
