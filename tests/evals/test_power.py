"""Item counts against textbook numbers, the noncentral t distribution and simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import nct, t

from evals.paired import paired
from evals.power import Spread, chance, deciding_items, detectable, required_items

ONE = Spread(sd=1.0)


@pytest.mark.parametrize(("margin", "items"), [(0.5, 27), (-0.5, 27), (0.25, 101), (500, 2)])
def test_required_items_is_the_textbook_number(margin, items):
    assert required_items(ONE, margin, alpha=0.05, power=0.8) == items


def test_the_count_is_the_first_that_has_the_power_of_students_test():
    def power(n):
        return 1 - nct.cdf(t.ppf(0.95, n - 1), n - 1, 0.25 * math.sqrt(n))

    n = required_items(ONE, 0.25, alpha=0.05, power=0.8)
    assert power(n - 1) < 0.8 <= power(n)


def test_items_that_come_in_fewer_clusters_are_needed_in_larger_number():
    # With twelve clusters of five, t.95 + t.80 = 1.796 + .876 with 11 degrees of freedom: 2.672 / √60 > 1/3. Thirteen do.
    assert required_items(ONE, 1 / 3, alpha=0.05, power=0.8) == 58
    assert required_items(ONE, 1 / 3, alpha=0.05, power=0.8, per_cluster=5) == 65


def test_no_number_of_items_finds_nothing():
    with pytest.raises(ValueError, match="difference of zero"):
        required_items(ONE, 0.0, alpha=0.05, power=0.8)


def test_what_the_needed_items_detect_is_no_more_than_what_they_were_needed_for():
    for spread in (ONE, Spread.of_shares(0.1, 0.06), Spread.of_shares(0.0, 0.0)):
        n = required_items(spread, 0.08, 0.05, 0.8)
        assert detectable(spread, n, n, 0.05, 0.8) <= 0.08 < detectable(spread, n - 1, n - 1, 0.05, 0.8)


def test_with_many_items_the_detectable_difference_is_that_of_the_normal_distribution():
    # (1.6449 + 0.8416) · 1 / √100,000
    assert detectable(ONE, 100_000, 100_000, 0.05, 0.8) == pytest.approx(2.4865 / math.sqrt(100_000), rel=1e-4)


@pytest.mark.parametrize("margin", [0.05, 0.15, 0.4])
@pytest.mark.parametrize("n", [20, 60, 400])
def test_the_chance_is_that_of_students_test(margin, n):
    exact = 1 - nct.cdf(t.ppf(0.95, n - 1), n - 1, margin * math.sqrt(n))
    assert chance(ONE, n, n, margin, 0.05) == pytest.approx(exact, abs=0.012)


@pytest.mark.parametrize("spread", [ONE, Spread.of_shares(0.1, 0.1, design=2), Spread.of_shares(0.05, 0.05)])
@pytest.mark.parametrize("power", [0.6, 0.8, 0.95])
def test_the_detectable_difference_is_found_with_the_power_it_was_detectable_by(spread, power):
    seen = detectable(spread, 120, 40, 0.05, power)
    assert chance(spread, 120, 40, seen, 0.05) == pytest.approx(power, abs=1e-6)


def test_what_never_changes_is_told_from_the_margin_surely_or_not_at_all():
    # The bound of no change lies at −q²/(n + q²): 135 items clear two points of a hundred, 134 do not.
    same = Spread.of_shares(0.0, 0.0)
    assert [chance(same, n, n, 0.02, 0.05) for n in (134, 135)] == [0.0, 1.0]


@pytest.mark.parametrize("seen", [0.0, 0.6, 1.5])
@pytest.mark.parametrize("n", [12, 60])
def test_so_many_items_decide_with_the_chance_asked_for_over_all_that_the_truth_may_be(n, seen):
    """Truths are drawn as a flat prior and the items leave them: σ by χ², the mean around what was seen."""
    rng = np.random.default_rng(n)
    needed = deciding_items(ONE, n, n, seen / math.sqrt(n), alpha=0.05, power=0.8)
    decided = 0
    for _ in range(1500):
        sd = math.sqrt((n - 1) / rng.chisquare(n - 1))
        mean = rng.normal(seen / math.sqrt(n), sd / math.sqrt(n))
        found = paired(np.zeros(needed), rng.normal(mean, sd, needed), np.arange(needed))
        decided += found.lower(0.05) > 0 or found.upper(0.05) < 0
    assert decided / 1500 == pytest.approx(0.8, abs=0.03)


def test_near_the_line_more_items_are_needed_than_if_what_was_seen_were_the_truth():
    seen = 1.6 / math.sqrt(40)
    assert deciding_items(ONE, 40, 40, seen, 0.05, 0.8) > 2 * required_items(ONE, seen, 0.05, 0.8)
    # On the line: 2 T(−1.645 / √(N/n + 1)) = .8 gives N/n = (1.645 / .2533)² − 1 = 41.2, a little more with 39 df.
    assert deciding_items(ONE, 40, 40, 0.0, 0.05, 0.8) == pytest.approx(41 * 40, rel=0.02)


def test_right_or_wrong_answers_that_never_changed_still_need_items():
    same = Spread.of_shares(0.0, 0.0)
    assert 1 < deciding_items(same, 40, 40, 0.02, 0.05, 0.8) < 10_000


@pytest.mark.parametrize("clusters", [10, 60, 500])
def test_a_true_gain_of_the_detectable_size_is_found_with_the_power_asked_for(clusters):
    rng = np.random.default_rng(clusters)
    gain = detectable(ONE, clusters, clusters, 0.05, 0.8)
    draws = (gain + rng.standard_normal(clusters) for _ in range(1500))
    found = np.mean([paired(np.zeros(clusters), d, np.arange(clusters)).lower(0.05) > 0 for d in draws])
    assert found == pytest.approx(0.8, abs=0.03)


@pytest.mark.parametrize(("changed", "margin"), [(0.1, 0.05), (0.2, 0.05), (0.04, 0.03), (0.02, 0.05)])
def test_right_or_wrong_scores_that_lose_nothing_pass_with_the_power_asked_for(changed, margin):
    n = required_items(Spread.of_shares(changed / 2, changed / 2), margin, 0.05, 0.8)
    rng = np.random.default_rng(1)
    passed = []
    for _ in range(800):
        draw = rng.random(n)
        base, candidate = (draw > 1 - changed / 2).astype(float), (draw < changed / 2).astype(float)
        passed.append(paired(base, candidate, np.arange(n)).lower(0.05) > -margin)
    # The normal approximation of a count has steps: three points, and two standard errors of the simulation.
    assert 0.77 <= np.mean(passed) <= 0.86


@pytest.mark.parametrize("changed", [0.1, 0.3])
def test_so_do_those_of_which_five_come_from_each_document(changed):
    n = required_items(Spread.of_shares(changed / 2, changed / 2), 0.05, 0.05, 0.8, per_cluster=5)
    assert n > required_items(Spread.of_shares(changed / 2, changed / 2), 0.05, 0.05, 0.8)
    rng, label = np.random.default_rng(1), np.arange(n) // 5
    passed = []
    for _ in range(800):
        draw = rng.random(n)
        base, candidate = (draw > 1 - changed / 2).astype(float), (draw < changed / 2).astype(float)
        passed.append(paired(base, candidate, label).lower(0.05) > -0.05)
    assert 0.77 <= np.mean(passed) <= 0.86


def test_where_nothing_changes_it_takes_as_many_items_as_clear_the_margin_with_none():
    # The bound of no change is −q²/(n + q²): 135 items for two points of a hundred.
    n = required_items(Spread.of_shares(0.0, 0.0), 0.02, 0.05, 0.8)
    same = np.ones(n)
    assert paired(same, same, np.arange(n)).lower(0.05) > -0.02
    assert paired(same[1:], same[1:], np.arange(n - 1)).lower(0.05) < -0.02 + 2e-4


def test_items_that_change_as_one_are_needed_as_often():
    alone, crowd = Spread.of_shares(0.05, 0.05), Spread.of_shares(0.05, 0.05, design=4)
    assert required_items(crowd, 0.05, 0.05, 0.8, 4) == pytest.approx(
        4 * required_items(alone, 0.05, 0.05, 0.8), rel=0.01
    )
