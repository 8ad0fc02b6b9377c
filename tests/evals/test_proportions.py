"""Tango's bounds against the likelihood they come from, and McNemar's test against counting."""

from __future__ import annotations

import math

import pytest
from scipy.optimize import minimize_scalar

from evals.proportions import exact_p, lower_bound, upper_bound

Q_95 = 1.6448536269514722


def standardised(better: int, worse: int, items: int, difference: float) -> float:
    """The score statistic, its nuisance share found by maximising the likelihood instead of solving for it."""

    def minus_log_likelihood(share: float) -> float:
        parts = ((better, share + difference), (worse, share), (items - better - worse, 1 - 2 * share - difference))
        return -sum(count * math.log(p) for count, p in parts if count)

    low, high = max(0.0, -difference), (1 - difference) / 2
    share = minimize_scalar(
        minus_log_likelihood, (low, high), (low + 1e-12, high - 1e-12), method="bounded", options={"xatol": 1e-12}
    ).x
    return (better - worse - items * difference) / math.sqrt(items * (2 * share + difference * (1 - difference)))


@pytest.mark.parametrize(("better", "worse", "items"), [(12, 5, 60), (1, 4, 40), (30, 41, 164), (9, 9, 32), (0, 3, 25)])
def test_the_bounds_are_where_the_likelihood_puts_them(better, worse, items):
    assert standardised(better, worse, items, lower_bound(better, worse, items, Q_95)) == pytest.approx(Q_95, abs=1e-4)
    assert standardised(better, worse, items, upper_bound(better, worse, items, Q_95)) == pytest.approx(-Q_95, abs=1e-4)


def test_bounds_hold_the_difference_between_them():
    low, high = lower_bound(7, 3, 50, Q_95), upper_bound(7, 3, 50, Q_95)
    assert -1 < low < 4 / 50 < high < 1


def test_where_nothing_changed_the_bounds_are_those_of_wilson():
    assert lower_bound(0, 0, 60, Q_95) == pytest.approx(-(Q_95**2) / (60 + Q_95**2))
    assert upper_bound(0, 0, 60, Q_95) == pytest.approx(Q_95**2 / (60 + Q_95**2))


def test_where_everything_changed_one_way_the_loss_may_be_total():
    assert lower_bound(0, 12, 12, Q_95) == -1
    assert -1 < upper_bound(0, 12, 12, Q_95) < -0.5


def test_better_and_worse_exchanged_turn_the_bounds_round():
    assert lower_bound(8, 2, 40, Q_95) == pytest.approx(-upper_bound(2, 8, 40, Q_95))


def test_more_items_tell_more():
    assert lower_bound(3, 3, 400, Q_95) > lower_bound(3, 3, 40, Q_95)


def test_mcnemar_counts_outcomes_at_least_as_odd():
    # Nine of ten changes for the better: 2 · (1 + 10) of 2^10 outcomes.
    assert exact_p(9, 1) == pytest.approx(22 / 1024)
    assert exact_p(1, 9) == exact_p(9, 1)
    assert exact_p(5, 5) == 1
    assert exact_p(0, 0) == 1
