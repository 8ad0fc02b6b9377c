"""A domain of several suites: a gain on all items together, on each suite, or on any."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from scipy.stats import t, ttest_1samp

from evals.judging import judge, rejudge
from evals.paired import paired
from evals.verdict import Gate


@pytest.fixture(scope="module")
def two(suite, spread):
    """A maker of scores on two domain suites and one of retention, from the domain's intervals."""

    def make(first: tuple[float, float], second: tuple[float, float]) -> pl.DataFrame:
        parts = [suite(name, spread(*of), role="domain") for name, of in (("answers", first), ("essays", second))]
        return pl.concat([*parts, suite("wiki", spread(0, 0.01))])

    return make


# Half a width is the distance of the bound at level .05. At .025, Holm's first level of two, it is 2.023 / 1.685 as far.
@pytest.mark.parametrize(
    ("how", "first", "second", "decision"),
    [
        ("together", (0.3, 0.05), (-0.1, 0.05), "SHIP"),
        ("each", (0.3, 0.05), (0.1, 0.05), "SHIP"),
        ("each", (0.3, 0.05), (0.04, 0.05), "INCONCLUSIVE"),
        ("each", (0.3, 0.05), (-0.1, 0.05), "REJECT"),
        ("any", (0.3, 0.05), (-0.1, 0.05), "SHIP"),
        ("any", (0.055, 0.05), (0.0, 0.05), "INCONCLUSIVE"),  # a pass at .05, but not at .025
        ("any", (0.065, 0.05), (0.0, 0.05), "SHIP"),
        ("any", (-0.1, 0.05), (0.0, 0.05), "INCONCLUSIVE"),
        ("any", (-0.1, 0.05), (-0.1, 0.05), "REJECT"),
    ],
)
def test_the_gate_says_where_the_domain_must_gain(two, how, first, second, decision):
    verdict = judge(two(first, second), Gate(gain=how))
    assert verdict.decision == decision
    assert verdict.gain.suite == "answers + essays"
    assert rejudge(verdict, Gate(gain=how)) == verdict


def test_suites_one_by_one_keep_what_another_gate_needs(two):
    scores = two((0.3, 0.05), (-0.1, 0.05))
    assert rejudge(judge(scores, Gate(gain="any")), Gate()) == judge(scores)
    assert rejudge(judge(scores), Gate(gain="each")) == judge(scores, Gate(gain="each"))


def test_reasons_name_the_suites_that_made_them(two):
    gains = judge(two((0.3, 0.05), (-0.1, 0.05)), Gate(gain="any"))
    assert gains.reason.startswith("the domain gains +0.3000 on answers (at least +0.24")
    assert gains.gain.note == "judged on any of 2 suites, at Holm's levels: answers at 0.025, essays at 0.05"
    fails = judge(two((0.3, 0.05), (-0.1, 0.05)), Gate(gain="each"))
    assert fails.reason == "essays gains too little: -0.1000 (at most -0.0500), and 0 is the line"
    open_ = judge(two((0.3, 0.05), (0.04, 0.05)), Gate(gain="each"))
    assert open_.reason.startswith("essays lies between -0.0100 and +0.0900")
    assert "answers" not in open_.reason


def test_suites_of_another_unit_are_not_asked_to_gain(two, suite):
    wrong = suite("choice", -np.ones(30), role="domain", base=np.ones(30))
    verdict = judge(pl.concat([two((0.3, 0.05), (0.3, 0.05)), wrong]), Gate(gain="each"))
    assert verdict.decision == "SHIP"
    assert [(line.suite, line.status) for line in verdict.informative] == [
        ("answers", "pass"),
        ("essays", "pass"),
        ("choice", "informative"),
    ]


def test_a_single_suite_is_judged_as_ever(suite, spread):
    scores = suite("answers", spread(0.1, 0.05), role="domain")
    assert judge(scores, Gate(gain="any")).gain == judge(scores).gain


def test_a_sure_gain_or_loss_that_may_be_rounding_decides_nothing(suite, spread):
    crumbs = judge(suite("answers", spread(2e-5, 1e-5), role="domain"))
    assert (crumbs.decision, crumbs.gain.status) == ("INCONCLUSIVE", "undecided")
    assert crumbs.gain.lower > 0
    assert crumbs.reason.endswith("a gain of less than 0.001 bits per byte may be rounding")
    assert rejudge(crumbs, Gate()) == crumbs
    assert judge(suite("answers", spread(0.003, 0.001), role="domain")).decision == "SHIP"
    lost = judge(suite("answers", spread(-2e-5, 1e-5), role="domain"))
    assert (lost.decision, lost.gain.status, lost.gain.items_needed) == ("INCONCLUSIVE", "undecided", None)
    assert lost.gain.upper < 0
    assert lost.reason.endswith("a lack of less than 0.001 bits per byte may be rounding")
    assert rejudge(lost, Gate()) == lost
    assert judge(suite("answers", spread(-0.003, 0.001), role="domain")).decision == "REJECT"
    # Where more is asked than rounding brings, who gains less is rejected by however little.
    assert judge(suite("answers", spread(0.0099, 1e-5), role="domain"), Gate(min_gain=0.01)).decision == "REJECT"
    assert Gate().least_gain("share right") == 0
    assert Gate(min_gain=0.01).least_gain("bits per byte") == 0.01


def test_p_values_are_those_of_students_test_and_of_the_bounds():
    rng = np.random.default_rng(0)
    d = rng.normal(0.2, 1, 30)
    found = paired(0 * d, d, np.arange(30))
    assert found.p_above(0.0) == pytest.approx(ttest_1samp(d, 0, alternative="greater").pvalue)
    assert found.p_above(found.lower(0.05)) == pytest.approx(0.05)
    right = paired(np.repeat([1.0, 0], [3, 37]), np.repeat([0.0, 1, 0], [3, 9, 28]), np.arange(40))
    assert right.p_above(right.lower(0.05)) == pytest.approx(0.05, abs=1e-6)
    assert paired(0 * d, d, np.zeros(30)).p_above(-9) == 1
    assert found.df == 29
    assert t.sf(1.0, 29) == pytest.approx(found.p_above(found.mean - found.se))


def test_where_nothing_gains_any_of_three_ships_at_most_at_the_nominal_rate(suite):
    rng = np.random.default_rng(1)
    shipped = []
    for _ in range(300):
        frames = [suite(name, rng.normal(0, 1, 20), role="domain") for name in "abc"]
        shipped.append(judge(pl.concat(frames), Gate(gain="any")).decision == "SHIP")
    assert np.mean(shipped) <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 300)
