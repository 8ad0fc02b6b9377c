"""Seeds are scored by models that did not learn from them as seeds."""

import numpy as np
import pytest

from quality.domain import positive_unlabelled
from quality.domain.positive_unlabelled import spy_scores
from quality.drawing import vector_keys


def test_seeds_wait_among_the_pools_rows_while_the_rest_is_fitted(mixture, monkeypatch):
    """Every fit sees each seed once, and in each fold one fifth of them on the side of the unlabelled."""
    pool, seeds = mixture(50, 150, seeds=10)
    fits = []

    def spy(rows, positives, negatives, known, start, penalty):
        assert not known.any()
        assert not ((positives > 0) & (negatives > 0)).any()
        sides = [_places(seeds, rows[side[:, at] > 0, :-1]) for side in (positives, negatives) for at in range(5)]
        fits.append((sides[:5], sides[5:]))
        return positive_unlabelled.regress(rows, positives > 0, np.ones(positives.shape, np.float32), _nothing(rows, 5))

    monkeypatch.setattr(positive_unlabelled, "_regress", spy)
    monkeypatch.setattr(positive_unlabelled, "REFITS", 0)
    spy_scores(pool, seeds, repeats=1, max_background=1_000, random_seed=0, keys=vector_keys(pool))
    ((taught, unlabelled),) = fits
    for teachers, others in zip(taught, unlabelled, strict=True):
        assert len(teachers) == 8
        assert teachers | others == set(range(10))
    assert all(sum(seed in others for others in unlabelled) == 1 for seed in range(10))  # spy once


def test_a_spy_is_scored_by_models_that_never_learned_from_it_as_a_seed(mixture, monkeypatch):
    pool, seeds = mixture(50, 150, seeds=10)
    learned: list[set[int]] = []

    def spy(background, given, known, parts):
        assert not _places(seeds, background)
        learned.extend(set(np.flatnonzero(of != positive_unlabelled.SPY)) for of in parts.T)
        # The model of turn t scores a row as t times the sum of its components.
        models = np.repeat(np.arange(1.0, 6)[None], pool.shape[1] + 1, axis=0)
        models[-1] = 0
        return models

    monkeypatch.setattr(positive_unlabelled, "_fitted", spy)
    found = spy_scores(pool, seeds, repeats=1, max_background=1_000, random_seed=0, keys=vector_keys(pool))
    assert [len(places) for places in learned] == [8] * 5
    for turn, known in enumerate(learned, start=1):
        for seed in set(range(10)) - known:
            assert found.seeds[seed] == pytest.approx(turn * seeds[seed].sum(), rel=1e-5)
    assert found.pool == pytest.approx(3 * pool.sum(axis=1), rel=1e-4, abs=1e-4)  # the mean of the five


def test_refits_learn_from_seeds_but_never_from_a_spy_as_one(mixture, monkeypatch):
    """In a refit teachers are of the domain, and a spy is what its score makes of it, as any row."""
    pool, seeds = mixture(50, 150, seeds=10)
    seeds[0] = -seeds[0]  # a seed that no model takes for one of the domain
    regress, refits = positive_unlabelled._regress, []

    def spy(rows, positives, negatives, known, start, penalty):
        models = range(positives.shape[1])
        refits.append(
            [[_places(seeds, rows[side[:, at] > 0, :-1]) for at in models] for side in (positives, negatives)]
        )
        return regress(rows, positives, negatives, known, start, penalty)

    monkeypatch.setattr(positive_unlabelled, "_regress", spy)
    spy_scores(pool, seeds, repeats=1, max_background=1_000, random_seed=0, keys=vector_keys(pool))
    assert len(refits) == 1 + positive_unlabelled.REFITS
    for domain, other in refits[1:]:
        assert len(domain) == 5
        assert [0 in places for places in domain].count(False) == 1  # where it is the spy
        assert [0 in places for places in other].count(True) == 1


def test_chances_of_a_model_are_told_by_where_the_spies_of_others_stand_in_the_pool(monkeypatch):
    """Models of other scales agree on ranks: a spy of one stands in the other where as many rows score less."""
    of_pool = np.arange(100.0)
    spies = np.array([[True, False], [False, True], [False, True]])
    scores = np.zeros((103, 2), np.float32)
    scores[:100] = np.stack([of_pool, -1_000 + 10 * of_pool], axis=1)
    scores[100:] = [[20.5, 7e5], [-8e5, -395], [9e5, -95]]  # where a seed is no spy its score must not matter
    told = []

    def chances(pool, seeds):
        told.append((pool, seeds))
        return np.full(len(pool), 0.75)

    monkeypatch.setattr(positive_unlabelled, "domain_chances", chances)
    hidden = np.concatenate([np.ones((100, 2), bool), spies])
    sure = positive_unlabelled._sureness(scores, hidden, spies, 100)
    (first, by_first), (second, by_second) = told
    assert sorted(by_first) == pytest.approx([60.5, 90.5])
    assert by_second == pytest.approx([-1_000 + 10 * 20.5])
    assert first[100:] == pytest.approx([20.5])  # its own spy is a row of which a chance is asked
    assert second[100:] == pytest.approx([-395, -95])
    np.testing.assert_array_equal(sure, np.where(hidden, np.float32(0.5), 0))


def test_a_seed_that_is_a_spy_often_stands_at_the_mean_of_its_log_odds():
    of_pool = np.tile(np.arange(1_000.0)[:, None], (1, 2))
    places = positive_unlabelled._places(of_pool, np.array([[99.5, 899.5], [-1, 5_000]]), np.array([[True, True]] * 2))
    assert places == pytest.approx([499.5, 499.5], abs=0.5)
    places = positive_unlabelled._places(of_pool, np.array([[99.5, 899.5]]), np.array([[False, True]]))
    assert places == pytest.approx([899.5], abs=0.5)


@pytest.mark.parametrize(("count", "penalty"), [(8, 8e-3), (32, 2e-3), (64, 1e-3), (200, 1e-3)])
def test_the_fewer_the_seeds_the_heavier_is_the_first_penalty(mixture, monkeypatch, count, penalty):
    pool, seeds = mixture(50, 150, seeds=count)
    regress, given = positive_unlabelled._regress, []

    def spy(*args):
        given.append(args[-1])
        return regress(*args)

    monkeypatch.setattr(positive_unlabelled, "_regress", spy)
    spy_scores(pool, seeds, repeats=1, max_background=1_000, random_seed=0, keys=vector_keys(pool))
    assert given == pytest.approx([penalty, 1e-3, 1e-3, 1e-3])


def test_a_pool_of_nothing_but_the_seeds_is_scored_by_the_first_fit(mixture):
    _, seeds = mixture(50, 150, seeds=10)
    found = spy_scores(seeds, seeds, repeats=1, max_background=1_000, random_seed=0, keys=vector_keys(seeds))
    assert np.isfinite(found.pool).all()
    assert np.isfinite(found.seeds).all()


def _nothing(rows: np.ndarray, models: int) -> np.ndarray:
    return np.zeros((rows.shape[1], models))


def _places(seeds: np.ndarray, rows: np.ndarray) -> set[int]:
    return {int(place) for place in np.flatnonzero((seeds[:, None, :] == rows[None, :, :]).all(axis=2).any(axis=1))}
