"""How many items an exam needs, and what so many items can see.

*Before* there are differences, a test at level α finds a true difference m with the given power where
(t_{1−α}·σ₀ + t_{power}·σ) / √n ≤ m: σ₀ is the spread of the differences were their mean on the line, σ the one at the
true mean. Quantiles are of Student's t with one degree of freedom less than there are clusters: by the normal
distribution, ten clusters would find in 73 of 100 exams what is promised for 80.

*After* n items have shown a mean d̄, the true one is not known. To take d̄ for it promises too much near the line, and
endlessly many items on it. What is asked then is how large an exam must be to decide, either way, with the given chance
over all that the true mean may be (assurance, under a flat prior). The mean of such an exam of N items is spread around
d̄ with variance τ² = σ² (1/n + 1/N), by Student's t with ν = G* − 1 degrees of freedom, and decides where it lies
further from the line than t_{1−α} · σ₀ / √N. With Δ = |d̄ − line|,

    P(decided) = T_ν((Δ − t_{1−α} · σ₀ / √N) / τ) + T_ν((−Δ − t_{1−α} · σ₀ / √N) / τ)

On the line itself that takes some forty times as many items as there were, at α = .05 and a chance of .8.

References
----------
O'Hagan, Stevens and Campbell (2005), Assurance in clinical trial design, Pharmaceutical Statistics 4(3).
Spiegelhalter, Freedman and Blackburn (1986), Monitoring clinical trials: conditional or predictive power?, Controlled
Clinical Trials 7(1).
Nam (1997), Establishing equivalence of two treatments and sample size requirements in matched-pairs design, Biometrics
53(4), for right-or-wrong scores.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from evals.proportions import score_variance

LEAST_CLUSTERS = 5
"""Source documents, of those that count, with which a suite decides: the spread of fewer tells next to nothing."""


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

    def at(self, distance: float, clusters: float, per_cluster: float) -> float:
        """Return the standard deviation that a test on so many clusters takes for a mean so far below the true one."""
        if self.better is None or self.worse is None:
            return self.sd
        line = max(-1.0, self.better - self.worse - distance)
        variance = self.better + self.worse - (self.better - self.worse) ** 2
        design = assumed_design(self.design, variance, clusters, per_cluster)
        return math.sqrt(design * score_variance(self.better, self.worse, line))

    def largest(self, per_cluster: float) -> float:
        """Return the largest standard deviation that any test takes, under any mean."""
        return self.sd if self.better is None else math.sqrt(max(self.design, per_cluster))


def assumed_design(design: float, variance: float, clusters: float, per_cluster: float) -> float:
    """Return the design effect as if half a cluster more had changed as one.

    Few clusters can't show that this doesn't happen. It adds (1 / 2G)² to the squared standard error, or less: all
    items of a cluster that change as one are the most there can be.

    Parameters
    ----------
    design
        As it was measured: how many items count as one.
    variance
        Of the differences of single items.
    clusters, per_cluster
        How many count, and the items that each holds.
    """
    if design >= per_cluster or variance <= 0:
        return max(design, per_cluster)
    return min(design + per_cluster / (4 * clusters * variance), per_cluster)


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


def deciding_items(
    spread: Spread, items: int, clusters: float, distance: float, alpha: float, power: float, per_cluster: float = 1.0
) -> int | None:
    """Return how many items an exam like this one needs to decide, given what this one has shown.

    None where no number is known to: nothing changed, and to change nothing lies on the line itself.

    Parameters
    ----------
    spread
        Of the paired differences, at their mean.
    items, clusters
        Of the exam that showed it; clusters as many as count.
    distance
        Between the mean that was seen and the line, in the unit of the scores; it may be 0.
    alpha, power
        Level of each bound, and chance of a decision over all that the true mean may be.
    per_cluster
        Items from one source document, on average.
    """
    if spread.sd == 0 and spread.at(abs(distance), clusters, per_cluster) == 0:
        return None
    low, high = 1, 2
    while _assurance(high, spread, items, clusters, abs(distance), alpha, per_cluster) < power:
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        enough = _assurance(middle, spread, items, clusters, abs(distance), alpha, per_cluster) >= power
        low, high = (low, middle) if enough else (middle, high)
    return math.ceil(high * per_cluster)


def _assurance(
    groups: int, spread: Spread, items: int, clusters: float, distance: float, alpha: float, per_cluster: float
) -> float:
    """Return the chance that an exam of so many clusters decides, either way."""
    from scipy.special import stdtr

    if groups < 2:
        return 0.0
    asked = groups * per_cluster
    # What spreads not at all, since nothing changed, spreads as much as it would were the line the truth.
    at_line = spread.at(distance, groups, per_cluster)
    sd = spread.sd or at_line
    width = -_quantile(alpha, groups) * at_line / math.sqrt(asked)
    beyond = sd * math.sqrt(1 / items + 1 / asked)
    return float(stdtr(clusters - 1, (distance - width) / beyond) + stdtr(clusters - 1, (-distance - width) / beyond))


def detectable(spread: Spread, items: int, clusters: float, alpha: float, power: float) -> float:
    """Return the smallest true difference that so many items find with the given power."""
    largest = spread.largest(items / clusters)
    low, high = 0.0, (_quantile(power, clusters) - _quantile(alpha, clusters)) * largest / math.sqrt(items)
    while high - low > 1e-9 * largest:
        middle = (low + high) / 2
        if _enough(clusters, spread, middle, alpha, power, items / clusters):
            high = middle
        else:
            low = middle
    return high


def chance(spread: Spread, items: int, clusters: float, margin: float, alpha: float) -> float:
    """Return the chance that so many items clear a line that lies `margin` away from the true mean.

    What `detectable` finds with a given power, this finds with that chance. By the first formula above, solved for the
    power: T_ν((m·√n − t_{1−α}·σ₀) / σ). Where no difference spreads, it is 0 or 1.
    """
    from scipy.special import stdtr

    beyond = margin * math.sqrt(items) + _quantile(alpha, clusters) * spread.at(margin, clusters, items / clusters)
    if spread.sd == 0:
        return float(beyond >= 0)
    return float(stdtr(clusters - 1, beyond / spread.sd))


def _enough(clusters: float, spread: Spread, margin: float, alpha: float, power: float, per_cluster: float) -> bool:
    # By the lower tail, for levels so small that 1 − α is 1.
    wanted = (
        -_quantile(alpha, clusters) * spread.at(margin, clusters, per_cluster) + _quantile(power, clusters) * spread.sd
    )
    return wanted <= margin * math.sqrt(clusters * per_cluster)


def _quantile(probability: float, clusters: float) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(clusters - 1, probability))
