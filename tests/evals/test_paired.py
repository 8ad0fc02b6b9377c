"""Paired, clustered statistics against hand calculation, exact enumeration and simulation."""

from __future__ import annotations

import math
from dataclasses import astuple

import numpy as np
import pytest
from scipy.stats import binom, t

from evals.paired import paired

# Student's t, one-sided .05, from a printed table.
T_95 = {1: 6.3138, 2: 2.9200, 3: 2.3534, 4: 2.1318, 9: 1.8331}


def test_the_bounds_follow_the_formula_by_hand():
    # d = 1, 3, 0, 2, 4 in clusters a a b b c; mean 2; cluster sums of d − 2: −1+1 = 0, −2+0 = −2, 2.
    base = np.array([0.0, 1.0, 2.0, 3.0, 4.0])
    found = paired(base, base + np.array([1.0, 3.0, 0.0, 2.0, 4.0]), np.array(list("aabbc")))
    # As many clusters count as 5² / (2² + 2² + 1²); leaving one out leaves 3, 3 and 4 items.
    assert (found.n, found.clusters) == (5, 3)
    assert found.df == pytest.approx(25 / 9 - 1)
    assert found.mean == pytest.approx(2.0)
    assert found.sd == pytest.approx(math.sqrt((1 + 1 + 4 + 0 + 4) / 4))
    assert found.se == pytest.approx(math.sqrt(2 / 3 * (0 + (2 / 3) ** 2 + (2 / 4) ** 2)))
    assert found.lower(0.05) == pytest.approx(2.0 - t.ppf(0.95, 16 / 9) * found.se)
    assert found.upper(0.05) == pytest.approx(2.0 + t.ppf(0.95, 16 / 9) * found.se)


def test_the_standard_error_is_that_of_leaving_out_each_cluster():
    rng = np.random.default_rng(5)
    label = np.repeat(np.arange(6), [1, 9, 2, 4, 30, 3])
    d = rng.normal(size=label.size) + rng.normal(size=6)[label]
    without = np.array([d[label != one].mean() for one in range(6)])
    assert paired(np.zeros(d.size), d, label).se == pytest.approx(math.sqrt(5 / 6 * ((without - d.mean()) ** 2).sum()))


def test_clusters_of_one_size_have_the_standard_error_of_cr1():
    d = np.array([1.0, 3.0, 0.0, 2.0, 4.0, 5.0])  # mean 2.5; cluster sums of d − 2.5: −1, −3, 4
    found = paired(np.zeros(6), d, np.array(list("aabbcc")))
    assert found.se == pytest.approx(math.sqrt(3 / 2 * (1 + 9 + 16)) / 6)
    assert found.df == 2
    assert found.lower(0.05) == pytest.approx(2.5 - T_95[2] * found.se, abs=1e-3)


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
    letters = np.array(list("zxya")).repeat(3)
    one, other = (astuple(paired(base, candidate, labels)) for labels in (numbers, letters))
    assert one == pytest.approx(other)


@pytest.mark.parametrize("clusters", [10, 30, 100, 500])
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
    assert 0.04 <= below <= 0.06
    assert 0.04 <= above <= 0.06


def test_one_cluster_says_nothing():
    found = paired(np.zeros(9), np.arange(9.0), np.zeros(9))
    assert found.degenerate
    assert (found.lower(0.05), found.upper(0.05)) == (-math.inf, math.inf)


def test_one_cluster_of_right_or_wrong_scores_says_nothing_either():
    found = paired(np.ones(9), np.zeros(9), np.zeros(9))
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
    found = paired(np.full(6, -1.0), gain - 0.99, np.array([0, 0, 0, 1, 1, 1]))
    assert found.sd > 0
    assert found.degenerate
    assert (found.lower(0.05), found.upper(0.05)) == (-math.inf, math.inf)


def test_right_or_wrong_scores_get_tango_bounds():
    # No item of 60 changed: (q²)/(n + q²) with the t quantile of 59 degrees of freedom.
    same = np.array([0.0, 1.0] * 30)
    found = paired(same, same, np.arange(60))
    q = t.ppf(0.95, 59)
    assert found.lower(0.05) == pytest.approx(-(q**2) / (60 + q**2))
    assert found.upper(0.05) == -found.lower(0.05)


def test_five_rights_that_turned_wrong_are_a_loss_of_one_at_most():
    found = paired(np.ones(5), np.zeros(5), np.arange(5))
    assert found.lower(0.05) == -1
    assert -1 < found.upper(0.05) < 0


def test_a_cluster_changes_once_and_only_if_its_sum_does():
    base = np.array([1.0, 1.0, 0.0, 1.0, 0.0, 0.0])  # clusters a a b b c c
    found = paired(base, np.array([0.0, 0.0, 1.0, 0.0, 1.0, 1.0]), np.array(list("aabbcc")))
    assert (found.worse, found.better) == (1, 1)


