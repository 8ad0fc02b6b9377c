"""Prompts that answers of a word or two fit, by what others of their kind were answered: “Give a synonym of …”.

In a pool of long answers a short one is a slip. But where prompts that are framed alike get short ones time and again,
these were asked for.
"""

from __future__ import annotations

import polars as pl

from quality.truncation.prompt_kinds import shared_frames

SLIP_WORDS = 3
"""Answers of fewer words are brief."""
_CUSTOM = 0.01  # share of brief ones among the other answers of a kind, from which on they are its custom
_FEWEST = 3  # of these


def fits_brief(frames: pl.DataFrame, words: pl.Series) -> pl.Series:
    """Tell brief answers that others to prompts of their kind are like.

    Parameters
    ----------
    frames : pl.DataFrame
        What `quality.truncation.prompt_kinds.prompt_frames` tells of all prompts of the pool.
    words : pl.Series of Float64 or integers
        How many words the answers have.

    Returns
    -------
    pl.Series of Boolean
        In the order of the rows.
    """
    brief = words.is_between(1, SLIP_WORDS - 1)
    if not brief.any():
        return brief
    told = shared_frames(frames).with_columns(brief=brief)
    others, all_others = pl.col("brief").sum().over("kind").cast(pl.Int64) - 1, pl.len().over("kind").cast(pl.Int64) - 1
    custom = (others >= _FEWEST) & (others >= _CUSTOM * all_others) & (pl.col("kind") != 0)
    return told.select(pl.col("brief") & custom).to_series()
