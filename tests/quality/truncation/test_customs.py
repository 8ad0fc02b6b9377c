"""Classes have full stops but for slips, do as is expected of them, or have a custom of their own."""

import numpy as np

from quality.truncation.customs import Odds, learn_customs

SLIPS = 0.001


def of_first(answers: int, cut: float, n_classes: int) -> Odds:
    """Open-ended answers of the first class, each with the same odds of being cut."""
    return Odds.of(np.full(answers, cut), SLIPS, np.zeros(answers, dtype=np.int64), n_classes)


def test_few_open_ends_are_no_custom_where_all_classes_have_full_stops() -> None:
    # Fifty classes of 200 answers; one has two without a full stop, each as likely cut as a slip, or one class 150.
    closed = np.full(50, 200.0)
    expected = np.full(50, SLIPS)
    few = learn_customs(of_first(2, SLIPS, 50), closed, expected)
    assert few.customs[0] < 2 * SLIPS
    assert few.slips.min() + few.sorts[1] > 0.5
    many = learn_customs(of_first(150, SLIPS, 50), closed, expected)
    assert 0.35 < many.customs[0] < 0.5
    assert many.customs[1:].max() < 2 * SLIPS


def test_a_class_without_answers_of_its_own_does_as_is_expected_or_as_the_pool() -> None:
    told = learn_customs(of_first(0, SLIPS, 2), np.zeros(2), np.array([0.01, 0.9]))
    assert told.customs[0] < told.customs[1]


def test_the_custom_of_others_leaves_an_answer_out() -> None:
    odds = of_first(1, 0.1, 20)
    alone = learn_customs(odds, np.full(20, 40.0), np.full(20, SLIPS))
    assert alone.others(odds)[0] < alone.customs[0]


def test_classes_of_several_small_ones_are_learnt_as_if_these_had_not_been_told_apart() -> None:
    rng = np.random.default_rng(1)
    cut, small, of = rng.random(300), rng.integers(0, 12, 300), np.arange(12) // 4
    closed, expected = np.array([200.0, 20.0, 0.0]), np.array([SLIPS, 0.3, 0.9])
    apart = learn_customs(Odds.of(cut, SLIPS, small, 12), closed, expected, of)
    at_once = learn_customs(Odds.of(cut, SLIPS, of[small], 3), closed, expected)
    assert np.allclose(apart.customs, at_once.customs, rtol=1e-12)
    assert np.allclose(apart.weights, at_once.weights, atol=1e-12)
