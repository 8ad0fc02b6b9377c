import pytest

from evals.retained import Retained
from tasks.training.scales import Limit, Tried, best, between, limit_of, settled
from tasks.training.settings import Tune

RISING = [Tried(1.0, 1.00, 0.12), Tried(0.75, 1.02, 0.06), Tried(0.5, 1.10, 0.03), Tried(0.25, 1.40, 0.01)]


@pytest.mark.parametrize(("budget", "scale"), [(None, 1.0), (0.2, 1.0), (0.06, 0.75), (0.05, 0.5), (0.01, 0.25)])
def test_the_scale_is_that_of_the_most_gain_within_the_budget(budget, scale):
    assert best(RISING, Limit(budget)).scale == scale


def test_no_scale_is_chosen_where_all_forget_too_much():
    assert best(RISING, Limit(0.005)) is None
    assert between(RISING, Limit(0.005)) == 0.125


def test_an_overshot_adapter_gains_more_when_turned_down():
    assert best([Tried(1.0, 1.3, 0.0), Tried(0.5, 1.2, 0.0)], Limit(0.05)).scale == 0.5


def test_of_two_as_good_the_larger_is_taken():
    assert best([Tried(0.5, 1.0, 0.0), Tried(0.75, 1.0, 0.0)], Limit(0.05)).scale == 0.75


@pytest.mark.parametrize(("budget", "finer"), [(0.05, 0.625), (0.06, 0.875), (0.2, None)])
def test_one_scale_is_tried_between_the_best_and_the_next(budget, finer):
    assert between(RISING, Limit(budget)) == finer


@pytest.mark.parametrize(
    ("budget", "looked"),
    [(None, 2), (0.2, 2), (0.06, 2), (0.05, 3), (0.01, 4), (0.001, None)],
)
def test_smaller_scales_are_no_better_once_one_within_the_budget_gains_less(budget, looked):
    ends = [count for count in range(1, 5) if settled(RISING[:count], Limit(budget))]
    assert (ends[0] if ends else None) == looked
    if ends:
        assert best(RISING[:looked], Limit(budget)) == best(RISING, Limit(budget))


def test_while_smaller_scales_gain_more_there_may_be_better_ones():
    falling = [Tried(1.0, 1.3, 0.0), Tried(0.75, 1.2, 0.0), Tried(0.5, 1.15, 0.0), Tried(0.25, 1.15, 0.0)]
    assert [settled(falling[:count], Limit(0.05)) for count in (1, 2, 3, 4)] == [False, False, False, True]


LINE = -0.02


def with_items(*lower: float | None) -> list[Tried]:
    """The same scales, with what a suite's spare items surely keep at each."""
    return [
        one._replace(retention=(Retained("letters", LINE if bound is None else bound, bound, LINE),))
        for one, bound in zip(RISING, lower, strict=True)
    ]


OWN = Limit(0.01, own=True)  # of which the base's own answers speak for a quarter alone


def test_spare_items_are_believed_before_the_bases_own_answers():
    tried = with_items(-0.05, -0.01, 0.0, 0.0)
    assert best(tried, OWN).scale == 0.75
    assert between(tried, OWN) == 0.875
    assert [settled(tried[:count], OWN) for count in (1, 2)] == [False, True]


def test_text_that_people_wrote_keeps_its_budget_beside_spare_items():
    tried = with_items(-0.05, -0.01, 0.0, 0.0)
    assert best(tried, Limit(0.03)).scale == 0.5
    assert best(with_items(-0.05, -0.05, -0.05, 0.0), Limit(0.03)).scale == 0.25
    assert best(tried, Limit(0.001)) is None


@pytest.mark.parametrize("bound", [LINE, -0.05, None])  # a bound on the line decides nothing, nor do too few documents
def test_where_spare_items_speak_for_no_scale_general_text_decides(bound):
    tried = with_items(*[bound] * 4)
    assert best(tried, OWN).scale == 0.25
    assert best(tried, Limit(0.05, own=True)).scale == 0.5
    assert not any(settled(tried[:count], OWN) for count in range(1, 5))


def test_every_suite_must_be_kept():
    lost = Retained("ships", -0.1, -0.2, LINE)
    tried = [one._replace(retention=(*one.retention, lost)) for one in with_items(0.0, 0.0, 0.0, 0.0)[:2]]
    assert best([*tried, *with_items(0.0, 0.0, 0.0, 0.0)[2:]], OWN).scale == 0.5


def test_general_text_is_the_bases_own_where_none_is_named():
    assert limit_of(Tune(forgetting={"budget": 0.3})) == Limit(0.3, own=True)
    assert limit_of(Tune(general={"rest": True})) == Limit(0.2, own=False)
    assert limit_of(Tune(general={"sources": [{"path": "rows.jsonl"}]})) == Limit(0.2, own=False)
