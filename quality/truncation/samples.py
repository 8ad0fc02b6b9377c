"""Whole answers of a pool, cut: what a stump of this pool looks like, seen thousands of times.

Every answer is cut twice, at places that its hash chooses: once within its first 42 characters, as stumps of a few
words are, and once somewhere between a tenth and six tenths of its length. What is cut behind words and what is cut
within them end in different ways, so there is a sample of each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from quality.truncation.sentence_ends import SEALED

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FIRST = 42  # characters; within so many, stumps of one to seven words end
_SHARES = (0.1, 0.6)  # of an answer's characters
_MOST_LEFT = 0.75  # of the characters; with more, little is missing
_LONGEST_WORD = 20  # characters; a longer one is a sentence of a script without spaces, which is cut anywhere
_AHEAD = 40  # characters behind the cut that are looked at


def cut_samples(whole: pl.DataFrame, *, within: bool) -> pl.DataFrame:
    """Cut answers.

    Parameters
    ----------
    whole : pl.DataFrame
        `text: UInt64` (hash of the answer, which chooses the places), `prompt, kind, answer: String`.
    within : bool
        Whether to cut where the place falls, mostly within a word, or behind the word in which it falls.

    Returns
    -------
    pl.DataFrame
        `text, prompt, kind, answer` and `own: Int32`: 1 where the last word is a whole one, as it stands in the pool.
        Cuts that end in a closing mark, or leave nearly all, are left out.
    """
    return pl.concat([_cut(whole, salt, within=within) for salt in (0, 1)])


def _cut(whole: pl.DataFrame, salt: int, *, within: bool) -> pl.DataFrame:
    share = pl.Series("share", _chances(whole["text"].to_numpy(), salt))
    answer, letters = pl.col("answer"), pl.col("answer").str.len_chars()
    low, high = _SHARES
    early = pl.min_horizontal(1 + (share * _FIRST).cast(pl.Int64), (letters * _MOST_LEFT).cast(pl.Int64))
    size = early if salt else (letters * (low + (high - low) * pl.col("share"))).cast(pl.Int64)
    placed = whole.with_columns(share, most=letters * _MOST_LEFT).with_columns(size=size)
    placed = placed.with_columns(kept=answer.str.head(pl.col("size")), behind=answer.str.slice(pl.col("size"), _AHEAD))
    rest = pl.col("behind").str.extract(r"^(\S*)").fill_null("")
    between = pl.col("kept").str.contains(r"\s\z") | (rest == "")
    cut = pl.col("kept") if within else pl.col("kept") + pl.when(rest.str.len_chars() <= _LONGEST_WORD).then(rest)
    cut = cut.fill_null(pl.col("kept")).str.strip_chars_end()
    made = placed.select(
        "text", "prompt", "kind", "most", answer=cut, own=(between | pl.lit(not within)).cast(pl.Int32)
    )
    kept = (answer != "") & ~answer.str.contains(SEALED) & (letters < pl.col("most"))
    return made.filter(kept).drop("most")


def _chances(texts: NDArray[np.uint64], salt: int) -> NDArray[np.float64]:
    """Draw a number from 0 to 1 for each hash: (n_texts,)."""
    mixed = (texts ^ np.uint64(0x51ED27 + salt)) * np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
    return ((mixed ^ (mixed >> np.uint64(32))) >> np.uint64(11)).astype(np.float64) / 2.0**53
