"""Rows drawn by what they say, not by where they stand: where few rows of a pool are new, few others are drawn.

A generator asked for 20,000 of 50,000 places gives quite others of 50,001, and whatever is learned from the rows at
these places then moves as if the whole pool were new. Here each row brings its own lot, its key, and the lowest win.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from quality.lsh.shingles import mix

if TYPE_CHECKING:
    import numpy.typing as npt

    Matrix = npt.NDArray[np.float32]
    Keys = npt.NDArray[np.uint64]
    Places = npt.NDArray[np.int64]

_SPREAD = np.uint64(0x9E3779B97F4A7C15)  # the golden ratio, odd
_BLOCK_ROWS = 4096


def vector_keys(vectors: Matrix) -> Keys:
    """Hash rows by the signs of their components, which the last bits of a sum hardly ever change.

    Parameters
    ----------
    vectors
        (n, dim) float32.

    Returns
    -------
    np.ndarray
        (n,) uint64. Rows whose components all have the same signs have the same key.
    """
    words = np.zeros((len(vectors), -(-vectors.shape[1] // 64) * 8), np.uint8)
    for start in range(0, len(vectors), _BLOCK_ROWS):
        signs = np.packbits(vectors[start : start + _BLOCK_ROWS] >= 0, axis=1)
        words[start : start + _BLOCK_ROWS, : signs.shape[1]] = signs
    keys = np.zeros(len(vectors), np.uint64)
    for word in np.ascontiguousarray(words).view("<u8").T:
        keys = mix(keys * _SPREAD + word)
    return keys


def drawn(keys: Keys, most: int, seed: int = 0) -> Places:
    """Draw rows by lot: those of the lowest keys, once shuffled by the seed.

    Parameters
    ----------
    keys
        (n,) uint64, hashes of what rows say. Of equal ones the first are drawn first.
    most
        Rows to draw; all where there are no more.
    seed
        Another seed, other rows.

    Returns
    -------
    np.ndarray
        (min(n, most),) int64, places, ascending.
    """
    places: Places = np.sort(by_lot(keys, seed)[: max(most, 0)])
    return places


def by_lot(keys: Keys, seed: int = 0) -> Places:
    """Return (n,) int64, all places in the order of their lots; keys and seed as for `drawn`."""
    lots = mix(keys ^ mix(np.array([seed], np.uint64)))
    places: Places = np.argsort(lots, kind="stable")
    return places
