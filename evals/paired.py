"""Paired differences between two models on the same items, with bounds that respect clusters.

Items drawn from one source document rise and fall together, so the spread is taken between clusters (CR1):

    SE² = G/(G−1) · Σ_g (Σ_{i∈g} (d_i − d̄))² / n²,    bounds d̄ ± t_{G−1, 1−α} · SE

References
----------
Cameron and Miller (2015), A practitioner's guide to cluster-robust inference, J. of Human Resources 50(2).
Miller (2024), Adding error bars to evals, arXiv:2411.00640.
Clopper and Pearson (1934), The use of confidence or fiducial limits, Biometrika 26(4).
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_SPARSE = 10  # fewer clusters that changed than this, and the t distribution is no guide for right-or-wrong scores


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
    largest
        Items in the largest cluster.
    binary
        Whether every score is 0 or 1.
    """

    mean: float
    sd: float
    se: float
    n: int
    clusters: int
    worse: int
    better: int
    largest: int
    binary: bool

    @property
    def df(self) -> int:
        """Degrees of freedom: clusters − 1."""
        return self.clusters - 1

    @property
    def degenerate(self) -> bool:
        """Whether the differences have no spread to learn from: one cluster, or all of them equal."""
        return self.df < 1 or not self.se > 0

    def lower(self, alpha: float) -> float:
        """Return the one-sided lower bound of the mean at level alpha; −∞ where nothing can be said."""
        if self.sparse:
            return -self._share(self.worse, alpha)
        return -math.inf if self.degenerate else self.mean - self._quantile(alpha) * self.se

    def upper(self, alpha: float) -> float:
        """Return the one-sided upper bound of the mean at level alpha; ∞ where nothing can be said."""
        if self.sparse:
            return self._share(self.better, alpha)
        return math.inf if self.degenerate else self.mean + self._quantile(alpha) * self.se

    @property
    def sparse(self) -> bool:
        """Whether scores are right or wrong and too few clusters changed for a t bound."""
        return self.binary and self.df >= 1 and self.worse + self.better < _SPARSE

    def _quantile(self, alpha: float) -> float:
        from scipy.stats import t

        return float(t.ppf(1 - alpha, self.df))

    def _share(self, count: int, alpha: float) -> float:
        """Bound the share of items that change for the worse (or better), by Clopper and Pearson.

        With right-or-wrong scores the mean can't fall below minus the share that got worse. One item in sixty
        that changed has a standard error as small as itself, and a t bound would call that safe. Clusters are
        the independent draws, each counted as if it were the largest.
        """
        from scipy.stats import beta

        if count == self.clusters:
            return 1.0
        share = float(beta.ppf(1 - alpha, count + 1, self.clusters - count))
        return min(1.0, share * self.largest * self.clusters / self.n)


def paired(base: npt.NDArray[np.float64], candidate: npt.NDArray[np.float64], cluster: npt.ArrayLike) -> Paired:
    """Compare two models' scores on the same items.

    Parameters
    ----------
    base, candidate
        (n,) scores; higher is better.
    cluster
        (n,) labels; items with the same label depend on each other.

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
    sums = np.bincount(inverse, difference - mean)
    moved = np.bincount(inverse, difference)
    # Equal differences, or equal sums of all clusters, leave rounding crumbs behind, which must not pass for a spread.
    spread = float(np.abs(sums).max()) > 1e-12 * max(1.0, abs(mean)) * n / count
    se = math.sqrt(count / (count - 1) * float((sums**2).sum())) / n if count > 1 else math.nan
    return Paired(
        mean=mean,
        sd=float(difference.std(ddof=1)) if n > 1 else math.nan,
        se=se if spread or count < 2 else 0.0,
        n=n,
        clusters=count,
        worse=int((moved < 0).sum()),
        better=int((moved > 0).sum()),
        largest=int(np.bincount(inverse).max()),
        binary=bool(np.isin(base, (0, 1)).all() and np.isin(candidate, (0, 1)).all()),
    )


def required_items(sd: float, margin: float, alpha: float, power: float) -> int:
    """Return the items needed to tell a difference of `margin` from none: n = (z_{1−α} + z_power)² · σ² / m².

    Parameters
    ----------
    sd
        Standard deviation of the paired differences; with clusters SE·√n, which holds their part.
    margin
        Distance between the true mean and the line it must clear, in the unit of the scores.
    alpha, power
        Chance of clearing it wrongly, and of clearing it rightly.
    """
    if margin == 0:
        raise ValueError("No number of items tells a difference of zero from none.")
    return max(2, math.ceil((_normal(1 - alpha) + _normal(power)) ** 2 * sd**2 / margin**2))


def detectable(se: float, alpha: float, power: float) -> float:
    """Return the smallest true difference that is found with the given power: (z_{1−α} + z_power) · SE."""
    return (_normal(1 - alpha) + _normal(power)) * se


def _normal(probability: float) -> float:
    from statistics import NormalDist

    return NormalDist().inv_cdf(probability)