@pytest.mark.parametrize("graded", [0, 1])
def test_scores_are_right_or_wrong_only_if_those_of_both_models_are(graded):
    scores = [np.array([0.0, 1.0, 1.0]), np.array([0.0, 0.5, 1.0])]
    assert not paired(scores[graded], scores[1 - graded], np.arange(3)).binary
    assert paired(scores[0], scores[0], np.arange(3)).binary


def test_items_of_a_cluster_that_change_as_one_count_as_one():
    # Twenty clusters of four; five of them turn right, two wrong, as a whole.
    moves = np.array([1.0] * 5 + [-1.0] * 2 + [0.0] * 13)
    alone = paired(np.where(moves < 0, 1.0, 0.0), np.where(moves > 0, 1.0, 0.0), np.arange(20))
    crowd = paired(
        np.repeat(np.where(moves < 0, 1.0, 0.0), 4),
        np.repeat(np.where(moves > 0, 1.0, 0.0), 4),
        np.repeat(np.arange(20), 4),
    )
    assert (alone.design, crowd.design) == (1, 4)
    assert crowd.lower(0.05) == pytest.approx(alone.lower(0.05), abs=1e-9)


def test_where_nothing_changed_the_items_of_a_cluster_count_as_one():
    base = np.ones(20)
    found = paired(base, base, np.array([0] * 11 + list(range(1, 10))))
    assert found.design == pytest.approx((121 + 9) / 20)


def test_items_that_change_apart_count_each():
    rng = np.random.default_rng(3)
    base = np.ones(400)
    apart = paired(base, (rng.random(400) > 0.3).astype(float), np.repeat(np.arange(100), 4))
    assert 1 <= apart.design < 1.3


@pytest.mark.parametrize("clusters", [10, 40, 160, 500])
@pytest.mark.parametrize("together", [False, True])
def test_right_or_wrong_scores_on_the_line_pass_at_the_nominal_rate(clusters, together):
    # Three items a cluster; of all items, one in five turns right and one in five wrong: the mean is 0.
    rng = np.random.default_rng(clusters)
    label = np.repeat(np.arange(clusters), 3)
    passed = []
    for _ in range(1500):
        draw = rng.random(clusters).repeat(3) if together else rng.random(clusters * 3)
        base, candidate = (draw > 0.8).astype(float), (draw < 0.2).astype(float)
        passed.append(paired(base, candidate, label).lower(0.05) > 0)
    # Two standard errors of the count are .011; of ten clusters that change as one a few are on the safe side.
    assert 0.02 * (clusters > 10) <= np.mean(passed) <= 0.061


def test_a_rare_loss_is_not_called_safe_more_often_than_alpha():
    # One item in fifty turns wrong: the mean is −.02, exactly the line.
    rng = np.random.default_rng(4)
    base = np.ones(60)
    passed = [paired(base, base - (rng.random(60) < 0.02), np.arange(60)).lower(0.05) > -0.02 for _ in range(500)]
    assert np.mean(passed) <= 0.05


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


@pytest.mark.parametrize("sizes", [[40, 40] + [4] * 10, [60] + [1] * 60, [100] + [1] * 20, [10, 2, 2, 2, 2, 2]])
@pytest.mark.parametrize("together", [0.0, 0.5, 0.95])
def test_a_few_large_clusters_do_not_pass_for_many(sizes, together):
    rng = np.random.default_rng(len(sizes))
    label = np.repeat(np.arange(len(sizes)), sizes)
    shared = rng.normal(0, math.sqrt(together), (1000, len(sizes)))[:, label]
    d = shared + rng.normal(0, math.sqrt(1 - together), (1000, label.size))
    passed = [paired(np.zeros(label.size), row, label).lower(0.05) > 0 for row in d]
    # Two standard errors of the count are .014.
    assert np.mean(passed) <= 0.07


@pytest.mark.parametrize("n", [20, 60, 100, 200])
@pytest.mark.parametrize("falling", [0.01, 0.03, 0.1, 0.3])
def test_a_rare_fall_of_scores_from_0_to_1_is_not_called_safe_more_often_than_alpha(n, falling):
    # Each item falls from .95 to 0 with a chance, and the true mean is exactly on the line: every count enumerated.
    base = np.full(n, 0.95)
    wrong = 0.0
    for fallen in range(n + 1):
        found = paired(base, np.where(np.arange(n) < fallen, 0.0, base), np.arange(n))
        if found.lower(0.05) > -0.95 * falling:
            wrong += binom.pmf(fallen, n, falling)
    assert wrong <= 0.06


@pytest.mark.parametrize("held", [3, "half"])
@pytest.mark.parametrize(("n", "falling"), [(60, 0.03), (60, 0.1), (200, 0.03), (200, 0.3)])
def test_nor_where_all_items_of_a_document_fall_together(n, falling, held):
    rng = np.random.default_rng(n)
    place = np.arange(n)
    label = place // held if held != "half" else np.maximum(place - n // 2, 0)
    base = np.full(n, 0.95)
    passed = []
    for _ in range(1000):
        fallen = rng.random(label.max() + 1)[label] < falling
        passed.append(paired(base, np.where(fallen, 0.0, base), label).lower(0.05) > -0.95 * falling)
    # Two standard errors of the count are .014.
    assert np.mean(passed) <= 0.07


