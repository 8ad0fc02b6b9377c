"""How far a training set moved since another one: in the lengths of its answers, and in what it is about.

Population stability index of lengths. The earlier lengths are cut into bins of equal share; with p and q the shares of
earlier and later rows in a bin,

    PSI = Σ (q − p) · ln(q / p).

Its customary lines: below 0.1 nothing moved, from 0.1 something did, from 0.25 the two are different populations. Each
bin counts half a row more than it holds, so that an empty one is no infinity; and there are at least 50 rows to a bin,
since of n and m rows drawn alike, b bins show a PSI of about (b − 1)(1/n + 1/m).

Centroid shift. 1 − cosine of the mean embeddings, where each mean's length is told without the part that its own rows'
scatter adds, R² = (n·|mean|² − 1)/(n − 1): two small samples of one set are not a shift.

References
----------
Siddiqi 2006, "Credit Risk Scorecards" (PSI and its lines).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from numpy.typing import NDArray

Label = Literal["steady", "moved", "another population"]

MOVED_PSI, OTHER_PSI = 0.1, 0.25
_MOST_BINS, _BIN_ROWS = 10, 50


def length_psi(before: pl.Series, after: pl.Series) -> float:
    """Return the population stability index of two sets of lengths, from 0 (alike) up; 0 where one set is empty."""
    if before.is_empty() or after.is_empty():
        return 0.0
    bins = min(_MOST_BINS, max(2, min(len(before), len(after)) // _BIN_ROWS))
    edges = np.unique(np.quantile(before.to_numpy(), np.arange(1, bins) / bins))
    expected, found = (_shares(lengths.to_numpy(), edges) for lengths in (before, after))
    return float(((found - expected) * np.log(found / expected)).sum())


def centroid_shift(before: NDArray[np.float32], after: NDArray[np.float32]) -> float:
    """Return 1 − cosine of two centroids, from 0 to 2; 0 where a set has no direction of its own.

    Parameters
    ----------
    before, after : (n, dim) float32, (m, dim) float32
        Rows of length 1.
    """
    if min(len(before), len(after)) < 2:
        return 0.0
    means = [rows.mean(axis=0, dtype=np.float64) for rows in (before, after)]
    sizes = [(len(rows) * mean @ mean - 1) / (len(rows) - 1) for rows, mean in zip((before, after), means, strict=True)]
    if min(sizes) <= 0:
        return 0.0
    return float(np.clip(1 - means[0] @ means[1] / np.sqrt(sizes[0] * sizes[1]), 0, 2))


def label(psi: float) -> Label:
    """Say in a word what a population stability index means."""
    return "steady" if psi < MOVED_PSI else "moved" if psi < OTHER_PSI else "another population"


def _shares(lengths: NDArray[np.int64], edges: NDArray[np.float64]) -> NDArray[np.float64]:
    counts = np.bincount(np.searchsorted(edges, lengths), minlength=len(edges) + 1) + 0.5
    shares: NDArray[np.float64] = counts / counts.sum()
    return shares
