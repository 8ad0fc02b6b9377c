"""Answers that were cut and then given a full stop, as “The harbour lies behind the.” was.

A word that is used again and again and that hardly a sentence ends in, ends none by itself. What a word's uses are to
its ends, sentences within the pool's answers tell: nothing was cut there. Two words that end some (“a part of.”) may
end others.
"""

from __future__ import annotations

import polars as pl

from quality.truncation.sentence_ends import sampled

_WORD = r"\b\p{Ll}[\p{L}\p{M}'’-]*"
_CLOSE = r"[\"'”’)\]]*"
_END = rf"(?:\S+\s+)?{_WORD}[.!?]{_CLOSE}\s+[\"“‘'(\[]*\p{{Lu}}"
_LAST = rf"({_WORD})\s?\.{_CLOSE}\s*\z"
_LAST_TWO = rf"(\S+\s+{_WORD})\s?\.{_CLOSE}\s*\z"
_FEWEST_ENDS = 1_000  # sentences within answers, below which they teach nothing
# Of a pool's answers, beforehand: those that were cut and given a full stop.
_CUT = 0.01
_FEWEST_ALIKE = 3  # answers that end in two words alike
_DOUBT = 0.5  # ends granted to each word


def false_stops(answers: pl.Series) -> pl.Series:
    """Tell how likely each answer was cut and given a full stop.

    By Bayes' rule: cut answers end in any word, as often as it is used, and whole ones in those that end sentences.

    Parameters
    ----------
    answers : pl.Series of String
        All of the pool, without nulls.

    Returns
    -------
    pl.Series of Float64
        Probabilities, in the order of the rows; 0 where no word of small letters stands before the full stop, and in
        pools of few sentences.
    """
    text = pl.col("text")
    texts = sampled(answers).select("text")
    inside = texts.select(end=text.str.extract_all(_END)).explode("end", empty_as_null=False, keep_nulls=False)["end"]
    if len(inside) < _FEWEST_ENDS:
        return pl.zeros(len(answers), pl.Float64, eager=True)
    ends = _counted(inside.str.extract(rf"({_WORD})[.!?]"))
    uses = _counted(texts.select(text.str.extract_all(_WORD).list.explode(empty_as_null=False)).to_series())
    told = uses.join(ends.rename({"count": "ends"}), on="word", how="left").with_columns(pl.col("ends").fill_null(0))
    used = pl.col("count") / pl.col("count").sum()
    ending = (pl.col("ends") + _DOUBT) / (len(inside) + 1)
    cut = told.select("word", cut=_CUT * used / (_CUT * used + (1 - _CUT) * ending))
    last = answers.alias("text").to_frame().select(word=text.str.extract(_LAST), two=text.str.extract(_LAST_TWO))
    seen = inside.str.extract(rf"(\S+\s+{_WORD})[.!?]").drop_nulls().unique()
    alike = (pl.len().over("two") >= _FEWEST_ALIKE) | pl.col("two").is_in(seen.implode())
    judged = last.join(cut, on="word", how="left", maintain_order="left")
    return judged.select(cut=pl.when(~alike.fill_null(value=False)).then("cut").fill_null(0.0)).to_series()


def _counted(words: pl.Series) -> pl.DataFrame:
    return words.alias("word").drop_nulls().to_frame().group_by("word").agg(count=pl.len().cast(pl.Int64))
