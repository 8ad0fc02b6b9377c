"""How often each word is used in a pool, and how often words that begin like it are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BEYOND = "\U0010ffff"  # sorts behind every letter


@dataclass(frozen=True, slots=True)
class WordUses:
    """Counts of words.

    Attributes
    ----------
    words : pl.Series of String
        Distinct words, ascending by their bytes.
    totals : (n_words + 1,) int64
        Uses of all words before each one; the uses of a word are the step behind it.
    """

    words: pl.Series
    totals: NDArray[np.int64]

    @classmethod
    def count(cls, words: pl.Series) -> WordUses:
        """Count words, each given as often as it is used; empty ones don't count."""
        counted = words.to_frame("word").filter(pl.col("word") != "").group_by("word").agg(uses=pl.len()).sort("word")
        return cls(counted["word"], np.concatenate([[0], np.cumsum(counted["uses"].to_numpy().astype(np.int64))]))

    def of(self, words: pl.Series) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Count the uses of words, and of the longer words that begin like each: two (n_words,) int64."""
        # Strings sort by their bytes, so the words with a prefix lie side by side.
        first = self.words.search_sorted(words, side="left").to_numpy()
        behind = self.words.search_sorted(words, side="right").to_numpy()
        beyond = self.words.search_sorted(words + _BEYOND, side="left").to_numpy()
        own = self.totals[behind] - self.totals[first]
        return own, self.totals[beyond] - self.totals[first] - own
