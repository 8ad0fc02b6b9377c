import pytest

from tasks.training.scales import Tried, best, between, settled

RISING = [Tried(1.0, 1.00, 0.12), Tried(0.75, 1.02, 0.06), Tried(0.5, 1.10, 0.03), Tried(0.25, 1.40, 0.01)]


@pytest.mark.parametrize(("budget", "scale"), [(None, 1.0), (0.2, 1.0), (0.06, 0.75), (0.05, 0.5), (0.01, 0.25)])
def test_the_scale_is_that_of_the_most_gain_within_the_budget(budget, scale):
    assert best(RISING, budget).scale == scale


def test_no_scale_is_chosen_where_all_forget_too_much():
    assert best(RISING, 0.005) is None
    assert between(RISING, 0.005) == 0.125


def test_an_overshot_adapter_gains_more_when_turned_down():
    assert best([Tried(1.0, 1.3, 0.0), Tried(0.5, 1.2, 0.0)], 0.05).scale == 0.5


def test_of_two_as_good_the_larger_is_taken():
    assert best([Tried(0.5, 1.0, 0.0), Tried(0.75, 1.0, 0.0)], 0.05).scale == 0.75


@pytest.mark.parametrize(("budget", "finer"), [(0.05, 0.625), (0.06, 0.875), (0.2, None)])
def test_one_scale_is_tried_between_the_best_and_the_next(budget, finer):
    assert between(RISING, budget) == finer


@pytest.mark.parametrize(
    ("budget", "looked"),
    [(None, 2), (0.2, 2), (0.06, 2), (0.05, 3), (0.01, 4), (0.001, None)],
)
def test_smaller_scales_are_no_better_once_one_within_the_budget_gains_less(budget, looked):
    ends = [count for count in range(1, 5) if settled(RISING[:count], budget)]
    assert (ends[0] if ends else None) == looked
    if ends:
        assert best(RISING[:looked], budget) == best(RISING, budget)


def test_while_smaller_scales_gain_more_there_may_be_better_ones():
    falling = [Tried(1.0, 1.3, 0.0), Tried(0.75, 1.2, 0.0), Tried(0.5, 1.15, 0.0), Tried(0.25, 1.15, 0.0)]
    assert [settled(falling[:count], 0.05) for count in (1, 2, 3, 4)] == [False, False, False, True]
