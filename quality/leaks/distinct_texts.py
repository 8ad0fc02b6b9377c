"""The texts of a series, each of them once however often it stands there."""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from quality.lsh.shingles import batches, stable_hash
from quality.prompts.edited import words_in_order

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

_MOST_KEPT = 256 << 20  # bytes
START, END = "^", "$"
"""No words: they begin and end a text that is spelled `in_blanks`."""


def distinct(texts: pl.Series, spell: Callable[[pl.Series], pl.Series]) -> Iterator[pl.Series]:
    """Yield what texts are spelled as, in batches of about 8 MB; equal ones come once in all of them together.

    No more than a batch is held at a time.

    Parameters
    ----------
    texts : pl.Series of String
        In any order.
    spell : callable
        Given a batch of texts, returns as many, without nulls.
    """
    seen = np.empty(0, np.uint64)
    for _, batch in batches(texts.cast(pl.String)):
        spelled = spell(batch.fill_null("")).unique()
        hashes = stable_hash(spelled)
        new = ~np.isin(hashes, seen)
        seen = np.concatenate([seen, hashes[new]])
        yield spelled.filter(pl.Series(new, dtype=pl.Boolean))


def in_blanks(texts: pl.Series) -> pl.Series:
    """Spell texts as their words, each between blanks, from `START` to `END`."""
    words = words_in_order(texts).list.join(" ").to_frame("text")
    return words.select(pl.format(f" {START} {{}} {END} ", "text").alias("text")).to_series()


class InBlanks:
    """The distinct texts of a series spelled `in_blanks`, as soon as somebody asks: kept, where they are not too large.

    Parameters
    ----------
    texts : pl.Series of String
        In any order; null counts as empty.
    """

    def __init__(self, texts: pl.Series) -> None:
        self._texts = texts

    def __iter__(self) -> Iterator[pl.Series]:
        """Iterate over them in batches."""
        return iter(self._kept) if self._texts.estimated_size() <= _MOST_KEPT else distinct(self._texts, in_blanks)

    def holding(self, phrases: Collection[str]) -> Counter[str]:
        """Count the texts that hold phrases, which may overlap and are spelled as they are."""
        counts: Counter[str] = Counter()
        for spelled in self if phrases else ():
            held = spelled.str.extract_many(sorted(phrases), overlapping=True).list.unique()
            counts.update(held.explode(empty_as_null=False, keep_nulls=False).to_list())
        return counts

    @cached_property
    def _kept(self) -> list[pl.Series]:
        return list(distinct(self._texts, in_blanks))
