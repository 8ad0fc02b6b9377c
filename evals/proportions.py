"""How many more items one of two models gets right, where scores are right or wrong.

Only items that the models answer differently tell: `better` of n are right by the candidate alone, `worse` by the base
alone. The difference of shares is (better − worse) / n. Its bounds invert Tango's score test, which takes the spread
under the difference in question: they hold for a handful of changed items as well, where a t bound is far too narrow,
and never leave [−1, 1].

References
----------
Tango (1998), Equivalence test and confidence interval for the difference in proportions for the paired-sample design,
Statistics in Medicine 17(8).
McNemar (1947), Note on the sampling error of the difference between correlated proportions, Psychometrika 12(2).
"""

import math

_STEADY = 1e-10


def lower_bound(better: float, worse: float, items: float, quantile: float) -> float:
    """Return the one-sided lower bound of the difference of shares, after Tango.

    Parameters
    ----------
    better, worse
        Items that the candidate alone, and the base alone, gets right. Fractions where they count for fewer items than
        there are, because items of one document go together.
    items
        All items, counted in the same way.
    quantile
        Of the distribution of the test statistic, at one minus the level of the bound: 1.645 of the normal for .05.
    """
    low, high = -1.0, (better - worse) / items
    # The statistic falls as the difference in question grows: halve the stretch in which it passes the quantile.
    while high - low > _STEADY:
        middle = (low + high) / 2
        if score_statistic(better, worse, items, middle) > quantile:
            low = middle
        else:
            high = middle
    return low


def upper_bound(better: float, worse: float, items: float, quantile: float) -> float:
    """Return the one-sided upper bound; see `lower_bound`."""
    return -lower_bound(worse, better, items, quantile)


def exact_p(better: int, worse: int) -> float:
    """Return the two-sided p-value of McNemar's exact test that as much changes for the better as for the worse.

    Parameters
    ----------
    better, worse
        What changed for the better and for the worse: independent draws, so clusters where items have them.
    """
    from scipy.special import bdtr

    # Both tails alike, since either change is as likely as the other; where they meet, they are all there is.
    return min(1.0, 2 * float(bdtr(min(better, worse), better + worse, 0.5)))


def score_statistic(better: float, worse: float, items: float, difference: float) -> float:
    """Return by how many standard errors the observed difference lies above one in question."""
    variance = score_variance(better / items, worse / items, difference) / items
    above = (better - worse) / items - difference
    return above / math.sqrt(variance) if variance > 0 else math.copysign(math.inf, above)


def score_variance(better: float, worse: float, difference: float) -> float:
    """Return the variance of one item's difference, were its mean the one in question.

    Parameters
    ----------
    better, worse
        Shares of items that the candidate alone, and the base alone, gets right.
    difference
        The mean in question (−1 to 1).
    """
    # Share of items that the base alone gets right, at its likeliest under that difference: the root of
    # 2q² + b·q − worse·d·(1 − d) = 0.
    b = -better - worse + (2 - better + worse) * difference
    root = math.sqrt(max(0.0, b * b + 8 * worse * difference * (1 - difference)))
    return max(0.0, (root - b) / 2 + difference * (1 - difference))
