"""Bounds of skewed differences: against formulas by hand, Poisson's exact bound, scipy and simulation."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy.stats import chi2, skew, t

from evals.paired import paired
from evals.skewness import against, distance, quantile_at

Draw = Callable[[np.random.Generator, int], np.ndarray]


def test_the_distance_follows_the_formula_by_hand() -> None:
    # 2 + .3 · (2 · 4 + 1) / 6
    assert distance(2.0, 0.3) == pytest.approx(2.45)
    assert distance(1.645, 0.0) == 1.645


@pytest.mark.parametrize("skewness", [0.0, 1e-9, 0.2, 1.0])
@pytest.mark.parametrize("quantile", [0.01, 1.645, 3.9])
def test_the_quantile_is_found_again_from_the_distance(quantile, skewness) -> None:
    assert quantile_at(distance(quantile, skewness), skewness) == pytest.approx(quantile)


def test_p_values_fall_as_the_mean_rises_far_below_the_line_as_well() -> None:
    found = [quantile_at(at, 0.8) for at in np.linspace(-20, 20, 400)]
    assert found == sorted(found)


def test_only_skewness_towards_a_bound_counts_and_less_what_chance_shows() -> None:
    assert against(0.3, 40, -1) == against(-0.3, 40, 1) == 0
    # 1 − 6 / (40 · .3)² = 1 − 6/144
    assert against(-0.3, 40, -1) == against(0.3, 40, 1) == pytest.approx(0.3 * 138 / 144)
    assert against(-0.05, 40, -1) == 0  # of forty, as much is seen by chance


@pytest.mark.parametrize("losses", [1, 2, 4, 10, 30])
def test_the_bound_of_equal_losses_comes_near_the_exact_one_of_a_count(losses) -> None:
    n = 4000
    found = paired(np.zeros(n), np.where(np.arange(n) < losses, -1.0, 0.0), np.arange(n), share=False)
    exact = chi2.ppf(0.95, 2 * losses + 2) / 2
    students = losses + t.ppf(0.95, n - 1) * n * found.se
    assert students < -n * found.lower(0.05) < exact
    assert exact + n * found.lower(0.05) < (exact - students) / 2


def test_the_skewness_of_a_mean_is_that_of_its_items_over_the_root_of_their_number() -> None:
    d = np.random.default_rng(0).exponential(size=25)
    assert paired(0 * d, d, np.arange(25)).skew == pytest.approx(skew(d, bias=False) / 5)
    thrice = paired(np.zeros(75), d.repeat(3), np.arange(25).repeat(3))
    assert thrice.skew == pytest.approx(skew(d, bias=False) / 5)
    assert paired(0 * d, d, np.arange(25) % 2).skew == 0


def test_the_p_value_of_a_skewed_mean_is_that_of_its_bound() -> None:
    d = -np.random.default_rng(0).exponential(size=25)
    found = paired(0 * d, d, np.arange(25))
    assert found.lower(0.05) < found.mean - t.ppf(0.95, 24) * found.se
    assert found.upper(0.05) == pytest.approx(found.mean + t.ppf(0.95, 24) * found.se)
    for alpha in (0.001, 0.05, 0.4):
        assert found.p_above(found.lower(alpha)) == pytest.approx(alpha)


def one_in(number: int) -> Draw:
    """One item in so many loses 1, and all change a little besides; the mean is 0."""
    return lambda rng, n: 0.05 * rng.standard_normal(n) - (rng.random(n) < 1 / number) + 1 / number


SYMMETRIC: dict[str, Draw] = {
    "normal": lambda rng, n: rng.standard_normal(n),
    "heavy tails": lambda rng, n: rng.standard_t(5, n),
    "flat": lambda rng, n: rng.random(n) - 0.5,
}
SKEWED: dict[str, Draw] = {
    "exponential": lambda rng, n: 1 - rng.exponential(size=n),
    "one in ten": one_in(10),
    "one in twenty": one_in(20),
}
TIMES = 3000
STEPS = 2 * math.sqrt(0.05 * 0.95 / TIMES)  # two standard errors of the count


@pytest.mark.parametrize("clusters", [10, 40])
@pytest.mark.parametrize("shape", SYMMETRIC)
def test_symmetric_differences_pass_at_the_nominal_rate_and_lose_no_two_points_of_power(shape, clusters) -> None:
    rng = np.random.default_rng(clusters)
    draws = np.stack([SYMMETRIC[shape](rng, clusters) for _ in range(TIMES)])
    gain = 2.5 * draws.std() / math.sqrt(clusters)
    quantile, zero, place = t.ppf(0.95, clusters - 1), np.zeros(clusters), np.arange(clusters)
    found = [paired(zero, d, place) for d in draws]
    lower = np.array([one.lower(0.05) for one in found])
    students = np.array([one.mean - quantile * one.se for one in found])
    assert 0.04 - STEPS <= np.mean(lower > 0) <= 0.05 + STEPS
    assert np.mean(students + gain > 0) - np.mean(lower + gain > 0) <= 0.02


@pytest.mark.parametrize("clusters", [60, 100])
@pytest.mark.parametrize("shape", SKEWED)
def test_of_what_rare_losses_pass_too_often_by_students_bound_less_than_half_is_left(shape, clusters) -> None:
    rng = np.random.default_rng(clusters)
    quantile, zero, place = t.ppf(0.95, clusters - 1), np.zeros(clusters), np.arange(clusters)
    passed = students = 0
    for _ in range(TIMES):
        found = paired(zero, SKEWED[shape](rng, clusters), place)
        passed += found.lower(0.05) > 0
        students += found.mean - quantile * found.se > 0
    assert students / TIMES > 0.05 + STEPS
    assert passed / TIMES - 0.05 <= (students / TIMES - 0.05) / 2 + STEPS / 2
