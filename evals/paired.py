"""Paired differences between two models on the same items, with bounds that respect clusters.

Items drawn from one source document rise and fall together, so the spread is taken between clusters, by leaving out one
after the other (the jackknife, CR3), and as many clusters count as hold the items evenly, G* = n² / Σ_g n_g²:

    SE² = (G−1)/G · Σ_g (Σ_{i∈g} (d_i − d̄) / (n − n_g))²,    bounds d̄ ± q · SE,    q = t_{G*−1, 1−α}

With clusters of one size that is CR1 with G − 1 degrees of freedom. With others, CR1 is too narrow: what a large
cluster says is compared with a mean that it made itself. Where differences are surely skewed towards a bound, it moves
away (`evals.skewness`).

Right-or-wrong scores get Tango's bounds (`evals.proportions`) with the same quantile, on as many items as count: n over
the design effect SE² / (σ_d² / n), which lies between 1 and Σ_g n_g² / n, its value where all items of a cluster change
as one (Rao and Scott). Of few clusters it can't be known that their items change apart: that half a large one changes
as one may not have been seen yet. So SE² + (1 / 2G*)² is taken in its place, as if half a cluster more had changed.
Other scores between 0 and 1 are judged as if there were one more document, of as many items as count as one, which
changes as far as any can: down for the lower bound, up for the upper one. Without it a handful of changes, or none,
would pass for certainty.

Simulated at nominal .05 on the line. With 2 to 500 clusters, of one size or of others, differences that are spread like
the normal distribution pass wrongly in at most 8 of 100. Losses in bits per byte that are rare and large pass more
often, the more so the fewer documents show them: 7 to 8 of 100 with an adapter's differences on 40 items, 12 to 14 on
10, and 13 and 36 where one item in twenty, or in fifty, loses much: 13 and 45 of 100 exams of 40 hold no such item
(`evals.skewness`). Rights and wrongs, and scores from 0 to 1, of which a part of a document or the whole falls as one
and the rest apart: with documents of one size at most 6 of 100 (by the measured design effect up to 68), with two that
hold 60 items beside forty of 5 at most 9, and with four of 30 items beside sixty of 3 at most 13 (18). For that,
documents of many items lose power: 100 of 3 items a point, 40 of 10 lose 3 to 13 (scores from 0 to 1: up to 50 where
few change), and 10 of 20 items tell little.

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

from evals import skewness
from evals.power import LEAST_CLUSTERS, Spread, assumed_design
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
    skew
        Skewness of the mean; 0 with fewer than three clusters.
    headroom
        How far the mean can rise where no score lies above 0, as none in bits per byte does; else None.
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
    skew: float = 0.0
    headroom: float | None = None

    @property
    def counted(self) -> float:
        """How many clusters count: as many of one size as would hold an item beside as many others, n² / Σ_g n_g²."""
        return self.n / self.crowding

    @property
    def alone(self) -> bool:
        """Whether all items are of one cluster, or so many that others don't count beside it."""
        return self.counted < _LEAST

    @property
    def few(self) -> bool:
        """Whether so few clusters count that no line is decided, whatever the bounds: fewer than five, rounded up."""
        return math.ceil(round(self.counted, 9)) < LEAST_CLUSTERS

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
        return mean - skewness.distance(self._quantile(alpha), self._skewed(-1.0)) * se

    def upper(self, alpha: float, *, early: bool = False) -> float:
        """Return the one-sided upper bound of the mean at level alpha; ∞ where nothing can be said.

        Of part of an exam (`early`) it allows for what is still to come: as if there were one more document, on which
        the candidate can't do better. So nothing is said of scores that may rise without end.
        """
        if self.degenerate:
            return math.inf
        if self.binary:
            return upper_bound(*self._effective, self._quantile(alpha))
        mean, se = self._told(1.0)
        if early and not self.share:
            if self.headroom is None:
                return math.inf
            mean, se = self._with_more(self.crowding, self.headroom)
        return mean + skewness.distance(self._quantile(alpha), self._skewed(1.0)) * se

    def within(self, bound: float) -> float:
        """Return a bound, held within −1 and 1 where scores are from 0 to 1: no difference of them leaves that.

        An infinite one, where nothing can be said, stays.
        """
        return min(1.0, max(-1.0, bound)) if self.share and math.isfinite(bound) else bound

    def p_above(self, line: float) -> float:
        """Return the one-sided p-value that the true mean lies above a line; 1 where nothing can be said."""
        if self.degenerate:
            return 1.0
        from scipy.special import stdtr

        if self.binary:
            return float(stdtr(self.df, -score_statistic(*self._effective, line)))
        mean, se = self._told(-1.0)
        return float(stdtr(self.df, -skewness.quantile_at((mean - line) / se, self._skewed(-1.0))))

    @property
    def design(self) -> float:
        """The design effect: how many items count as one, since those of a cluster go together (Rao and Scott)."""
        alone = self.sd**2 * (self.n - 1) / self.n**2
        return min(max(1.0, self.se**2 / alone), self.crowding) if alone > 0 else self.crowding

    @property
    def assumed_design(self) -> float:
        """The design effect that bounds assume, as if half a cluster more had changed as one."""
        variance = self.sd**2 * (self.n - 1) / self.n
        return assumed_design(self.design, variance, self.counted, self.crowding)

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
        return self._with_more(self.assumed_design, change) if self.share else (self.mean, self.se)

    def _with_more(self, items: float, change: float) -> tuple[float, float]:
        """Mean and standard error if there were one more document of so many items, whose mean difference is so."""
        n = self.n + items
        moved = items * (change - self.mean) / n
        squares = (self.n * self.se) ** 2 + moved**2 * self.n * (self.n + self.crowding)
        return self.mean + moved, math.sqrt(squares) / n

    def _skewed(self, side: float) -> float:
        """How skewed the mean is towards a bound; scores from 0 to 1 have one more document instead."""
        return 0.0 if self.share else skewness.against(self.skew, self.counted, side)

    @property
    def _effective(self) -> tuple[float, float, float]:
        """Items gained, lost and in all, as many as count."""
        design = self.assumed_design
        return self.gained / design, self.lost / design, self.n / design

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
    moves = sums / (n - sizes) if count > 1 else np.full(1, math.nan)  # how far each cluster moves the mean
    se = math.sqrt((count - 1) / count * float((moves**2).sum()))
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
        skew=_skewness(moves / se) if spread and count > 2 else 0.0,
        headroom=-float(base.mean()) if max(base.max(), candidate.max()) <= 0 else None,
    )


def _skewness(moves: npt.NDArray[np.float64]) -> float:
    """Return the skewness of the mean from how far each cluster moves it, in standard errors."""
    count = moves.size
    return (count - 1) ** 2 / (count * (count - 2)) * float((moves**3).sum())


def share_of(base: npt.NDArray[np.float64], candidate: npt.NDArray[np.float64]) -> bool:
    """Tell whether all scores of both models lie between 0 and 1."""
    return all(bool(((scores >= 0) & (scores <= 1)).all()) for scores in (base, candidate))
