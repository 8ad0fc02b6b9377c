"""Greedy star: which rows of a set of near-duplicate pairs are dropped, and because of which kept row."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

PAIRS = pl.Schema({"left": pl.UInt32(), "right": pl.UInt32(), "jaccard": pl.Float64()})
REMOVALS = pl.Schema({"row": pl.UInt32(), "witness": pl.UInt32(), "jaccard": pl.Float64()})

# Sweeps over all pairs at once before they are gone through one by one: few chains of duplicates are longer.
_SWEEPS = 8


def star(pairs: pl.DataFrame) -> pl.DataFrame:
    """Drop each row that is paired with a kept row before it.

    Parameters
    ----------
    pairs : pl.DataFrame
        `left, right, jaccard` with left < right: the pairs at or above the threshold.

    Returns
    -------
    pl.DataFrame
        `row, witness, jaccard`, ascending by row. The witness is a kept row before it: the most similar one,
        the first of equals.
    """
    ordered = pairs.sort("right", "left")
    left, right = ordered["left"].to_numpy(), ordered["right"].to_numpy()
    dropped = drop(left, right, int(right[-1]) + 1 if len(right) else 0)
    justified = pl.Series(~dropped[left] & dropped[right], dtype=pl.Boolean)
    return (
        ordered.filter(justified)
        .sort("right", "jaccard", "left", descending=[False, True, False])
        .unique("right", keep="first", maintain_order=True)
        .select(row="right", witness="left", jaccard="jaccard")
        .cast(REMOVALS)
    )


def drop(left: NDArray[np.integer], right: NDArray[np.integer], size: int) -> NDArray[np.bool_]:
    """Mark the dropped among `size` texts.

    Parameters
    ----------
    left, right : (n_pairs,) int
        left < right, ascending by right.
    size : int
        Number of texts.

    Returns
    -------
    (size,) bool
    """
    dropped = np.zeros(size, np.bool_)
    for _ in range(_SWEEPS):
        waiting = np.zeros(size, np.bool_)
        waiting[right] = True  # whose fate depends on a text before it
        sure = ~waiting[left]
        dropped[right[sure & ~dropped[left]]] = True
        rest = ~sure & ~dropped[right]
        left, right = left[rest], right[rest]
        if not len(left):
            return dropped
    # What is left is in long chains, where a text depends on every one before it: one after another, then.
    marks = bytearray(dropped.tobytes())
    for before, text in zip(left.tolist(), right.tolist(), strict=True):
        if not marks[before]:
            marks[text] = 1
    return np.frombuffer(marks, np.uint8).astype(bool)
