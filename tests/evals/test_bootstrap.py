"""Tests of bounds for metrics of a whole corpus."""

import math

import numpy as np
import pytest

from evals.bootstrap import compare_corpora
from evals.paired import paired


def ratio(sums):
    return sums[:, 0] / sums[:, 1]


def drawn(rng, clusters):
    """Draw texts of unequal length, whose bits per byte differ by nothing on average, as `base, candidate, cluster`."""
    cluster = np.repeat(np.arange(clusters), rng.integers(1, 5, clusters))
    size = np.exp(rng.normal(6, 0.7, cluster.size))
    rate = 1 + 0.2 * rng.normal(size=clusters)[cluster]
    moved = rate + 0.1 * rng.normal(size=clusters)[cluster] + 0.1 * rng.normal(size=cluster.size)
    return np.stack([rate * size, size], 1), np.stack([moved * size, size], 1), cluster


def test_the_metric_is_that_of_all_items_together():
    base, candidate = np.array([[10.0, 10], [1, 90]]), np.array([[20.0, 10], [1, 90]])
    found = compare_corpora(base, candidate, [0, 1], ratio)
    assert (found.base, found.candidate) == (0.11, 0.21)
    assert found.difference == pytest.approx(0.10)


def test_the_bounds_of_a_mean_are_those_of_students_t():
    rng = np.random.default_rng(0)
    d = rng.normal(0.3, 1, 60)
    ones = np.ones(60)
    zero, moved = np.stack([0 * d, ones], 1), np.stack([d, ones], 1)
    found, expected = compare_corpora(zero, moved, np.arange(60), ratio, draws=40_000), paired(0 * d, d, np.arange(60))
    assert found.lower == pytest.approx(expected.lower(0.05), abs=0.1 * expected.se)
    assert found.upper == pytest.approx(expected.upper(0.05), abs=0.1 * expected.se)


@pytest.mark.parametrize("clusters", [6, 10, 30])
def test_a_corpus_without_difference_clears_zero_at_the_nominal_rate(clusters):
    rng = np.random.default_rng(clusters)
    found = [compare_corpora(*drawn(rng, clusters), ratio, draws=400) for _ in range(1000)]
    # Two standard errors of the count are .014, and few clusters of unequal size cost as much again.
    assert 0.03 <= np.mean([one.lower > 0 for one in found]) <= 0.075
    assert 0.03 <= np.mean([one.upper < 0 for one in found]) <= 0.075


def test_so_few_clusters_that_all_may_lie_on_one_side_by_chance_say_nothing():
    given = drawn(np.random.default_rng(4), 5)
    few, looser = compare_corpora(*given, ratio), compare_corpora(*given, ratio, alpha=0.1)
    assert (few.lower, few.upper) == (-math.inf, math.inf)  # 1 in 32
    assert -math.inf < looser.lower < looser.difference < looser.upper < math.inf


def test_items_of_a_cluster_are_drawn_together():
    base, candidate, cluster = drawn(np.random.default_rng(1), 30)
    once = compare_corpora(base, candidate, cluster, ratio)
    twice = compare_corpora(np.repeat(base, 2, 0), np.repeat(candidate, 2, 0), np.repeat(cluster, 2), ratio)
    assert (twice.lower, twice.upper) == pytest.approx((once.lower, once.upper))


def test_the_same_input_gives_the_same_bounds_whatever_fits_in_memory(monkeypatch):
    given = drawn(np.random.default_rng(2), 20)
    whole = compare_corpora(*given, ratio)
    monkeypatch.setattr("evals.bootstrap._AT_ONCE", 2000)
    assert compare_corpora(*given, ratio) == whole


@pytest.mark.parametrize("cluster", [[0, 0, 0], [0, 1, 2]])
def test_one_cluster_or_no_difference_says_nothing(cluster):
    same = np.array([[1.0, 2], [2, 4], [3, 6]])
    found = compare_corpora(same, same, cluster, ratio)
    assert (found.lower, found.upper) == (-math.inf, math.inf)


@pytest.mark.parametrize(
    ("base", "candidate", "cluster", "problem"),
    [
        (np.ones((2, 2)), np.ones((3, 2)), [0, 1], "pair up"),
        (np.ones((2, 2)), np.ones((2, 2)), [0], "pair up"),
        (np.ones((0, 2)), np.ones((0, 2)), [], "no item"),
        (np.ones((1, 2)), np.full((1, 2), math.nan), [0], "not finite"),
    ],
)
def test_what_can_not_be_compared_is_refused(base, candidate, cluster, problem):
    with pytest.raises(ValueError, match=problem):
        compare_corpora(base, candidate, cluster, ratio)


def test_a_metric_without_a_value_on_some_draw_is_refused():
    base = np.array([[1.0, 1], *[[0, 0]] * 5])  # a third of all draws and more do not hold the first
    with pytest.raises(ValueError, match="has no value on some draw of the clusters"):
        compare_corpora(base, base * 2, np.arange(6), ratio)
    with pytest.raises(ValueError, match="has no value"):
        compare_corpora(base * 0, base * 0, np.zeros(6), ratio)
