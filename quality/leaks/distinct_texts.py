"""The texts of a series, each of them once however often it stands there, without holding all of them at a time."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from quality.lsh.shingles import batches, stable_hash
from quality.prompts.edited import words_in_order

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

START, END = "^", "$"
"""No words: they begin and end a text that is spelled `in_blanks`."""


def distinct(texts: pl.Series, spell: Callable[[pl.Series], pl.Series]) -> Iterator[pl.Series]:
    """Yield what texts are spelled as, in batches of about 8 MB; equal ones come once in all of them together.

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


def held_by(texts: pl.Series, spell: Callable[[pl.Series], pl.Series], phrases: Collection[str]) -> Counter[str]:
    """Count the distinct texts that hold phrases, which may overlap.

    Parameters
    ----------
    texts, spell
        As for `distinct`.
    phrases : collection of str
        In the spelling that `spell` gives.
    """
    counts: Counter[str] = Counter()
    for spelled in distinct(texts, spell) if phrases else ():
        held = spelled.str.extract_many(sorted(phrases), overlapping=True).list.unique()
        counts.update(held.explode(empty_as_null=False, keep_nulls=False).to_list())
    return counts


def in_blanks(texts: pl.Series) -> pl.Series:
    """Spell texts as their words, each between blanks, from `START` to `END`."""
    words = words_in_order(texts).list.join(" ").to_frame("text")
    return words.select(pl.format(f" {START} {{}} {END} ", "text").alias("text")).to_series()
