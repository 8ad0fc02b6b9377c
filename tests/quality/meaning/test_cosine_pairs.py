"""Close pairs against every cosine computed one by one."""

import numpy as np
import pytest

from quality.meaning import cosine_pairs
from quality.meaning.cosine_pairs import Search, close_pairs


def cloud(rows: int, groups: int, spread: float, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    centres = rng.standard_normal((groups, 32))
    vectors = centres[rng.integers(0, groups, rows)] + spread * rng.standard_normal((rows, 32))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def brute(vectors: np.ndarray, floor: float) -> set[tuple[int, int]]:
    cosines = vectors.astype(np.float64) @ vectors.T.astype(np.float64)
    return {(i, j) for i, j in np.argwhere(cosines >= floor).tolist() if i < j}


def test_every_close_pair_is_found_in_tiles_of_any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = cloud(300, 60, 0.2)
    for rows, columns in ((1024, 4096), (7, 11), (64, 16)):
        monkeypatch.setattr(cosine_pairs, "_TILE_ROWS", rows)
        monkeypatch.setattr(cosine_pairs, "_TILE_COLUMNS", columns)
        pairs = close_pairs(vectors, 0.9, Search(neighbours=300))
        assert set(pairs.select("left", "right").rows()) == brute(vectors, 0.9)
        assert pairs["right"].is_sorted()
    for left, right, cosine in pairs.rows():
        assert cosine == pytest.approx(float(vectors[left] @ vectors[right]), abs=1e-6)


def test_where_many_are_close_the_closest_before_a_row_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cosine_pairs, "_TILE_COLUMNS", 13)
    vectors = cloud(120, 1, 0.1)
    pairs = close_pairs(vectors, 0.5, Search(neighbours=4))
    cosines = vectors @ vectors.T
    for row in range(120):
        closest = np.argsort(-cosines[row, :row], kind="stable")[:4]
        assert pairs.filter(right=row)["left"].to_list() == closest.tolist()


def test_cells_find_nearly_every_pair_and_the_same_ones_each_time() -> None:
    vectors = cloud(6000, 1500, 0.15)
    cells = close_pairs(vectors, 0.9, Search(exact_rows=1000, neighbours=50))
    assert cells.equals(close_pairs(vectors, 0.9, Search(exact_rows=1000, neighbours=50)))
    found, there = set(cells.select("left", "right").rows()), brute(vectors, 0.9)
    assert found <= there
    assert len(found) > 0.98 * len(there) > 5000
    assert cells.select("left", "right").is_duplicated().sum() == 0


def test_progress_ends_at_the_whole() -> None:
    ticks: list[tuple[int, int]] = []
    close_pairs(cloud(2500, 10, 0.1), 0.99, Search(), lambda done, total: ticks.append((done, total)))
    assert ticks == [(1024, 2500), (2048, 2500), (2500, 2500)]


@pytest.mark.parametrize("rows", [0, 1])
def test_too_few_rows_for_a_pair_are_no_error(rows: int) -> None:
    pairs = close_pairs(np.ones((rows, 4), np.float32), 0.5, Search(exact_rows=0))
    assert pairs.is_empty()
    assert pairs.schema == cosine_pairs.COSINES
