"""The greedy against brute force: what it promises, and the two ways in which gain per token could be led astray."""

import itertools
import math

import numpy as np
import polars as pl
import pytest

from quality.choosing.facility_location import cells, facility_location
from quality.choosing.purse import Purse

E = 1 - 1 / math.e


def unit(rows: np.ndarray) -> np.ndarray:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def worth(chosen, vectors, mass, quality) -> float:
    """F by its formula."""
    if len(chosen) == 0:
        return 0.0
    offers = np.maximum(vectors @ vectors[list(chosen)].T, 0) * quality[list(chosen)]
    return float(mass @ offers.max(axis=1))


def purse(costs, budget: int, sources=None, quotas=None) -> Purse:
    labels = pl.Series(sources or ["pool"] * len(costs), dtype=pl.String)
    return Purse(pl.Series(costs, dtype=pl.Int64), labels, budget, quotas or {})


def best(vectors, mass, quality, costs, budget: int) -> float:
    subsets = (s for size in range(len(costs) + 1) for s in itertools.combinations(range(len(costs)), size))
    return max(worth(s, vectors, mass, quality) for s in subsets if sum(costs[i] for i in s) <= budget)


def pool(seed: int, rows: int = 9):
    rng = np.random.default_rng(seed)
    centres = unit(rng.normal(size=(3, 8)))
    vectors = unit(centres[rng.integers(3, size=rows)] + 0.6 * rng.normal(size=(rows, 8)))
    return rng, vectors, rng.uniform(1, 9, rows), rng.uniform(0.5, 1, rows)


@pytest.mark.parametrize("seed", range(12))
def test_rows_of_one_cost_reach_their_share_of_the_best_set(seed) -> None:
    _, vectors, mass, quality = pool(seed)
    gains = facility_location(vectors, mass, quality, purse([5] * 9, 15))
    chosen = np.flatnonzero(~np.isnan(gains))
    found = worth(chosen, vectors, mass, quality)
    assert len(chosen) == 3
    assert found >= E * best(vectors, mass, quality, [5] * 9, 15)
    # Likeness is held with 11 bits.
    assert np.nansum(gains) == pytest.approx(found, rel=2e-3)


@pytest.mark.parametrize("seed", range(12))
def test_rows_of_any_cost_reach_their_share_of_the_best_set(seed) -> None:
    rng, vectors, mass, quality = pool(seed)
    costs = rng.integers(1, 12, 9).tolist()
    spent = purse(costs, 16)
    chosen = np.flatnonzero(~np.isnan(facility_location(vectors, mass, quality, spent)))
    assert sum(costs[i] for i in chosen) == spent.spent <= 16
    assert worth(chosen, vectors, mass, quality) >= 0.5 * E * best(vectors, mass, quality, costs, 16)


@pytest.mark.parametrize("seed", range(6))
def test_each_row_is_the_one_that_adds_the_most_for_its_cost(seed) -> None:
    rng, vectors, mass, quality = pool(seed, rows=40)
    costs = rng.integers(1, 12, 40)
    gains = facility_location(vectors, mass, quality, purse(costs, 90))
    chosen: list[int] = []
    for row in sorted(np.flatnonzero(~np.isnan(gains)), key=lambda i: -gains[i] / costs[i]):
        now = worth(chosen, vectors, mass, quality)
        room = 90 - costs[chosen].sum()
        rates = [(worth([*chosen, j], vectors, mass, quality) - now) / costs[j] if costs[j] <= room and j not in chosen
                 else -1.0 for j in range(40)]  # fmt: skip
        assert rates[row] >= max(rates) - 2e-3 * mass.max() / costs.min()
        chosen.append(int(row))


def test_a_cheap_row_does_not_crowd_out_one_that_is_worth_far_more() -> None:
    # The small row buys 2 per token, the large one 1.9; but with it, there is no room for the large one.
    vectors = np.eye(2, dtype=np.float32)
    gains = facility_location(vectors, np.array([2.0, 190.0]), np.ones(2), purse([1, 100], 100))
    assert np.isnan(gains[0])
    assert gains[1] == 190


def test_the_better_of_two_like_rows_stands_for_both() -> None:
    vectors = unit(np.array([[1.0, 0.0], [1.0, 0.01], [0.0, 1.0], [0.01, 1.0]]))
    gains = facility_location(vectors, np.ones(4), np.array([0.5, 1.0, 1.0, 0.5]), purse([1] * 4, 2))
    assert np.flatnonzero(~np.isnan(gains)).tolist() == [1, 2]


def test_a_full_quota_leaves_the_rows_it_shuts_out_uncovered() -> None:
    # Rows 1 and 2 are alike; were row 1, refused for its source, counted as taken, row 2 would add nothing.
    vectors = unit(np.array([[0.0, 1.0], [1.0, 0.0], [1.0, 0.0], [1.0, 1.0]]))
    spend = purse([1] * 4, 2, ["a", "a", "b", "a"], {"a": 0.5})
    gains = facility_location(vectors, np.array([9.0, 1.0, 1.0, 0.1]), np.ones(4), spend)
    assert np.flatnonzero(~np.isnan(gains)).tolist() == [0, 2]
    assert gains[2] == pytest.approx(2, rel=2e-3)


def test_cells_part_every_row_once_and_keep_topics_together() -> None:
    rng = np.random.default_rng(3)
    topic = rng.integers(4, size=4000)
    vectors = unit(4 * unit(rng.normal(size=(4, 32)))[topic] + 0.3 * rng.normal(size=(4000, 32)))
    parts = cells(vectors, most=600)
    assert np.array_equal(np.sort(np.concatenate(parts)), np.arange(4000))
    assert max(map(len, parts)) <= 600
    purity = sum(np.bincount(topic[part]).max() for part in parts) / 4000
    assert purity > 0.8


def test_rows_all_alike_are_halved_as_well() -> None:
    assert sorted(map(len, cells(np.ones((50, 4), np.float32), most=20))) == [12, 12, 13, 13]


def test_nothing_is_chosen_of_nothing() -> None:
    assert len(facility_location(np.empty((0, 4), np.float32), np.empty(0), np.empty(0), purse([], 5))) == 0
