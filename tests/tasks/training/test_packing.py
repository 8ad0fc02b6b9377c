import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.training.packing import pack, plan, sample
from tasks.training.settings import Tune


def members(batch):
    return [at for group in batch.packs for at in group]


@pytest.mark.parametrize(
    ("sizes", "bins"),
    [([3, 3], [[0, 1]]), ([2, 2, 4, 4], [[2, 0], [3, 1]]), ([7, 6], [[0], [1]]), ([1, 5, 2, 4], [[1, 0], [3, 2]])],
)
def test_bins_are_filled_to_the_last_token_the_largest_first(sizes: list[int], bins: list[list[int]]) -> None:
    assert pack(sizes, 6) == bins


def test_the_budget_is_used_up_and_never_exceeded(rows):
    made = rows(30)
    for budget in (200, 999, 3_000):
        batches = plan(made, Tune(token_budget=budget, batch_tokens=100))
        used = sum(len(made[at]) for batch in batches for at in members(batch))
        assert budget - 40 < used <= budget
        assert [batch.tokens for batch in batches] == [sum(len(made[at]) for at in members(b)) for b in batches]
        assert all(b.supervised == sum(made[at].supervised for at in members(b)) for b in batches)


@pytest.mark.parametrize(("budget", "used"), [(99, 90), (100, 100), (101, 100), (109, 100)])
def test_a_budget_is_kept_to_the_token(rows, budget, used):
    made = rows(20, shortest=10, longest=10)
    assert sum(batch.tokens for batch in plan(made, Tune(token_budget=budget, batch_tokens=30))) == used
    assert len(sample(made, budget, seed=0)) == used // 10


def test_every_example_is_seen_before_any_is_seen_again(rows):
    made = rows(10)
    epoch = sum(len(row) for row in made)
    batches = plan(made, Tune(token_budget=3 * epoch, batch_tokens=60))
    counts = np.bincount([at for batch in batches for at in members(batch)], minlength=10)
    assert counts.tolist() == [3] * 10


def test_a_step_is_as_large_as_asked_for(rows):
    batches = plan(rows(50), Tune(token_budget=5_000, batch_tokens=100))
    assert all(60 < batch.tokens <= 100 for batch in batches[:-1])
    assert all(len(members(batch)) == 1 for batch in plan(rows(5), Tune(token_budget=99, batch_tokens=1)))


def test_the_plan_depends_on_the_seed_alone(rows):
    made = rows(30)
    settings = Tune(token_budget=2_000, batch_tokens=100)
    other = settings.model_copy(update={"seed": 1})
    assert plan(made, settings) == plan(made, settings)
    assert plan(made, settings) != plan(made, other)


def test_each_epoch_has_an_order_of_its_own(rows):
    made = rows(10, shortest=10, longest=10)
    first, second = plan(made, Tune(token_budget=200, batch_tokens=100))
    assert sorted(members(first)) == sorted(members(second)) == list(range(10))
    assert members(first) != members(second)


def test_the_size_of_a_pack_does_not_change_who_is_in_a_step(rows):
    made = rows(30)
    wide = plan(made, Tune(token_budget=2_000, batch_tokens=200, pack_tokens=200))
    single = plan(made, Tune(token_budget=2_000, batch_tokens=200), pack_tokens=1)
    assert [sorted(members(batch)) for batch in wide] == [sorted(members(batch)) for batch in single]
    assert all(len(group) == 1 for batch in single for group in batch.packs)
    assert any(len(group) > 1 for batch in wide for group in batch.packs)


def test_a_budget_smaller_than_a_record_is_refused(rows):
    with pytest.raises(ValueError, match="^tune.token_budget: 5 tokens are fewer than the first record takes"):
        plan(rows(3, shortest=10), Tune(token_budget=5))


@given(sizes=st.lists(st.integers(1, 50), max_size=40), room=st.integers(1, 60))
def test_packs_hold_everything_once_and_no_two_would_fit_together(sizes, room):
    bins = pack(sizes, room)
    assert sorted(item for group in bins for item in group) == list(range(len(sizes)))
    loads = [sum(sizes[item] for item in group) for group in bins]
    assert all(load <= room or len(group) == 1 for load, group in zip(loads, bins, strict=True))
    assert all(a + b > room for at, a in enumerate(loads) for b in loads[at + 1 :])


def test_a_sample_stays_within_its_tokens_and_draws_nothing_twice(rows):
    made = rows(30)
    drawn = sample(made, 200, seed=0)
    assert len(set(drawn)) == len(drawn)
    assert 160 < sum(len(made[at]) for at in drawn) <= 200
    assert drawn != sample(made, 200, seed=1)
    assert len(sample(made, 1, seed=0)) == 1
    assert sample([], 10, seed=0) == []
