"""Classes have full stops but for slips, do as is expected of them, or have a custom of their own."""

import numpy as np

from quality.truncation.customs import Odds, learn_customs

SLIPS = 0.001


def test_few_open_ends_are_no_custom_where_all_classes_have_full_stops() -> None:
    # Fifty classes of 200 answers; one has two without a full stop, each as likely cut as a slip, or one class 150.
    closed = np.full(50, 200.0)
    expected = np.full(50, SLIPS)
    few = learn_customs(Odds.of(np.full(2, SLIPS)), np.zeros(2, dtype=np.int64), closed, expected, SLIPS)
    assert few.customs[0] < 2 * SLIPS
    assert few.slips.min() + few.sorts[1] > 0.5
    many = learn_customs(Odds.of(np.full(150, SLIPS)), np.zeros(150, dtype=np.int64), closed, expected, SLIPS)
    assert 0.35 < many.customs[0] < 0.5
    assert many.customs[1:].max() < 2 * SLIPS


def test_a_class_without_answers_of_its_own_does_as_is_expected_or_as_the_pool() -> None:
    told = learn_customs(Odds.of(np.zeros(0)), np.zeros(0, dtype=np.int64), np.zeros(2), np.array([0.01, 0.9]), SLIPS)
    assert told.customs[0] < told.customs[1]


def test_the_custom_of_others_leaves_an_answer_out() -> None:
    alone = learn_customs(
        Odds.of(np.full(1, 0.1)), np.zeros(1, dtype=np.int64), np.full(20, 40.0), np.full(20, SLIPS), SLIPS
    )
    assert alone.others[0] < alone.customs[0]
