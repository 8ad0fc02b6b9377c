"""Paired differences between two models on the same items, with bounds that respect clusters.

Items drawn from one source document rise and fall together, so the spread is taken between clusters, by leaving out one
after the other (the jackknife, CR3), and as many clusters count as hold the items evenly, G* = n² / Σ_g n_g²:

    SE² = (G−1)/G · Σ_g (Σ_{i∈g} (d_i − d̄) / (n − n_g))²,    bounds d̄ ± t_{G*−1, 1−α} · SE

With clusters of one size that is CR1 with G − 1 degrees of freedom. With others, CR1 is too narrow: what a large
cluster says is compared with a mean that it made itself.

Right-or-wrong scores get Tango's bounds (`evals.proportions`) with the same quantile, on as many items as count: n over
the design effect SE² / (σ_d² / n), which lies between 1 and Σ_g n_g² / n, its value where all items of a cluster change
as one (Rao and Scott). Other scores between 0 and 1 are judged as if there were one more document, of as many items as
count as one, which changes as far as any can: down for the lower bound, up for the upper one. Without it a handful of
changes, or none, would pass for certainty.

Simulated at nominal .05 with 2 to 500 clusters, of one size or of others, differences that are spread like the normal
distribution pass wrongly in at most 8 of 100. Three shapes pass more often: losses that are rare and large (bits per
byte, n = 40: 8 to 10 of 100 with the real differences of an adapter, 12 where one item in twenty loses much, 45 where
one in fifty does and most exams hold none); rights and wrongs, or scores from 0 to 1, of which half of a large document
falls as one and the rest apart (10 documents of 20 items: 27 of 100; of 3 items: up to 10); and two documents that hold
most items beside many that hold one (up to 37).

References
----------
Cameron and Miller (2015), A practitioner's guide to cluster-robust inference, J. of Human Resources 50(2).
MacKinnon, Nielsen and Webb (2023), Cluster-robust inference: A guide to empirical practice, J. of Econometrics 232(2).
Carter, Schnepel and Steigerwald (2017), Asymptotic behavior of a t-test robust to cluster heterogeneity, Review of
Economics and Statistics 99(4), for the number of clusters that counts.
Miller (2024), Adding error bars to evals, arXiv:2411.00640.
Rao and Scott (1992), A simple method for the analysis of clustered binary data, Biometrics 48(2).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from evals.power import Spread
from evals.proportions import lower_bound, score_statistic, upper_bound

_LEAST = 1.5  # clusters that count: with fewer, bounds are forty standard errors away, and soon beyond all numbers


@dataclass(frozen=True)
class Paired:
    """What paired differences (candidate minus base) say about their mean.

    Attributes
    ----------
    mean, sd
        Mean and standard deviation of the differences, in the unit of the scores.
    se
        Cluster-robust standard error of the mean; NaN with fewer than two clusters.
    n, clusters
        Items and clusters.
    worse, better
        Clusters whose differences sum below and above zero.
    lost, gained
        Items that score lower and higher than before.
    largest
        Items in the largest cluster.
    crowding
        Σ_g n_g² / n: how many items a cluster holds, as an item sees it.
    binary
        Whether every score is 0 or 1.
    share
        Whether every score lies between 0 and 1.
    """

    mean: float
    sd: float
    se: float
    n: int
    clusters: int
    worse: int
    better: int
    lost: int
    gained: int
    largest: int
    crowding: float
    binary: bool
    share: bool

    @property
    def counted(self) -> float:
        """How many clusters count: as many of one size as would hold an item beside as many others, n² / Σ_g n_g²."""
        return self.n / self.crowding

    @property
    def alone(self) -> bool:
        """Whether all items are of one cluster, or so many that others don't count beside it."""
        return self.counted < _LEAST

    @property
    def df(self) -> float:
        """Degrees of freedom: clusters that count, less one."""
        return self.counted - 1

    @property
    def degenerate(self) -> bool:
        """Whether there is no spread to learn from: one cluster, or equal differences, unless from 0 to 1."""
        return self.alone or not (self.binary or self.share or self.se > 0)

    def lower(self, alpha: float) -> float:
        """Return the one-sided lower bound of the mean at level alpha; −∞ where nothing can be said."""
        if self.degenerate:
            return -math.inf
        if self.binary:
            return lower_bound(*self._effective, self._quantile(alpha))
        mean, se = self._told(-1.0)
        return mean - self._quantile(alpha) * se

    def upper(self, alpha: float) -> float:
        """Return the one-sided upper bound of the mean at level alpha; ∞ where nothing can be said."""
        if self.degenerate:
            return math.inf
        if self.binary:
            return upper_bound(*self._effective, self._quantile(alpha))
        mean, se = self._told(1.0)
        return mean + self._quantile(alpha) * se

    def p_above(self, line: float) -> float:
        """Return the one-sided p-value that the true mean lies above a line; 1 where nothing can be said."""
        if self.degenerate:
            return 1.0
        from scipy.special import stdtr

        if self.binary:
            return float(stdtr(self.df, -score_statistic(*self._effective, line)))
        mean, se = self._told(-1.0)
        return float(stdtr(self.df, (line - mean) / se))

    @property
    def design(self) -> float:
        """The design effect: how many items count as one, since those of a cluster go together (Rao and Scott)."""
        alone = self.sd**2 * (self.n - 1) / self.n**2
        return min(max(1.0, self.se**2 / alone), self.crowding) if alone > 0 else self.crowding

    def spread(self, mean: float | None = None) -> Spread:
        """Return how far items spread, if the true mean were another than the observed one."""
        if not self.binary:
            return Spread(sd=self._told(-1.0)[1] * math.sqrt(self.n))
        changed, mean = (self.gained + self.lost) / self.n, self.mean if mean is None else mean
        changed = max(changed, abs(mean))
        return Spread.of_shares((changed + mean) / 2, (changed - mean) / 2, self.design)

    def _told(self, change: float) -> tuple[float, float]:
        """Mean and standard error; of scores from 0 to 1 with one more document, whose items change so.

        It holds as many items as count as one.
        """
        if not self.share:
            return self.mean, self.se
        n = self.n + self.design
        moved = self.design * (change - self.mean) / n
        squares = (self.n * self.se) ** 2 + moved**2 * self.n * (self.n + self.crowding)
        return self.mean + moved, math.sqrt(squares) / n

    @property
    def _effective(self) -> tuple[float, float, float]:
        """Items gained, lost and in all, as many as count."""
        return self.gained / self.design, self.lost / self.design, self.n / self.design

    def _quantile(self, alpha: float) -> float:
        from scipy.special import stdtrit  # imported in a tenth of the time of scipy.stats

        # By the lower tail: 1 - alpha is 1 for the smallest levels.
        return -float(stdtrit(self.df, alpha))


