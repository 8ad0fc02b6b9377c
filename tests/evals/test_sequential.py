"""Tests of the levels of sequential looks."""

import numpy as np
import pytest
from scipy.special import ndtri

from evals.paired import paired
from evals.sequential import levels


def bounds(fractions, alpha):
    return [-ndtri(level) for level in levels(fractions, alpha)]


def test_five_looks_have_the_published_bounds():
    # Lan and DeMets's bounds of O'Brien and Fleming's type at one-sided .025, as group-sequential software prints them.
    expected = [4.877, 3.357, 2.680, 2.290, 2.031]
    assert bounds([0.2, 0.4, 0.6, 0.8, 1], 0.025) == pytest.approx(expected, abs=1e-3)


def test_a_single_look_has_the_whole_level():
    assert levels([1], 0.05) == pytest.approx([0.05])


def test_looks_together_are_wrong_at_the_nominal_rate():
    rng = np.random.default_rng(0)
    process = np.cumsum(rng.normal(size=(200_000, 3)) * np.sqrt([0.1, 0.5, 0.4]), axis=1) / np.sqrt([0.1, 0.6, 1])
    assert np.mean((process > bounds([0.1, 0.6, 1], 0.05)).any(axis=1)) == pytest.approx(0.05, abs=0.002)


def test_looks_at_clustered_scores_are_wrong_at_the_nominal_rate():
    rng = np.random.default_rng(1)
    label = np.arange(80).repeat(3)
    at = {20: 0.25, 40: 0.5, 80: 1.0}
    level = dict(zip(at, levels(list(at.values()), 0.05), strict=True))
    passed = []
    for _ in range(2000):
        d = rng.normal(size=80)[label] + rng.normal(size=label.size)
        seen = {count: paired(np.zeros(count * 3), d[: count * 3], label[: count * 3]) for count in at}
        passed.append(any(one.lower(level[count]) > 0 for count, one in seen.items()))
    assert 0.04 <= np.mean(passed) <= 0.06


@pytest.mark.parametrize("fractions", [[], [0, 1], [0.5, 0.5, 1], [0.8, 0.4, 1], [0.5, 1.5]])
def test_looks_that_do_not_rise_to_the_whole_are_refused(fractions):
    with pytest.raises(ValueError, match="rising share"):
        levels(fractions, 0.05)
