"""How sure a score makes of a row is told from how crowded seeds and pool are around it."""

import numpy as np
import pytest

from quality.domain.chances import domain_chances


def test_chances_are_those_of_two_known_heaps():
    """The oracle: Bayes' rule with the two normal distributions that the scores were drawn from."""
    random = np.random.default_rng(0)
    own, others = random.normal(1.5, 1, 6_000), random.normal(-1.5, 1, 14_000)
    pool, seeds = np.concatenate([own, others]), random.normal(1.5, 1, 2_000)
    right = 0.3 * np.exp(-((pool - 1.5) ** 2) / 2)
    right /= right + 0.7 * np.exp(-((pool + 1.5) ** 2) / 2)
    off = np.abs(domain_chances(pool, seeds) - right)
    assert off.mean() < 0.03
    assert np.quantile(off, 0.99) < 0.15


def test_who_scores_higher_is_as_likely_at_least():
    random = np.random.default_rng(1)
    # Above the seeds stands a heap of others, which would make higher scores less likely.
    pool = np.concatenate([random.normal(0, 1, 300), random.normal(6, 1, 200)])
    chances = domain_chances(pool, random.normal(3, 1, 13))[np.argsort(pool, kind="stable")]
    assert (np.diff(chances) >= 0).all()
    assert 0 <= chances.min() < chances.max() <= 1


@pytest.mark.parametrize("seeds", [np.array([2.0]), np.full(5, 2.0)])
def test_few_or_equal_seeds_still_tell_the_near_from_the_far(seeds):
    pool = np.concatenate([np.full(50, -2.0), np.full(10, 2.01), [2.63]])  # no place that is looked at is a seed's
    chances = domain_chances(pool, seeds)
    assert chances[:50].max() < 0.1
    assert chances[50:].min() > 0.5


def test_a_pool_of_one_score_is_no_error():
    chances = domain_chances(np.zeros(20), np.zeros(4))
    assert chances == pytest.approx(np.ones(20))