def paired(
    base: npt.NDArray[np.float64],
    candidate: npt.NDArray[np.float64],
    cluster: npt.ArrayLike,
    *,
    share: bool | None = None,
) -> Paired:
    """Compare two models' scores on the same items.

    Parameters
    ----------
    base, candidate
        (n,) scores; higher is better.
    cluster
        (n,) labels; items with the same label depend on each other.
    share
        Whether scores lie between 0 and 1; if None, these tell.

    Raises
    ------
    ValueError
        If there is no item, lengths differ, or a score is not finite.
    """
    base, candidate = np.asarray(base, dtype=np.float64), np.asarray(candidate, dtype=np.float64)
    labels = np.asarray(cluster)
    if not (base.shape == candidate.shape == labels.shape and base.ndim == 1):
        raise ValueError(
            f"Scores and clusters must pair up; there are {base.size}, {candidate.size} and {labels.size}."
        )
    if base.size == 0:
        raise ValueError("There is no item to compare.")
    if not (np.isfinite(base).all() and np.isfinite(candidate).all()):
        raise ValueError("A score is not a finite number, so no mean can be trusted.")
    difference = candidate - base
    n = difference.size
    mean = float(difference.mean())
    _, inverse = np.unique(labels, return_inverse=True)
    count = int(inverse.max()) + 1
    sizes = np.bincount(inverse)
    sums = np.bincount(inverse, difference - mean)
    moved = np.bincount(inverse, difference)
    # Equal differences, or equal sums of all clusters, leave rounding crumbs behind, which must not pass for a spread.
    spread = float(np.abs(sums).max()) > 1e-12 * max(1.0, abs(mean)) * n / count
    se = math.sqrt((count - 1) / count * float(((sums / (n - sizes)) ** 2).sum())) if count > 1 else math.nan
    return Paired(
        mean=mean,
        sd=float(difference.std(ddof=1)) if n > 1 else math.nan,
        se=se if spread or count < 2 else 0.0,
        n=n,
        clusters=count,
        worse=int((moved < 0).sum()),
        better=int((moved > 0).sum()),
        lost=int((difference < 0).sum()),
        gained=int((difference > 0).sum()),
        largest=int(sizes.max()),
        crowding=float((sizes**2).sum() / n),
        binary=bool(np.isin(base, (0, 1)).all() and np.isin(candidate, (0, 1)).all()),
        share=share_of(base, candidate) if share is None else share,
    )


def share_of(base: npt.NDArray[np.float64], candidate: npt.NDArray[np.float64]) -> bool:
    """Tell whether all scores of both models lie between 0 and 1."""
    return all(bool(((scores >= 0) & (scores <= 1)).all()) for scores in (base, candidate))