def test_one_more_document_that_falls_is_added_to_scores_from_0_to_1_by_hand():
    # d = 0, 0, 0, .4, mean .1; one more of −1: mean −.12; squares .12² · 3 + .52² + .88² = 1.088.
    found = paired(np.full(4, 0.5), np.array([0.5, 0.5, 0.5, 0.9]), np.arange(4))
    # SE² of four is (.1² · 3 + .3²) / 12 = .01, and σ² / n is as much, so that each counts alone.
    assert found.design == pytest.approx(1.0)
    within = 4**2 * 0.01 + (1.1 / 5) ** 2 * 4 * 5
    assert found.lower(0.05) == pytest.approx(-0.12 - T_95[3] * math.sqrt(within) / 5, abs=1e-4)


def test_scores_from_0_to_1_that_did_not_change_pass_once_there_are_enough():
    same = np.full(200, 0.4)
    few, many = (paired(same[:n], same[:n], np.arange(n)) for n in (20, 200))
    assert not many.degenerate
    assert few.lower(0.05) < -0.05 < many.lower(0.05) < 0 < many.upper(0.05) == -many.lower(0.05)


def test_whether_scores_are_shares_can_be_told():
    scores = np.array([0.1, 0.4, 0.3])
    assert paired(np.zeros(3), scores, np.arange(3)).share
    assert not paired(np.zeros(3), scores, np.arange(3), share=False).share


@pytest.mark.parametrize(
    "sizes", [[20] * 10, [10] * 20, [10] * 40, [3] * 100, [40, 40] + [1] * 60, [100, 100] + [1] * 20]
)
@pytest.mark.parametrize("graded", [False, True])
def test_half_of_a_document_may_fall_as_one_though_all_else_falls_apart(sizes, graded):
    # Where no half fell in these items, nothing in them tells that one can.
    rng = np.random.default_rng(len(sizes))
    label, times = np.repeat(np.arange(len(sizes)), sizes), 1000
    half = np.concatenate([np.arange(size) < size // 2 for size in sizes])
    right = np.full(label.size, 0.95 if graded else 1.0)
    for falling in (0.05, 0.1, 0.3):
        passed = 0
        for _ in range(times):
            fallen = np.where(half, rng.random(len(sizes))[label], rng.random(label.size)) < falling
            passed += paired(right, np.where(fallen, 0.0, right), label).lower(0.05) > -falling * right[0]
        # Two standard errors of the count.
        assert passed / times <= 0.05 + 2 * math.sqrt(0.05 * 0.95 / times)


def test_half_a_document_more_that_changed_as_one_is_added_to_the_design_by_hand():
    # Ten clusters of four right answers, of which one in each of eight clusters falls: a share of .2.
    fallen = np.zeros((10, 4))
    fallen[:8, 0] = 1
    found = paired(np.ones(40), 1 - fallen.ravel(), np.arange(10).repeat(4))
    assert found.design == 1
    # (1/20)² over .16 / 40, beside the one.
    assert found.assumed_design == pytest.approx(1 + 0.0025 / 0.004)
    alone = paired(np.ones(40), 1 - fallen.ravel(), np.arange(40))
    assert alone.assumed_design == alone.design == 1


def test_part_of_an_exam_is_judged_with_one_more_document_that_can_not_be_bettered():
    # d = −.1, −.3, −.2 of a base at −1, −2, −3; one more of +2: mean .35, moved by .55; squares .02 + .55² · 3 · 4.
    base = np.array([-1.0, -2.0, -3.0])
    found = paired(base, base - np.array([0.1, 0.3, 0.2]), np.arange(3))
    assert found.headroom == 2
    assert found.upper(0.05) == pytest.approx(-0.2 + T_95[2] * math.sqrt(0.01 / 3), abs=1e-4)
    wide = math.sqrt((3 * found.se) ** 2 + 0.55**2 * 3 * 4) / 4
    assert found.upper(0.05, early=True) == pytest.approx(0.35 + T_95[2] * wide, abs=1e-3)


def test_part_of_an_exam_says_nothing_of_scores_that_may_rise_without_end():
    found = paired(np.array([3.0, 4.0, 5.0]), np.array([1.0, 2.0, 3.5]), np.arange(3))
    assert found.headroom is None
    assert found.upper(0.05, early=True) == math.inf > found.upper(0.05)


@pytest.mark.parametrize("top", [0.5, 1.0])
def test_scores_from_0_to_1_have_an_end_at_every_look(top):
    found = paired(np.full(30, top), np.zeros(30), np.arange(30))
    assert found.upper(0.05, early=True) == found.upper(0.05)
