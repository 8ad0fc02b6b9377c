"""The texts of a series, each of them once however often it stands there, without holding all of them at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from quality.lsh.shingles import batches, stable_hash

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


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
