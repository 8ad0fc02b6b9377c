"""Bounds of the difference between two models in a metric of a whole corpus, which is no mean over items.

Bits per byte of all texts together is the bits of all over the bytes of all, as other harnesses print it; F1 over a
corpus is a ratio of counts. Such a metric is a function of sums over items. Clusters are drawn with replacement, both
models on the same draw; a draw of weights times the sums of the clusters gives all draws at once.

Plain percentiles of so many draws are too narrow for few clusters. They are taken at the level that makes a mean's
bounds those of Student's t: Φ(−√(G/(G−1)) · t_{G−1, 1−α}) instead of α (Hesterberg's expanded percentiles).

References
----------
Hesterberg (2015), What teachers should know about the bootstrap, The American Statistician 69(4).
Koehn (2004), Statistical significance tests for machine translation evaluation, EMNLP.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Sums = npt.NDArray[np.float64]
    Metric = Callable[[Sums], npt.NDArray[np.float64]]

DRAWS = 4_000
_AT_ONCE = 2**22  # weights in memory at once: 32 MB


class Corpus(NamedTuple):
    """A metric of both models on a whole corpus, and one-sided bounds of the difference, candidate minus base."""

    base: float
    candidate: float
    lower: float
    upper: float

    @property
    def difference(self) -> float:
        """Candidate minus base."""
        return self.candidate - self.base


def compare_corpora(
    base: Sums,
    candidate: Sums,
    cluster: npt.ArrayLike,
    metric: Metric,
    *,
    alpha: float = 0.05,
    draws: int = DRAWS,
    seed: int = 0,
) -> Corpus:
    """Compare two models by a metric of the sums over all items.

    Parameters
    ----------
    base, candidate
        (n, k) what is summed over items, such as bits and bytes.
    cluster
        (n,) labels; items with the same label are drawn together.
    metric
        Turns (m, k) sums into (m,) values; higher is better.
    alpha
        Level of each bound.
    draws, seed
        Draws of clusters, and their seed: the same input gives the same bounds.

    Returns
    -------
    Corpus
        Bounds are infinite where no difference between draws tells anything, and where clusters are too few: no draw
        lies beyond the worst one, and all lie on one side of the truth by chance in 2^−clusters of cases, which must
        not be more than half of alpha (so six clusters at .05).

    Raises
    ------
    ValueError
        If there is no item, shapes differ, or a number is not finite, be it the metric of all items or of a draw, as
        where a draw holds none of what the metric divides by.
    """
    base, candidate = np.asarray(base, dtype=np.float64), np.asarray(candidate, dtype=np.float64)
    labels = np.asarray(cluster)
    if base.ndim != 2 or base.shape != candidate.shape or labels.shape != base.shape[:1]:
        raise ValueError(f"Items must pair up; the shapes are {base.shape}, {candidate.shape} and {labels.shape}.")
    if not len(base):
        raise ValueError("There is no item to compare.")
    if not (np.isfinite(base).all() and np.isfinite(candidate).all()):
        raise ValueError("A number is not finite, so no sum can be trusted.")
    _, inverse = np.unique(labels, return_inverse=True)
    count = int(inverse.max()) + 1
    sums = np.zeros((count, 2 * base.shape[1]))
    np.add.at(sums, inverse, np.hstack([base, candidate]))
    before, after = (float(_valued(part, metric)[0]) for part in np.hsplit(sums.sum(axis=0, keepdims=True), 2))
    if 0.5**count > alpha / 2:
        return Corpus(before, after, -math.inf, math.inf)
    found = np.concatenate([_difference(weights @ sums, metric) for weights in _weights(count, draws, seed)])
    if np.ptp(found) <= 1e-12 * max(1.0, float(np.abs(found).max())):
        return Corpus(before, after, -math.inf, math.inf)
    level = _expanded(alpha, count)
    return Corpus(before, after, float(np.quantile(found, level)), float(np.quantile(found, 1 - level)))


def _difference(sums: Sums, metric: Metric) -> npt.NDArray[np.float64]:
    base, candidate = np.hsplit(sums, 2)
    return _valued(candidate, metric) - _valued(base, metric)


def _valued(sums: Sums, metric: Metric) -> npt.NDArray[np.float64]:
    with np.errstate(all="ignore"):  # what comes of it is looked at, be it told or not
        values = metric(sums)
    if not np.isfinite(values).all():
        raise ValueError(
            "The metric has no value on some draw of the clusters (as where it divides by nothing), so that it has no "
            "bounds either."
        )
    return values


def _weights(count: int, draws: int, seed: int) -> Iterator[Sums]:
    """Yield how often each draw holds each cluster, (some draws, clusters)."""
    rng = np.random.default_rng(seed)
    step = max(1, _AT_ONCE // count)
    for begin in range(0, draws, step):
        yield rng.multinomial(count, np.full(count, 1 / count), size=min(step, draws - begin)).astype(np.float64)


def _expanded(alpha: float, clusters: int) -> float:
    from scipy.special import ndtr, stdtrit

    return float(ndtr(-math.sqrt(clusters / (clusters - 1)) * stdtrit(clusters - 1, 1 - alpha)))
