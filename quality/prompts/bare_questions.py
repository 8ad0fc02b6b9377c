"""What a prompt asks, without the politeness and the labels around it, and the marks at its end.

“Describe a lapwing.”, “Describe a lapwing?”, “Question: describe a lapwing” and “Please describe a lapwing. Thanks!”
ask for one thing, and “What's a lapwing?” asks what “What is a lapwing?” does (`quality.texts.spellings`). Where
answers are nearly the same, such prompts are; to call two answers a contradiction takes prompts that are equal but for
the spelling and for the marks at their end.
"""

from __future__ import annotations

import polars as pl

from quality.texts.normalise import normalise
from quality.texts.spellings import in_one_spelling

_LABEL = r"(?:question|query|prompt|instruction|task|q)\s?:"
_TELL = r"(?:can|could|would|will) you (?:please )?(?:tell|answer|help)(?: (?:me|us))?(?: (?:with )?this)?"
_PLEASE = (
    rf"(?:(?:please answer|(?:i|here) (?:have|is) a question|{_TELL})\s?[:.,?]|"
    r"(?:please|kindly|hi|hello|hey)\b[,!.]?)"
)
_BEFORE = rf"^(?:(?:{_LABEL}|{_PLEASE})\s*)+"
_THANKS = (
    r"(?:(?:many |a lot of )?thank(?:s|\s?you)(?: (?:in advance|very much|so much|a lot))?|please|"
    r"(?:please )?answer (?:briefly|shortly|concisely))"
)
_MARKS = r"[\s,.!?:;…]*"
_BEHIND = rf"(?:\s?[,.!?:;…]{_MARKS}{_THANKS})?{_MARKS}$"


def bare_questions(prompts: pl.Series) -> pl.Series:
    """Normalise prompts and leave out what is around the question; one that is nothing else stays as it is.

    Parameters
    ----------
    prompts : pl.Series of String
        Nulls stay null.

    Returns
    -------
    pl.Series of String
        In the order of the prompts.
    """
    text = pl.col("text")
    spelled = in_one_spelling(prompts).to_frame("text").select(normalise(text))
    bare = text.str.replace(_BEHIND, "").str.replace(_BEFORE, "")
    return spelled.select(pl.when(bare == "").then(text).otherwise(bare)).to_series()


def without_last_marks(prompts: pl.Series) -> pl.Series:
    """Normalise prompts and leave out the marks at their end; one of nothing but marks stays. Nulls stay null."""
    text = pl.col("text")
    spelled = in_one_spelling(prompts).to_frame("text").select(normalise(text))
    short = text.str.replace(f"{_MARKS}$", "")
    return spelled.select(pl.when(short == "").then(text).otherwise(short)).to_series()
