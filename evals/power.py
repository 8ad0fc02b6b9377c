"""How many items an exam needs, and what so many items can see.

A test at level α finds a true difference m with the given power where (t_{1−α}·σ₀ + t_{power}·σ) / √n ≤ m: σ₀ is the
spread of the differences were their mean on the line, σ the one at the true mean. Quantiles are of Student's t with one
degree of freedom less than there are clusters: by the normal distribution, ten clusters would find in 73 of 100 exams
what is promised for 80.

References
----------
Nam (1997), Establishing equivalence of two treatments and sample size requirements in matched-pairs design, Biometrics
53(4), for right-or-wrong scores.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from evals.proportions import score_variance

LEAST_CLUSTERS = 3
"""The spread of fewer tells nothing of how many items would decide."""


@dataclass(frozen=True)
class Spread:
    """How far the differences of single items lie apart, as far as items count.

    Attributes
    ----------
    sd
        Standard deviation at the true mean; with clusters SE·√n, which holds their part.
    better, worse
        Of right-or-wrong scores, shares of items that change either way; None of graded ones.
    design
        How many items count as one, since those of a cluster go together.
    """

    sd: float
    better: float | None = None
    worse: float | None = None
    design: float = 1.0

    @classmethod
    def of_shares(cls, better: float, worse: float, design: float = 1.0) -> Spread:
        """Return the spread of right-or-wrong scores of which such shares change."""
        return cls(math.sqrt(design * (better + worse - (better - worse) ** 2)), better, worse, design)

    def at(self, distance: float) -> float:
        """Return the standard deviation were the mean so far below the true one."""
        if self.better is None or self.worse is None:
            return self.sd
        line = max(-1.0, self.better - self.worse - distance)
        return math.sqrt(self.design * score_variance(self.better, self.worse, line))

    @property
    def largest(self) -> float:
        """The largest standard deviation under any mean."""
        return self.sd if self.better is None else math.sqrt(self.design)


def required_items(spread: Spread, margin: float, alpha: float, power: float, per_cluster: float = 1.0) -> int:
    """Return the items needed to tell a difference of `margin` from none.

    Parameters
    ----------
    spread
        Of the paired differences.
    margin
        Distance between the true mean and the line it must clear, in the unit of the scores.
    alpha, power
        Chance of clearing it wrongly, and of clearing it rightly.
    per_cluster
        Items from one source document, on average.
    """
    if margin == 0:
        raise ValueError("No number of items tells a difference of zero from none.")
    clusters, step = 2, 1
    # Doubled until they are enough, then halved back to the fewest.
    while not _enough(clusters, spread, abs(margin), alpha, power, per_cluster):
        clusters, step = clusters + step, step * 2
    while step >= 1:
        if clusters - step >= 2 and _enough(clusters - step, spread, abs(margin), alpha, power, per_cluster):
            clusters -= step
        else:
            step //= 2
    return math.ceil(clusters * per_cluster)


def detectable(spread: Spread, items: int, clusters: float, alpha: float, power: float) -> float:
    """Return the smallest true difference that so many items find with the given power."""
    low, high = 0.0, (_quantile(power, clusters) - _quantile(alpha, clusters)) * spread.largest / math.sqrt(items)
    while high - low > 1e-9 * spread.largest:
        middle = (low + high) / 2
        if _enough(clusters, spread, middle, alpha, power, items / clusters):
            high = middle
        else:
            low = middle
    return high


def _enough(clusters: float, spread: Spread, margin: float, alpha: float, power: float, per_cluster: float) -> bool:
    # By the lower tail, for levels so small that 1 − α is 1.
    wanted = -_quantile(alpha, clusters) * spread.at(margin) + _quantile(power, clusters) * spread.sd
    return wanted <= margin * math.sqrt(clusters * per_cluster)


def _quantile(probability: float, clusters: float) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(clusters - 1, probability))
