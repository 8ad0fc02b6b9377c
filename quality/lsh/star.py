"""Greedy star: which rows of a set of near-duplicate pairs are dropped, and because of which kept row."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

PAIRS = pl.Schema({"left": pl.UInt32(), "right": pl.UInt32(), "jaccard": pl.Float64()})
REMOVALS = pl.Schema({"row": pl.UInt32(), "witness": pl.UInt32(), "jaccard": pl.Float64()})

# Steps from pair to pair back to the first text of a chain, before all pairs are taken to decide.
_STEPS = 16
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


def deciding(left: NDArray[np.integer], right: NDArray[np.integer], texts: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Mark the pairs that decide whether some texts are dropped, whatever else is paired.

    Parameters
    ----------
    left, right : (n_pairs,) int
        left < right.
    texts : (size,) bool
        The texts asked for.

    Returns
    -------
    (n_pairs,) bool
        Pairs of these texts with texts before them, of those with texts before them, and so on; perhaps some more.
    """
    marks = texts.copy()
    for _ in range(_STEPS):
        pairs: NDArray[np.bool_] = marks[right]
        before = left[pairs]
        if marks[before].all():
            return pairs
        marks[before] = True
    return np.ones(len(left), np.bool_)
