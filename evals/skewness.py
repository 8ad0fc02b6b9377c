"""Bounds of a mean where differences are skewed: few documents lose much, and most lose nothing.

Mean and standard error of such differences go together: who by chance saw none of the rare losses has a mean too good
and an error too small, and Student's t passes him too often. By Johnson's correction the statistic moves by the
skewness a of the mean, which is to say that the bound of the quantile q lies not q standard errors away, but

    q + |a| · (2q² + 1) / 6

(Cornish and Fisher's expansion of the studentised mean). Where one loss of 1 was seen, that bounds their sum by 3.7,
where ten were, by 16.3; exact bounds (Poisson's) are 4.7 and 17.0, those of Student's t 2.6 and 15.2. Three things are
our own:

- a bound is only ever moved away from the mean: where skewness speaks for a nearer one, that of Student's t stays;
- few documents show a skewness by chance, of variance 6 / G² or so, where there is none. That much is taken off, as
  James and Stein do: a · max(0, 1 − 6 / (G² · a²));
- G is the number of clusters that count (`evals.paired`).

Simulated at nominal .05, on the line, 20,000 times, by Student's t and by this bound; and power where the true mean
lies 2.5 standard errors above the line:

====================================  ===  ==========================  ==========================
differences                             G  passed wrongly              passed rightly
====================================  ===  ==========================  ==========================
normal                                 10  .050 → .048                 .742 → .734
normal                                 40  .050 → .050                 .796 → .794
Student's t, 5 degrees of freedom      10  .046 → .044                 .771 → .755
Student's t, 5 degrees of freedom      40  .050 → .049                 .798 → .783
an adapter's on three suites, bits     10  .117–.146 → .115–.141       .677–.729 → .594–.718
the same                               40  .088–.091 → .069–.082       .752–.754 → .667–.682
the same                              100  .069–.073 → .053–.060       .769–.774 → .714–.730
minus exponential                      40  .090 → .064                 .758 → .684
minus lognormal                        40  .141 → .107                 .781 → .694
one in twenty loses much               60  .150 → .051                 .736 → .624
one in twenty loses much               40  .130 → .128                 .705 → .581
one in fifty loses much                40  .357 → .356                 .768 → .460
====================================  ===  ==========================  ==========================

What the last two rows leave are exams of which no document shows the loss (.95⁴⁰ = .129, and .98⁴⁰ = .446, less what
noise hides): no bound that is found from differences alone can know of it. Hall's cubic transform is as good and has
less power (.60 for .66 with 30 documents of an adapter), as has the bootstrap-t. Empirical likelihood with Bartlett's
correction is a little better with 40 documents of an adapter (.051–.073) and no better elsewhere. It needs all
differences, where this one needs one number more and can be found again from a verdict.

References
----------
Johnson (1978), Modified t tests and confidence intervals for asymmetrical populations, JASA 73(363).
Hall (1992), On the removal of skewness by transformation, JRSS B 54(1).
Owen (1988), Empirical likelihood ratio confidence intervals for a single functional, Biometrika 75(2).
"""

from __future__ import annotations

import math

_CHANCE = 6.0  # variance of the skewness of normal draws, times their number


def against(skew: float, clusters: float, side: float) -> float:
    """Return how skewed a mean surely is towards one side.

    Parameters
    ----------
    skew
        Skewness of the mean.
    clusters
        Clusters that count.
    side
        −1 for the side below, which lower bounds guard; 1 for the side above.

    Returns
    -------
    float
        Without what chance shows of skewness where there is none; 0 where it is skewed towards the other side.
    """
    towards = max(0.0, side * skew)
    return towards * max(0.0, 1 - _CHANCE / (clusters * towards) ** 2) if towards else 0.0


def distance(quantile: float, skew: float) -> float:
    """Return how many standard errors a bound is away, by the quantile of Student's t and the skewness towards it."""
    return quantile + skew * (2 * quantile**2 + 1) / 6


def quantile_at(distance: float, skew: float) -> float:
    """Return the quantile of Student's t of which the bound is so many standard errors away."""
    beyond = distance - skew / 6
    # The root of skew/3 · q² + q = beyond, in the form that holds without skewness as well.
    return 2 * beyond / (1 + math.sqrt(max(0.0, 1 + 4 / 3 * skew * beyond)))
