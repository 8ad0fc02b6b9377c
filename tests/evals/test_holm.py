"""Tests of Holm's step-down test."""

import numpy as np
import pytest

from evals.holm import levels


def passed(p_values, alpha=0.05):
    return {name for name, level in levels(p_values, alpha).items() if p_values[name] <= level}


def test_the_example_of_every_textbook():
    # .05/4 = .0125, .05/3 = .0167, .05/2 = .025: a and c pass, b fails, and d, behind it, is not looked at.
    found = levels({"a": 0.01, "b": 0.04, "c": 0.015, "d": 0.045}, 0.05)
    assert found == pytest.approx({"a": 0.0125, "c": 0.05 / 3, "b": 0.025, "d": 0.025})
    assert passed({"a": 0.01, "b": 0.04, "c": 0.015, "d": 0.045}) == {"a", "c"}


def test_one_question_is_tested_at_alpha():
    assert levels({"a": 0.2}, 0.05) == {"a": 0.05}


def test_behind_the_first_that_fails_nothing_passes():
    # .03 would be at most .05/1, the last level.
    assert passed({"a": 0.03, "b": 0.028}) == set()


@pytest.mark.parametrize("correlation", [0.0, 0.9])
def test_where_nothing_gains_any_gain_is_found_at_most_at_the_nominal_rate(correlation):
    from scipy.special import ndtr

    rng = np.random.default_rng(0)
    shared, own = rng.normal(size=(4000, 1)), rng.normal(size=(4000, 5))
    p = 1 - ndtr(np.sqrt(correlation) * shared + np.sqrt(1 - correlation) * own)
    found = np.mean([bool(passed(dict(zip("abcde", row, strict=True)))) for row in p])
    assert found <= 0.058
    assert np.mean((p <= 0.05).any(axis=1)) > 0.07  # what it would be without
