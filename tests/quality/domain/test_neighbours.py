"""Rows move half way to the mean of their nearest, and tell so what they don't tell alone; where that misleads, not."""

import numpy as np
import pytest

from quality.domain import neighbours, scoring
from quality.domain.neighbours import move_to_neighbours
from quality.domain.positive_unlabelled import directions
from quality.domain.scoring import score_domain


def rows_of(random: np.random.Generator, rows: int, width: int = 16) -> np.ndarray:
    return directions(random.normal(size=(rows, width)).astype(np.float32))


def by_hand(row: np.ndarray, others: np.ndarray) -> np.ndarray:
    """The definition, one row at a time."""
    cosines = [float(row @ other / np.linalg.norm(row) / np.linalg.norm(other)) for other in others]
    order = sorted(range(len(others)), key=lambda at: -cosines[at])
    near = [at for at in order if 0 < cosines[at] < 0.9999][: neighbours.NEAREST]
    return (row + np.average(others[near], axis=0, weights=[cosines[at] for at in near])) / 2


def test_a_row_moves_half_way_to_the_mean_of_its_nearest(monkeypatch):
    monkeypatch.setattr(neighbours, "_BLOCK_ROWS", 7)
    rows, others = rows_of(np.random.default_rng(0), 40), rows_of(np.random.default_rng(1), 60)
    np.testing.assert_allclose(
        move_to_neighbours(rows.copy(), others), [by_hand(row, others) for row in rows], atol=1e-6
    )


def test_a_row_is_not_its_own_neighbour_nor_is_a_copy_of_it():
    rows = rows_of(np.random.default_rng(0), 30)
    np.testing.assert_allclose(move_to_neighbours(rows.copy(), rows), [by_hand(row, rows) for row in rows], atol=1e-6)
    others = np.concatenate([3 * rows[:1], rows[1:]])
    np.testing.assert_allclose(move_to_neighbours(rows[:1].copy(), others)[0], by_hand(rows[0], rows), atol=1e-6)


@pytest.mark.parametrize("others", [np.zeros((0, 3)), np.zeros((4, 3)), [[-1, 0, 0]], [[1, 0, 0]]])
def test_a_row_that_nothing_is_near_to_stays_where_it_is(others):
    row = np.array([[1, 0, 0]], np.float32)
    np.testing.assert_array_equal(move_to_neighbours(row.copy(), np.array(others, np.float32)), row)


@pytest.fixture
def manuals():
    """Two manuals of 40 chapters each: a row tells its chapter by its words, and its manual only faintly."""
    random = np.random.default_rng(3)
    chapters = random.normal(size=(80, 48)) / 48**0.5
    chapters[:40, 0] += 0.45
    of = np.concatenate([np.repeat(np.arange(40), 5), np.repeat(np.arange(40, 80), 10), np.arange(40)])
    meaning = directions((random.normal(size=(len(of), 32)) / 32**0.5).astype(np.float32))
    noise = random.normal(size=(len(of), 48)) * 0.8 / 48**0.5
    words = directions((chapters[of] + noise).astype(np.float32))
    return meaning[:600], words[:600], meaning[600:], words[600:], of[:600] < 40


def f1(kept: np.ndarray, truth: np.ndarray) -> float:
    return float(2 * (kept & truth).sum() / (kept.sum() + truth.sum()))


def test_rows_that_tell_little_alone_are_told_by_those_they_lie_among(manuals, monkeypatch):
    pool, words, seeds, seed_words, truth = manuals
    found = score_domain(pool, seeds, pool_lexical=words, seed_lexical=seed_words)
    monkeypatch.setattr(scoring, "_tells_more", lambda nearer, found: False)
    alone = score_domain(pool, seeds, pool_lexical=words, seed_lexical=seed_words)
    assert f1(found.kept, truth) >= f1(alone.kept, truth) + 0.03
