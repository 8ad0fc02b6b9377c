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

    def spy(rows, positives, negatives, known, start):
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
        assert len(teachers) == 6  # spies and judges are unlabelled
        assert teachers | others == set(range(10))
    assert all(sum(seed in others for others in unlabelled) == 2 for seed in range(10))  # spy once, judge once


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
    """In a refit teachers and judges are of the domain, and a spy is what its score makes of it, as any row."""
    pool, seeds = mixture(50, 150, seeds=10)
    seeds[0] = -seeds[0]  # a seed that no model takes for one of the domain
    regress, refits = positive_unlabelled._regress, []

    def spy(rows, positives, negatives, known, start):
        models = range(positives.shape[1])
        refits.append(
            [[_places(seeds, rows[side[:, at] > 0, :-1]) for at in models] for side in (positives, negatives)]
        )
        return regress(rows, positives, negatives, known, start)

    monkeypatch.setattr(positive_unlabelled, "_regress", spy)
    spy_scores(pool, seeds, repeats=1, max_background=1_000, random_seed=0, keys=vector_keys(pool))
    assert len(refits) == 1 + positive_unlabelled.REFITS
    for domain, other in refits[1:]:
        assert len(domain) >= 4  # that of which it is a judge may have found nothing sure of another
        assert [0 in places for places in domain].count(False) == 1  # where it is the spy
        assert [0 in places for places in other].count(True) == 1


def _nothing(rows: np.ndarray, models: int) -> np.ndarray:
    return np.zeros((rows.shape[1], models))


def _places(seeds: np.ndarray, rows: np.ndarray) -> set[int]:
    return {int(place) for place in np.flatnonzero((seeds[:, None, :] == rows[None, :, :]).all(axis=2).any(axis=1))}
