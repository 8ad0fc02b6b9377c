"""Which prompts are of one kind: those that begin alike, end alike or both, as “Define a lens” and “Define a list”.

A template that fills a word in leaves the words around it. The more of them two prompts share, the surer they come
from one template; so the longest frame counts that enough prompts of the pool share.
"""

from __future__ import annotations

import polars as pl

FEWEST = 30
"""Prompts that a frame has at least to be a kind."""
_BEGINNING = 400  # characters
_END = 200  # characters
# From the surest frame to the softest: the first four words, the first three (“What is another” gets other answers than
# “What is”), the first two and the last, the first two, the last two, the last letters of a script that writes no
# blanks, the first word and the sign at the end.
_FRAMES = (
    (r"^\W*(\w+\W+\w+\W+\w+\W+\w+)", None),
    (r"^\W*(\w+\W+\w+\W+\w+)", None),
    (r"^\W*(\w+\W+\w+)", r"(\S+)\s*\z"),
    (r"^\W*(\w+\W+\w+)", None),
    (None, r"(\S+\s+\S+)\s*\z"),
    (None, r"(\p{Lo}{2,4}\W*)\z"),
    (r"^\W*(\w+)", r"(\W?)\s*\z"),
)


def prompt_kinds(prompts: pl.Series) -> pl.Series:
    """Name the kind of each prompt.

    Parameters
    ----------
    prompts : pl.Series of String
        All of the pool, without nulls.

    Returns
    -------
    pl.Series of String
        Empty where fewer than `FEWEST` prompts share a frame; one number is as good as another in it.
    """
    rows = prompts.to_frame("prompt").select(
        first=_plain(pl.col("prompt").str.head(_BEGINNING)), last=_plain(pl.col("prompt").str.tail(_END))
    )
    frames = [_frame(place, *sides) for place, sides in enumerate(_FRAMES)]
    told = rows.select(**{str(place): frame for place, frame in enumerate(frames)})
    shared = [pl.when(pl.len().over(name) >= FEWEST).then(name) for name in told.columns]
    return told.select(kind=pl.coalesce(*shared, pl.lit(""))).to_series()


def _plain(text: pl.Expr) -> pl.Expr:
    return text.str.to_lowercase().str.replace_all(r"\p{N}+", "0")


def _frame(place: int, begins: str | None, ends: str | None) -> pl.Expr:
    """Give what a frame leaves of a prompt; null where it does not fit."""
    sides = [pl.col(side).str.extract(pattern) for side, pattern in (("first", begins), ("last", ends)) if pattern]
    return pl.concat_str(pl.lit(f"{place} "), *sides, separator="\0")
