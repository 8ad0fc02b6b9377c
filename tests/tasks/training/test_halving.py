"""Successive halving: the budget holds, the best go on, and nobody on the front is beaten in both."""

from itertools import pairwise
from typing import NamedTuple

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tasks.training.halving import Rung, front, going_on, ranked, rungs


class Point(NamedTuple):
    gain: float | None
    forgotten: float | None


numbers = st.floats(-2, 2).map(lambda number: round(number, 1))  # rounded, so that ties happen
points = st.lists(st.builds(Point, numbers, numbers) | st.just(Point(None, None)), max_size=12)


@given(st.integers(1, 60), st.integers(1, 10**6), st.integers(1, 10**7), st.integers(2, 5), st.integers(1, 10**4))
def test_no_plan_exceeds_its_budget_and_each_ends_at_full_length(
    count: int, tokens: int, budget: int, keep: int, least: int
) -> None:
    try:
        plan = rungs(count, tokens=tokens, budget=budget, keep_one_in=keep, least=least)
    except ValueError:
        assume(False)
    assert sum(one.trials * one.tokens for one in plan) <= budget
    assert plan[0].trials == count
    assert plan[-1].tokens == tokens
    for before, after in pairwise(plan):
        assert after.tokens > before.tokens >= min(least, tokens)
        assert 1 <= after.trials < before.trials
        assert after.trials * keep >= before.trials


def test_as_few_rungs_as_the_budget_allows() -> None:
    plans = {
        budget: rungs(9, tokens=9_000, budget=budget, keep_one_in=3, least=1_000)
        for budget in (81_000, 80_999, 54_000, 53_999, 27_000)
    }
    assert plans[81_000] == [Rung(9, 9_000)]
    assert plans[80_999] == plans[54_000] == [Rung(9, 3_000), Rung(3, 9_000)]
    assert plans[53_999] == plans[27_000] == [Rung(9, 1_000), Rung(3, 3_000), Rung(1, 9_000)]


def test_a_budget_too_small_is_told_with_the_one_that_would_do() -> None:
    with pytest.raises(ValueError, match=r"sweep.token_budget: 9 trials take at least 27,000 tokens, and 26,999 are"):
        rungs(9, tokens=9_000, budget=26_999, keep_one_in=3, least=1_000)
    with pytest.raises(ValueError, match=r"at least 54,000 tokens"):  # a ninth would be too short to tell anything
        rungs(9, tokens=9_000, budget=30_000, keep_one_in=3, least=1_001)


def test_one_trial_alone_is_trained_once() -> None:
    assert rungs(1, tokens=900, budget=900, keep_one_in=3, least=1) == [Rung(1, 900)]
    with pytest.raises(ValueError, match="1 trial takes at least 900"):
        rungs(1, tokens=900, budget=899, keep_one_in=3, least=1)


@pytest.mark.parametrize(("count", "kept"), [(12, 4), (4, 2), (3, 1), (1, 1), (10, 4)])
def test_the_best_third_goes_on_rounded_up(count: int, kept: int) -> None:
    assert going_on(count, 3) == kept


def test_gain_decides_within_the_budget_and_excess_beyond_it() -> None:
    best, second, over, far, broken = (
        Point(0.3, 0.04), Point(0.2, -0.1), Point(0.1, 0.06), Point(9.0, 0.5), Point(None, None),
    )  # fmt: skip
    mixed = [broken, far, second, over, best]
    assert ranked(mixed, 0.05) == [best, second, over, far, broken]
    assert ranked(mixed, None) == [far, best, second, over, broken]


@given(points, st.none() | st.floats(0.1, 1), st.randoms())
def test_the_order_in_which_trials_come_does_not_matter(found: list[Point], budget: float | None, chance) -> None:
    mixed = list(found)
    chance.shuffle(mixed)
    assert ranked(mixed, budget) == ranked(found, budget)
    assert sorted(map(repr, (one for one, on in zip(mixed, front(mixed), strict=True) if on))) == sorted(
        map(repr, (one for one, on in zip(found, front(found), strict=True) if on))
    )


@given(points)
def test_the_front_holds_whom_no_other_beats_and_somebody_on_it_beats_everybody_else(found: list[Point]) -> None:
    known = [one for one in found if one.gain is not None]
    on = [one for one, is_on in zip(found, front(found), strict=True) if is_on]
    for one in on:
        # Whoever gains more forgets more: the oracle is the definition, told the other way round.
        assert all(other.forgotten > one.forgotten for other in known if other.gain > one.gain)
        assert all(other.gain < one.gain for other in known if other.forgotten < one.forgotten)
    for one in known:
        assert one in on or any(better.gain >= one.gain and better.forgotten <= one.forgotten for better in on)
    assert bool(on) == bool(known)


@given(points, st.floats(0.1, 1))
def test_the_best_within_the_budget_is_on_the_front(found: list[Point], budget: float) -> None:
    assume(any(one.gain is not None and one.forgotten <= budget for one in found))
    best = ranked(found, budget)[0]
    assert best in [one for one, is_on in zip(found, front(found), strict=True) if is_on]
