"""N-grams of scripts without spaces that say as much as n-grams of words.

There each character is a word (`quality.texts.words`), and says less than one: of five characters in a row two texts
share many by chance, and a short row about cows is a near-duplicate of one about cats. So a character stands for itself
and some characters behind it, and n of them in a row span as many as say what n words do: 8 for 5 words in Chinese, 16
in Japanese kana, Thai, Lao, Khmer and Burmese.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from quality.texts.normalise import fold, is_ascii
from quality.texts.ragged import ranges
from quality.texts.words import CHARACTER, IDEOGRAPH, WORD, apart, spans

if TYPE_CHECKING:
    from numpy.typing import NDArray

# An odd 64-bit number, other than that of n-grams: it weighs characters by their place behind the first.
_PLACE = 0xD6E8FEB86659FD93


def joined(texts: pl.Series, hashes: NDArray[np.uint64], counts: NDArray[np.int64], words: int) -> NDArray[np.uint64]:
    """Let each character of a script without spaces stand for itself and those behind it.

    Parameters
    ----------
    texts : pl.Series of String
    hashes, counts : (n_words,) uint64 and (n_texts,) int64
        Their words, as from `quality.lsh.shingles.word_hashes`.
    words : int
        Words per n-gram that is made of them.

    Returns
    -------
    (n_words,) uint64
        The same array where no text has such characters; it isn't changed.
    """
    text = pl.col("text")
    unspaced = texts.to_frame("text").select(~is_ascii(text) & text.str.contains(CHARACTER)).to_series()
    rows = unspaced.fill_null(value=False).arg_true().to_numpy()
    if not len(rows):
        return hashes
    ends = np.cumsum(counts)
    places = ranges(ends[rows] - counts[rows], counts[rows])
    last = np.repeat(ends[rows], counts[rows])
    found = hashes.copy()
    for kind, span in zip(_kinds(texts.gather(rows)), spans(words), strict=True):
        # Of the n characters of an n-gram the last one reaches as far as is missing.
        found[places[kind]] = _together(hashes, places[kind], last[kind], span - words + 1)
    return found


def _kinds(texts: pl.Series) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Tell which words of texts, one text after another, are ideographs, and which other such characters."""
    text = pl.col("text")
    spelled = texts.to_frame("text").select(fold(text)).select(apart(text).str.extract_all(WORD))
    word = spelled.explode("text", empty_as_null=False, keep_nulls=False)["text"]
    ideographs = word.str.contains(f"^{IDEOGRAPH}").to_numpy()
    return ideographs, word.str.contains(f"^{CHARACTER}").to_numpy() & ~ideographs


def _together(
    hashes: NDArray[np.uint64], places: NDArray[np.int64], ends: NDArray[np.int64], reach: int
) -> NDArray[np.uint64]:
    """Hash each of some words with those behind it, `reach` in all or as many as its text has: (n_places,) uint64."""
    sums = hashes[places]
    for behind in range(1, reach):
        there = places + behind < ends
        weight = np.uint64(pow(_PLACE, behind, 1 << 64))
        sums[there] += hashes[places[there] + behind] * weight
    return sums
