"""Rows of the pool stand in for seeds that are not written like it, and for nothing where it does not hold the domain."""

import numpy as np
import pytest

from quality.domain import scoring as under_test
from quality.domain.scoring import score_domain
from quality.domain.settings import Domain
from quality.domain.stand_ins import cut_in_two, likeness_of_means, nearest_to_seeds, told_apart


@pytest.fixture
def handwritten(mixture):
    """A maker of pools as `mixture`'s, and of seeds about their domain with a manner (axis 2) that no row has."""

    def make(domain: int, other: int, seeds: int = 24, manner: float = 0.3) -> tuple[np.ndarray, np.ndarray]:
        pool, examples = mixture(domain, other, seeds)
        examples[:, 2] += manner
        return pool, (examples / np.linalg.norm(examples, axis=1, keepdims=True)).astype(np.float32)

    return make


@pytest.mark.parametrize(("domain", "other"), [(150, 850), (400, 600), (700, 300), (900, 0)])
def test_seeds_written_in_a_manner_of_their_own_find_the_domain_all_the_same(handwritten, domain, other):
    found = score_domain(*handwritten(domain, other))
    truth = np.arange(domain + other) < domain
    assert found.kept[truth].mean() >= 0.9
    assert (found.kept & truth).sum() >= 0.95 * found.kept.sum()
    assert found.seeds_used == 24


def test_where_the_pool_is_mostly_domain_it_is_the_stand_ins_that_find_it(handwritten, monkeypatch):
    pool, seeds = handwritten(700, 300)
    found = score_domain(pool, seeds)
    assert found.stand_ins
    assert found.prevalence == pytest.approx(0.7, abs=0.1)
    monkeypatch.setattr(under_test, "DOUBTFUL_PRECISION", 0.0)
    alone = score_domain(pool, seeds)
    assert not alone.stand_ins
    assert alone.kept[:700].mean() < 0.6 or alone.prevalence < 0.2


def test_nothing_stands_in_for_seeds_whose_domain_the_pool_does_not_hold(on_sphere):
    random = np.random.default_rng(0)
    pool = np.concatenate([on_sphere(random, 500, 1), on_sphere(random, 500, 3)])
    found = score_domain(pool, on_sphere(random, 24, 0))
    assert not found.stand_ins
    assert found.kept.mean() <= 0.05


def test_a_threshold_of_ones_own_judges_the_stand_ins_scores(handwritten):
    pool, seeds = handwritten(700, 300)
    found = score_domain(pool, seeds)
    given = score_domain(pool, seeds, Domain(threshold=found.threshold + 0.5))
    np.testing.assert_array_equal(given.scores, found.scores)
    np.testing.assert_array_equal(given.kept, found.scores >= found.threshold + 0.5)
    assert given.stand_ins


def test_rows_that_all_say_the_same_stand_in_for_nothing(handwritten):
    pool, seeds = handwritten(700, 300)
    pool[:700] = pool[0]
    assert not score_domain(pool, seeds).stand_ins


def test_rows_near_to_the_seeds_are_the_upper_heap_or_those_nearer_than_half_the_seeds(on_sphere):
    random = np.random.default_rng(0)
    seeds = on_sphere(random, 60, 0)
    heaps = np.concatenate([on_sphere(random, 80, 0), on_sphere(random, 120, 1)])
    np.testing.assert_array_equal(nearest_to_seeds(heaps, seeds), np.arange(80))
    one = on_sphere(random, 1_000, 0)
    near = nearest_to_seeds(one, seeds)
    assert 0.3 <= len(near) / 1_000 <= 0.7
    others = np.setdiff1d(np.arange(1_000), near)
    centre = seeds.mean(axis=0)
    assert (one[near] @ centre).min() > (one[others] @ centre).max()
    apart = np.concatenate([on_sphere(random, 50, 1), on_sphere(random, 50, 2, spread=0.01)])
    assert len(nearest_to_seeds(apart, seeds)) == 0


def test_seeds_are_told_apart_from_near_rows_only_if_they_are_written_otherwise():
    random = np.random.default_rng(0)
    near, same = random.normal(size=(300, 20)).astype(np.float32), random.normal(size=(40, 20)).astype(np.float32)
    assert told_apart(same, near) == pytest.approx(0.5, abs=0.12)
    other = same.copy()
    other[:, 3] += 3
    assert told_apart(other, near) >= 0.95
    assert told_apart(other[:7], near) == 0.5
    assert told_apart(other, near[:7]) == 0.5


def test_the_likeness_of_means_does_not_fall_with_the_number_of_seeds(on_sphere):
    random = np.random.default_rng(0)
    rows = on_sphere(random, 4_000, 0, dim=384)
    other = np.concatenate([rows[:2_000], on_sphere(random, 2_000, 1, dim=384)])  # a mean at 45° to the seeds'
    for count in (8, 32, 512):
        found = [likeness_of_means(on_sphere(random, count, 0, dim=384), rows) for _ in range(40)]
        assert np.mean(found) == pytest.approx(1.0, abs=0.03)
        half = [likeness_of_means(on_sphere(random, count, 0, dim=384), other) for _ in range(40)]
        assert np.mean(half) == pytest.approx(np.sqrt(0.5), abs=0.04)
    assert likeness_of_means(on_sphere(random, 8, 0), rows[:0, :32]) == 0
    assert likeness_of_means(np.eye(8, 32, dtype=np.float32), on_sphere(random, 50, 0)) == 0


def test_values_are_cut_where_the_parts_vary_least():
    values = np.array([5.0, 1.0, 1.2, 5.1, 0.9])
    above, explained = cut_in_two(values)
    total = values.var()
    within = (2 * np.array([5.0, 5.1]).var() + 3 * np.array([1.0, 1.2, 0.9]).var()) / 5
    assert above == 2
    assert explained == pytest.approx(1 - within / total)
    assert cut_in_two(np.random.default_rng(0).normal(size=20_000))[1] == pytest.approx(2 / np.pi, abs=0.02)
    assert cut_in_two(np.ones(4)) == (4, 0.0)
    assert cut_in_two(np.ones(1)) == (1, 0.0)
    assert cut_in_two(np.ones(0)) == (0, 0.0)
