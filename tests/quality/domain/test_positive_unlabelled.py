"""Seeds are scored by models that did not learn from them as seeds."""

import numpy as np
import pytest

from quality.domain import positive_unlabelled
from quality.domain.positive_unlabelled import spy_scores
from quality.drawing import vector_keys


def test_seeds_wait_among_the_pools_rows_while_the_rest_is_fitted(mixture, monkeypatch):
    """Every fit sees each seed once, and in each fold one fifth of them on the side of the unlabelled."""
    pool, seeds = mixture(50, 150, seeds=10)
    seen = []
    regress = positive_unlabelled._regress

    def spy(positives: np.ndarray, negatives: np.ndarray, known: np.ndarray) -> tuple[np.ndarray, float]:
        seen.append([_places(seeds, side) for side in (positives, negatives)])
        assert not len(known)
        return regress(positives, negatives, known)

    monkeypatch.setattr(positive_unlabelled, "_regress", spy)
    monkeypatch.setattr(positive_unlabelled, "REFITS", 0)
    spy_scores(pool, seeds, repeats=1, max_background=1_000, random_seed=0, keys=vector_keys(pool))
    assert len(seen) == 5
    for positives, negatives in seen:
        assert len(positives) == 6  # teachers; spies and judges are unlabelled
        assert positives | negatives == set(range(10))
        assert not positives & negatives
    assert all(sum(seed in negatives for _, negatives in seen) == 2 for seed in range(10))  # spy once, judge once


def test_a_spy_is_scored_by_models_that_never_learned_from_it_as_a_seed(mixture, monkeypatch):
    pool, seeds = mixture(50, 150, seeds=10)
    learned: list[set[int]] = []

    def spy(background: np.ndarray, teachers: np.ndarray, judges: np.ndarray, spies: np.ndarray, known: np.ndarray):
        learned.append(_places(seeds, np.concatenate([teachers, judges])))
        assert not _places(seeds, background)
        assert _places(seeds, spies) == set(range(10)) - learned[-1]
        return np.full(pool.shape[1], len(learned), dtype=np.float64), 0.0

    monkeypatch.setattr(positive_unlabelled, "_fit_one", spy)
    found = spy_scores(pool, seeds, repeats=1, max_background=1_000, random_seed=0, keys=vector_keys(pool))
    for turn, known in enumerate(learned, start=1):
        for seed in set(range(10)) - known:
            assert found.seeds[seed] == pytest.approx(turn * seeds[seed].sum(), rel=1e-5)


def _places(seeds: np.ndarray, rows: np.ndarray) -> set[int]:
    return {int(place) for place in np.flatnonzero((seeds[:, None, :] == rows[None, :, :]).all(axis=2).any(axis=1))}
