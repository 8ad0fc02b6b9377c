"""Paired, clustered statistics against hand calculation, exact enumeration and simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest

from evals.paired import detectable, paired, required_items

# Student's t, one-sided .05, from a printed table.
T_95 = {1: 6.3138, 2: 2.9200, 3: 2.3534, 4: 2.1318, 9: 1.8331}


def test_the_bounds_follow_the_formula_by_hand():
    # d = 1, 3, 0, 2, 4 in clusters a a b b c; mean 2; cluster sums of d − 2: −1+1 = 0, −2+0 = −2, 2.
    base = np.array([0.0, 1.0, 2.0, 3.0, 4.0])
    found = paired(base, base + np.array([1.0, 3.0, 0.0, 2.0, 4.0]), np.array(list("aabbc")))
    assert (found.n, found.clusters, found.df) == (5, 3, 2)
    assert found.mean == pytest.approx(2.0)
    assert found.sd == pytest.approx(math.sqrt((1 + 1 + 4 + 0 + 4) / 4))
    assert found.se == pytest.approx(math.sqrt(3 / 2 * (0 + 4 + 4)) / 5)
    assert found.lower(0.05) == pytest.approx(2.0 - T_95[2] * found.se, abs=1e-3)
    assert found.upper(0.05) == pytest.approx(2.0 + T_95[2] * found.se, abs=1e-3)


def test_without_clusters_it_is_the_paired_t_test():
    rng = np.random.default_rng(1)
    base, candidate = rng.normal(size=10), rng.normal(size=10)
    found = paired(base, candidate, np.arange(10))
    d = candidate - base
    assert found.se == pytest.approx(d.std(ddof=1) / math.sqrt(10))
    assert found.lower(0.05) == pytest.approx(d.mean() - T_95[9] * d.std(ddof=1) / math.sqrt(10), abs=1e-4)


def test_the_difference_is_candidate_minus_base():
    assert paired(np.zeros(2), np.array([0.5, 0.7]), np.arange(2)).mean == pytest.approx(0.6)


def test_repeating_every_item_within_its_cluster_adds_no_certainty():
    rng = np.random.default_rng(2)
    base, candidate, cluster = rng.normal(size=20), rng.normal(size=20), np.arange(20)
    once = paired(base, candidate, cluster)
    thrice = paired(np.repeat(base, 3), np.repeat(candidate, 3), np.repeat(cluster, 3))
    assert thrice.se == pytest.approx(once.se)
    assert thrice.lower(0.05) == pytest.approx(once.lower(0.05))


def test_labels_of_clusters_do_not_matter():
    rng = np.random.default_rng(3)
    base, candidate = rng.normal(size=12), rng.normal(size=12)
    numbers = np.repeat([3, 1, 2, 9], 3)
    assert paired(base, candidate, numbers) == paired(base, candidate, np.array(list("zxya")).repeat(3))


@pytest.mark.parametrize("clusters", [10, 50, 200])
def test_a_true_mean_on_the_line_is_passed_at_the_nominal_rate(clusters):
    rng = np.random.default_rng(clusters)
    reps = 4000
    sizes = rng.integers(1, 8, clusters)
    label = np.repeat(np.arange(clusters), sizes)
    effect = rng.normal(0, 1.0, (reps, clusters))[:, label]  # items of a document move together
    d = effect + rng.normal(0, 1.0, (reps, label.size))
    zero = np.zeros(label.size)
    found = [paired(zero, row, label) for row in d]
    below = np.mean([one.lower(0.05) > 0 for one in found])
    above = np.mean([one.upper(0.05) < 0 for one in found])
    assert 0.035 <= below <= 0.065
    assert 0.035 <= above <= 0.065


def test_one_cluster_says_nothing():
    found = paired(np.zeros(9), np.arange(9.0), np.zeros(9))
    assert found.degenerate
    assert (found.lower(0.05), found.upper(0.05)) == (-math.inf, math.inf)


def test_one_cluster_of_right_or_wrong_scores_says_nothing_either():
    found = paired(np.ones(9), np.zeros(9), np.zeros(9))
    assert not found.sparse
    assert (found.lower(0.05), found.upper(0.05)) == (-math.inf, math.inf)


def test_one_item_says_nothing():
    found = paired(np.array([1.5]), np.array([2.5]), np.array(["a"]))
    assert (found.lower(0.05), found.upper(0.05)) == (-math.inf, math.inf)
    assert math.isnan(found.sd)


@pytest.mark.parametrize("unit", [1, 1e6 / 3])
def test_equal_differences_say_nothing_even_with_rounding_crumbs(unit):
    base = np.array([-1.1, -2.3, -0.7, -3.9]) * unit
    found = paired(base, base + 0.1 * unit, np.arange(4))
    assert found.degenerate
    assert found.se == 0
    assert (found.lower(0.05), found.upper(0.05)) == (-math.inf, math.inf)


def test_crumbs_around_zero_are_crumbs_as_well():
    assert 0.1 + 0.2 != 0.3
    assert paired(np.array([0.1 + 0.2, 1.5]), np.array([0.3, 1.5]), np.arange(2)).degenerate


def test_clusters_of_equal_sums_say_nothing_however_their_items_differ():
    gain = np.array([0.1, 0.2, 0.3, 0.15, 0.25, 0.2])
    found = paired(np.zeros(6), gain + 0.01, np.array([0, 0, 0, 1, 1, 1]))
    assert found.sd > 0
    assert found.degenerate
    assert (found.lower(0.05), found.upper(0.05)) == (-math.inf, math.inf)


def test_right_or_wrong_scores_with_few_changes_get_exact_bounds():
    # No item of 60 changed: P(no loss in 60) = (1 − p)^60 = .05 bounds the share of losses at p.
    same = np.array([0.0, 1.0] * 30)
    found = paired(same, same, np.arange(60))
    assert found.sparse
    assert found.lower(0.05) == pytest.approx(-(1 - 0.05 ** (1 / 60)))
    assert found.upper(0.05) == pytest.approx(1 - 0.05 ** (1 / 60))


def test_exact_bounds_solve_the_binomial_tail():
    base, candidate = np.ones(40), np.ones(40)
    candidate[:3] = 0
    p = -paired(base, candidate, np.arange(40)).lower(0.05)
    assert paired(candidate, base, np.arange(40)).upper(0.05) == p
    assert sum(math.comb(40, k) * p**k * (1 - p) ** (40 - k) for k in range(4)) == pytest.approx(0.05)


def test_where_every_cluster_changed_for_the_worse_the_loss_may_be_total():
    found = paired(np.ones(5), np.zeros(5), np.arange(5))
    assert found.sparse
    assert found.lower(0.05) == -1
    # P(no gain in five) = (1 − p)^5 = .05
    assert found.upper(0.05) == pytest.approx(1 - 0.05 ** (1 / 5))


def test_a_cluster_changes_once_and_only_if_its_sum_does():
    base = np.array([1.0, 1.0, 0.0, 1.0, 0.0, 0.0])  # clusters a a b b c c
    found = paired(base, np.array([0.0, 0.0, 1.0, 0.0, 1.0, 1.0]), np.array(list("aabbcc")))
    assert (found.worse, found.better) == (1, 1)


@pytest.mark.parametrize("graded", [0, 1])
def test_scores_are_right_or_wrong_only_if_those_of_both_models_are(graded):
    scores = [np.array([0.0, 1.0, 1.0]), np.array([0.0, 0.5, 1.0])]
    assert not paired(scores[graded], scores[1 - graded], np.arange(3)).binary
    assert paired(scores[0], scores[0], np.arange(3)).binary


def test_exact_bounds_count_every_cluster_as_the_largest():
    base = np.ones(20)
    found = paired(base, base, np.array([0] * 11 + list(range(1, 10))))
    assert found.lower(0.05) == pytest.approx(-min(1.0, (1 - 0.05 ** (1 / 10)) * 11 * 10 / 20))


def test_ten_changed_clusters_are_enough_for_the_t_bound():
    base = np.zeros(60)
    candidate = base.copy()
    candidate[:9] = 1
    assert paired(base, candidate, np.arange(60)).sparse
    candidate[9] = 1
    enough = paired(base, candidate, np.arange(60))
    assert not enough.sparse
    assert enough.lower(0.05) > -0.01
    base[:5], candidate[:5] = 1, 0  # five for the worse and five for the better are ten as well
    assert not paired(base, candidate, np.arange(60)).sparse


def test_a_rare_loss_is_not_called_safe_more_often_than_alpha():
    # One item in fifty turns wrong: the mean is −.02, exactly the line.
    rng = np.random.default_rng(4)
    base = np.ones(60)
    passed = [paired(base, base - (rng.random(60) < 0.02), np.arange(60)).lower(0.05) > -0.02 for _ in range(500)]
    assert np.mean(passed) <= 0.05


def test_required_items_is_the_textbook_number():
    # (1.6449 + 0.8416)² · 1² / 0.5² = 24.73
    assert required_items(sd=1.0, margin=0.5, alpha=0.05, power=0.8) == 25
    assert required_items(sd=1.0, margin=-0.5, alpha=0.05, power=0.8) == 25
    assert required_items(sd=2.0, margin=0.5, alpha=0.05, power=0.8) == 99
    assert required_items(sd=0.001, margin=0.5, alpha=0.05, power=0.8) == 2


def test_no_number_of_items_finds_nothing():
    with pytest.raises(ValueError, match="difference of zero"):
        required_items(sd=1.0, margin=0.0, alpha=0.05, power=0.8)


def test_the_detectable_difference_is_found_with_the_power_asked_for():
    rng = np.random.default_rng(5)
    effect = detectable(se=0.1, alpha=0.05, power=0.8)
    assert effect == pytest.approx(0.24865, abs=1e-4)
    assert np.mean(rng.normal(effect, 0.1, 20000) > 1.6449 * 0.1) == pytest.approx(0.8, abs=0.01)


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_score_that_is_no_number_is_refused(bad):
    with pytest.raises(ValueError, match="not a finite number"):
        paired(np.zeros(3), np.array([0.0, bad, 0.0]), np.arange(3))


def test_nothing_to_compare_is_refused():
    with pytest.raises(ValueError, match="no item"):
        paired(np.zeros(0), np.zeros(0), np.zeros(0))


def test_lengths_must_agree():
    with pytest.raises(ValueError, match="3, 2 and 3"):
        paired(np.zeros(3), np.zeros(2), np.arange(3))
    with pytest.raises(ValueError, match="3, 3 and 2"):
        paired(np.zeros(3), np.zeros(3), np.arange(2))
