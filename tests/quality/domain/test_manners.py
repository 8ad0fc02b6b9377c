"""What sets handwritten seeds apart from the pool's rows is left out of what tells the domain."""

import numpy as np
import pytest

from quality.domain.manners import manner_of, without
from quality.domain.scoring import score_domain
from quality.domain.settings import Domain


def words_apart(random: np.random.Generator, pool: np.ndarray, seeds: np.ndarray) -> dict[str, np.ndarray]:
    """Words of either, of which one stands in every seed and in no row of the pool."""
    words, seed_words = (random.normal(0, 0.2, (len(rows), 8)).astype(np.float32) for rows in (pool, seeds))
    seed_words[:, 3] += 2
    return {"pool_lexical": words, "seed_lexical": seed_words}


def test_the_manner_is_what_sets_seeds_apart_from_the_rows_nearest_to_each(on_sphere, leaning):
    random = np.random.default_rng(0)
    pool = np.concatenate([on_sphere(random, 200, 0), on_sphere(random, 200, 1), on_sphere(random, 400, 3)])
    seeds = leaning(np.concatenate([on_sphere(random, 16, 0), on_sphere(random, 16, 1)]), 2, 0.6)
    manner = manner_of(pool, seeds)
    apart = seeds.mean(axis=0) - pool.mean(axis=0)
    assert manner[2] >= 0.8
    assert manner[2] > apart[2] / np.linalg.norm(apart) + 0.1
    assert np.linalg.norm(manner) == pytest.approx(1, abs=1e-5)
    for rows in (pool, seeds):
        plain = without(rows, manner)
        np.testing.assert_allclose(plain @ manner, 0, atol=1e-5)
        np.testing.assert_allclose(np.linalg.norm(plain, axis=1), 1, atol=1e-5)


@pytest.mark.parametrize(("domain", "other"), [(60, 1_140), (240, 960), (480, 720)])
def test_handwritten_seeds_of_two_kinds_find_the_domain(on_sphere, domain, other, leaning):
    random = np.random.default_rng(1)
    half = domain // 2
    kinds = [on_sphere(random, half, 0), on_sphere(random, half, 1)]
    pool = np.concatenate([*kinds, on_sphere(random, other, 3)])
    seeds = leaning(np.concatenate([on_sphere(random, 16, 0), on_sphere(random, 16, 1)]), 2, 0.6)
    found = score_domain(pool, seeds, **words_apart(random, pool, seeds))
    assert found.manner_left_out
    truth = np.arange(len(pool)) < domain
    assert found.kept[truth].mean() >= 0.9
    assert (found.kept & truth).sum() >= 0.95 * found.kept.sum()


def test_a_pool_without_the_domain_keeps_next_to_nothing_whatever_the_manner(on_sphere, leaning):
    random = np.random.default_rng(2)
    pool = np.concatenate([on_sphere(random, 600, 3), on_sphere(random, 600, 4)])
    seeds = leaning(on_sphere(random, 32, 0), 2, 0.6)
    found = score_domain(pool, seeds, **words_apart(random, pool, seeds))
    assert not found.manner_left_out
    assert found.kept.mean() <= 0.05


def test_the_manner_of_negatives_is_left_out_too(on_sphere, leaning):
    random = np.random.default_rng(3)
    other = on_sphere(random, 300, 1)
    pool = np.concatenate([on_sphere(random, 300, 0), other, on_sphere(random, 600, 3)])
    seeds, against = (leaning(on_sphere(random, 32, axis), 2, 0.6) for axis in (0, 1))
    words = words_apart(random, pool, seeds)
    found = score_domain(pool, seeds, **words, negatives=against, negative_lexical=words["seed_lexical"])
    assert found.manner_left_out
    assert found.kept[:300].mean() >= 0.9
    assert found.kept[300:].mean() <= 0.05


def test_a_threshold_of_ones_own_holds_without_the_manner(on_sphere, leaning):
    random = np.random.default_rng(4)
    pool = np.concatenate([on_sphere(random, 200, 0), on_sphere(random, 600, 3)])
    seeds = leaning(on_sphere(random, 32, 0), 2, 0.6)
    found = score_domain(pool, seeds, Domain(threshold=100), **words_apart(random, pool, seeds))
    assert found.manner_left_out
    assert not found.kept.any()
