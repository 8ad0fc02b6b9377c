"""Differences between trainings with seeds: intervals hold what they promise, and say nothing where nothing is known."""

import math

import numpy as np
import pytest

from evals.paired import paired
from evals.seeded import Seeded, across_seeds


def two_arms(
    rng: np.random.Generator,
    *,
    items: int,
    seeds: int,
    by_items: float,
    by_seeds: float,
    rest: float,
    shift: float = 0.0,
) -> tuple[np.ndarray, np.ndarray]:
    """Scores of two arms, (seeds, items) each, whose recipes differ by `shift`."""
    hardness = rng.normal(-1, 0.4, items)
    made = [
        hardness
        + by_items * rng.standard_t(5, items)
        + by_seeds * rng.normal(size=(seeds, 1))
        + rest * rng.normal(size=(seeds, items))
        for _ in range(2)
    ]
    return made[0], made[1] + shift


def compare(arms: tuple[np.ndarray, np.ndarray], **more: bool) -> Seeded:
    return across_seeds(*arms, np.arange(arms[0].shape[1]), share=False, **more)


@pytest.mark.parametrize(
    "world",
    [
        {"items": 60, "by_items": 0.1, "by_seeds": 0.0, "rest": 0.03},
        {"items": 60, "by_items": 0.02, "by_seeds": 0.02, "rest": 0.03},
        {"items": 60, "by_items": 0.02, "by_seeds": 0.05, "rest": 0.03},
        {"items": 120, "by_items": 0.02, "by_seeds": 0.0, "rest": 0.1},
        {"items": 20, "by_items": 0.1, "by_seeds": 0.02, "rest": 0.03},
    ],
    ids=["items", "seeds as much", "seeds most", "rest most", "few items"],
)
def test_an_interval_of_95_percent_covers_a_null_in_at_least_93_of_100(world) -> None:
    rng = np.random.default_rng(0)
    found = [compare(two_arms(rng, seeds=3, **world)) for _ in range(1_000)]
    covered = np.mean([one.lower(0.025) <= 0 <= one.upper(0.025) for one in found])
    assert 0.93 <= covered <= 0.985


def test_an_interval_over_items_alone_would_promise_too_much() -> None:
    rng = np.random.default_rng(1)
    arms = [two_arms(rng, items=60, seeds=3, by_items=0.02, by_seeds=0.05, rest=0.03) for _ in range(300)]
    alone = [paired(one[0], two[0], np.arange(60), share=False) for one, two in arms]
    assert np.mean([one.lower(0.025) <= 0 <= one.upper(0.025) for one in alone]) < 0.4


def test_a_true_difference_is_found_and_the_p_value_says_what_the_interval_says() -> None:
    rng = np.random.default_rng(2)
    for shift in (0.0, 0.02, 0.05, 0.3):
        found = compare(two_arms(rng, items=80, seeds=3, by_items=0.05, by_seeds=0.01, rest=0.03, shift=shift))
        beyond = not found.lower(0.025) <= 0 <= found.upper(0.025)
        assert (found.p_beside() <= 0.05) == beyond
    assert found.lower(0.025) > 0.2
    assert found.p_beside(found.mean) == pytest.approx(1.0, abs=1e-3)


def test_more_seeds_and_more_items_make_it_narrower() -> None:
    rng = np.random.default_rng(3)

    def width(items: int, seeds: int) -> float:
        found = [
            compare(two_arms(rng, items=items, seeds=seeds, by_items=0.1, by_seeds=0.03, rest=0.02)) for _ in range(40)
        ]
        return float(np.mean([one.upper(0.025) - one.lower(0.025) for one in found]))

    assert width(60, 8) < width(60, 3)
    assert width(240, 8) < width(60, 8)


def test_one_training_tells_nothing_of_chance_in_training() -> None:
    one, two = two_arms(np.random.default_rng(4), items=60, seeds=3, by_items=0.1, by_seeds=0.01, rest=0.02)
    found = compare((one[:1], two))
    assert (found.lower(0.025), found.upper(0.025), found.p_beside()) == (-math.inf, math.inf, 1.0)


def test_a_base_is_not_trained_and_has_no_seeds() -> None:
    base, arm = two_arms(np.random.default_rng(5), items=60, seeds=3, by_items=0.1, by_seeds=0.05, rest=0.02)
    assert math.isfinite(compare((base[:1], arm), fixed=True).lower(0.025))
    assert compare((base[:1], arm), fixed=True).by_seeds < compare((base, arm)).by_seeds


def test_equal_trainings_have_no_spread_by_seeds() -> None:
    rng = np.random.default_rng(6)
    one, two = (np.repeat(rng.normal(size=(1, 50)) / 3, 3, axis=0) for _ in range(2))
    found = compare((one, two))
    assert found.by_seeds == 0
    items = paired(one[0], two[0], np.arange(50), share=False)
    assert found.lower(0.025) == pytest.approx(items.lower(0.025))


def test_items_of_one_document_count_as_one() -> None:
    rng = np.random.default_rng(7)
    one, two = two_arms(rng, items=30, seeds=3, by_items=0.1, by_seeds=0.01, rest=0.02)
    alone = compare((one, two))
    copied = across_seeds(np.tile(one, 4), np.tile(two, 4), np.tile(np.arange(30), 4), share=False)
    assert copied.lower(0.025) == pytest.approx(alone.lower(0.025), rel=1e-6)


def test_rights_and_wrongs_are_shares_over_seeds() -> None:
    rng = np.random.default_rng(8)
    right = rng.random((3, 80))
    found = across_seeds((right < 0.4).astype(float), (right < 0.8).astype(float), np.arange(80), share=True)
    assert 0 < found.lower(0.025) < found.mean < found.upper(0.025) < 1


@pytest.mark.parametrize("share", [1.0, 0.98])
def test_a_share_that_rises_to_the_top_has_an_interval_that_ends_there(share: float) -> None:
    wrong, right = np.zeros((3, 50)), (np.random.default_rng(9).random((3, 50)) < share).astype(float)
    found = across_seeds(wrong, right, np.arange(50), share=True)
    assert 0.8 < found.lower(0.025) < found.mean <= found.upper(0.025) <= 1
    down = across_seeds(right, wrong, np.arange(50), share=True)
    assert -1 <= down.lower(0.025) <= down.mean < down.upper(0.025) < -0.8


@pytest.mark.filterwarnings("error")
def test_rights_and_wrongs_of_which_none_changed_differ_by_nothing_and_nobody_is_warned() -> None:
    same = np.tile(np.arange(10) % 2, (3, 1)).astype(float)
    assert across_seeds(same, same[:2], np.arange(10) // 2, share=True).p_beside() == 1.0
