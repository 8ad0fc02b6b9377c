"""How many words two texts share, for many pairs of texts at once: words counted as often as they occur."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from quality.texts.normalise import folded
from quality.texts.words import WORD, apart

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    Places = NDArray[np.integer]

NUMBER = r"\w*\d\w*"
# Pairs compared at a time: bounds memory.
_CHUNK_PAIRS = 1 << 15
_HALF = 32


class WordBags:
    r"""The words of some texts, ready to compare pairs of them.

    Parameters
    ----------
    texts : pl.Series of String
        Null counts as empty.
    pattern : str
        What a word is: `WORD` (see `quality.texts.words`), or `NUMBER` (those of them with a digit).
    """

    def __init__(self, texts: pl.Series, pattern: str = WORD) -> None:
        self._bags = _bags(texts, pattern)
        self.sizes: NDArray[np.int64] = np.diff(self._bags.indptr).astype(np.int64)

    def shared(self, left: Places, right: Places) -> NDArray[np.int64]:
        """Count the words that both texts of each pair hold: (n_pairs,) int64."""
        counts = np.zeros(len(left), np.int64)
        for start in range(0, len(left), _CHUNK_PAIRS):
            chunk = slice(start, start + _CHUNK_PAIRS)
            both = self._bags[left[chunk]].multiply(self._bags[right[chunk]])
            counts[chunk] = both.sum(axis=1)
        return counts

    def jaccard(self, left: Places, right: Places) -> NDArray[np.float64]:
        """Share of the words of each pair that both texts hold; 1 where neither has any: (n_pairs,) float64."""
        shared = self.shared(left, right)
        either = self.sizes[left] + self.sizes[right] - shared
        share: NDArray[np.float64] = np.where(either > 0, shared / np.maximum(either, 1), 1.0)
        return share

    def within(self, left: Places, right: Places) -> NDArray[np.bool_]:
        """Tell where one text of the pair holds all words of the other: (n_pairs,) bool."""
        inside: NDArray[np.bool_] = self.shared(left, right) == np.minimum(self.sizes[left], self.sizes[right])
        return inside

    def lacking(self, left: Places, right: Places) -> csr_array:
        """Keep of each left text the words that the right one lacks: (n_pairs, n_words), 1 where there is one."""
        bags = self._bags[left]
        return bags - bags.multiply(self._bags[right])


def _bags(texts: pl.Series, pattern: str) -> csr_array:
    """Spell texts as rows of zeros and ones: the second `the` of a text is another word than the first."""
    from scipy.sparse import csr_array

    text = pl.col("text")
    words = (
        folded(texts.cast(pl.String).fill_null(""))
        .to_frame("text")
        .select(apart(text).str.extract_all(pattern).alias("word"))
        .with_row_index("row")
        .explode("word", empty_as_null=False, keep_nulls=False)
    )
    if words.is_empty():
        return csr_array((len(texts), 1), dtype=np.int32)
    # A word's number, and in a text's row which use of it this is: plain integers, which sort fast.
    _, spelled = np.unique(words["word"].cast(pl.Categorical).to_physical().to_numpy(), return_inverse=True)
    keys = np.sort((words["row"].to_numpy().astype(np.int64) << _HALF) | spelled)
    spelled, firsts = keys & ((1 << _HALF) - 1), np.flatnonzero(np.diff(keys, prepend=-1))
    nth = np.arange(len(keys)) - np.repeat(firsts, np.diff(firsts, append=len(keys)))
    uses = np.zeros(int(spelled.max()) + 1, np.int64)  # of each word, in the text that has it most often
    np.maximum.at(uses, spelled, nth + 1)
    columns = (np.cumsum(uses) - uses)[spelled] + nth
    starts = np.searchsorted(keys >> _HALF, np.arange(len(texts) + 1))
    ones = np.ones(len(columns), np.int32)
    bags = csr_array((ones, columns.astype(np.int32), starts.astype(np.int32)), shape=(len(texts), int(uses.sum())))
    bags.sort_indices()
    return bags
