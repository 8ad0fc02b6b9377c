"""Drawn seeds: more draws are made as long as what they find changes, and count only if it comes to rest."""

import numpy as np
import pytest

from quality.domain import draws
from quality.domain.draws import DRAWN_SEEDS, DRAWS, MOST_DRAWS, judge_drawn
from quality.domain.estimates import DomainScores
from quality.domain.settings import Domain
from quality.domain.views import View

ROWS = 400


def view() -> View:
    pool = np.random.default_rng(0).normal(size=(ROWS, 16)).astype(np.float32)
    pool /= np.linalg.norm(pool, axis=1, keepdims=True)
    return View(pool, pool, None)


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch):
    """Judge by draws that keep so many rows, one after the other; return what the last keeps, and how many were made."""

    def judge(most: int, *kept: int) -> tuple[int, int]:
        coming, made = iter(kept), []

        def judged(_: View, seeds: np.ndarray, __: Domain) -> DomainScores:
            assert len(seeds) <= DRAWN_SEEDS
            made.append(next(coming))
            scores = np.where(np.arange(ROWS) < made[-1], 1.0, -1.0)
            return DomainScores(scores, 0.0, 0.5, 1.0, 1.0, None, len(seeds), scores)

        monkeypatch.setattr(draws, "judged", judged)
        last = judge_drawn(view(), np.arange(60), Domain(), most)
        return int(last.kept.sum()), len(made)

    return judge


def test_what_settles_after_more_draws_is_found(found) -> None:
    assert found(MOST_DRAWS, 100, 150, 200, 300, 301) == (301, 5)


def test_what_has_settled_by_the_usual_draws_takes_no_more(found) -> None:
    assert found(MOST_DRAWS, 100, 200, 200) == (200, DRAWS)


def test_what_goes_on_and_on_is_as_after_the_usual_draws(found) -> None:
    assert found(MOST_DRAWS, *range(100, 100 + 20 * MOST_DRAWS, 20)) == (140, MOST_DRAWS)


def test_what_comes_to_nothing_later_is_as_after_the_usual_draws(found) -> None:
    assert found(MOST_DRAWS, 100, 150, 200, 3) == (200, 4)
    assert found(MOST_DRAWS, 100, 3) == (3, 2)


def test_rows_that_stand_in_for_seeds_are_drawn_as_often_as_usual(found) -> None:
    assert found(DRAWS, 100, 150, 200, 300) == (200, DRAWS)
