"""Cosines that reach a floor, told from parts of the vectors, against every cosine computed in full."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality.meaning import vector_bounds
from quality.meaning.vector_bounds import Bounded


def spread(rows: int, seed: int, fade: float) -> np.ndarray:
    """Vectors in groups, whose coordinates fade: those of an encoder are between the extremes."""
    rng = np.random.default_rng(seed)
    centres = rng.standard_normal((max(1, rows // 8), 48))
    vectors = (
        centres[rng.integers(0, len(centres), rows)] + 0.4 * rng.standard_normal((rows, 48))
    ) * fade ** np.arange(48)
    turned = vectors @ np.linalg.qr(rng.standard_normal((48, 48)))[0]
    return (turned / np.linalg.norm(turned, axis=1, keepdims=True)).astype(np.float32)


@pytest.mark.parametrize("dear", [0, 60, 10**9])
@given(seed=st.integers(0, 999), fade=st.sampled_from([0.8, 0.95, 1.0]), floor=st.sampled_from([-1.0, 0.3, 0.8, 0.95]))
def test_whichever_way_is_taken_the_pairs_are_those_of_all_cosines(
    dear: int, seed: int, fade: float, floor: float
) -> None:
    vectors = spread(90, seed, fade)
    rows, columns = slice(40, 90), slice(20, 75)
    cosines = vectors[rows].astype(np.float64) @ vectors[columns].astype(np.float64).T
    earlier = np.arange(20, 75) < np.arange(40, 90)[:, None]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vector_bounds, "_DEAR", dear)
        row, column, cosine = Bounded.of(vectors).before(rows, columns, floor)
    assert cosine == pytest.approx(cosines[row, column], abs=1e-6)
    found = set(zip(row.tolist(), column.tolist(), strict=True))
    assert found >= set(map(tuple, np.argwhere(earlier & (cosines >= floor + 1e-6)).tolist()))
    assert found <= set(map(tuple, np.argwhere(earlier & (cosines >= floor - 1e-6)).tolist()))
    assert list(zip(row.tolist(), column.tolist(), strict=True)) == sorted(found)


def test_few_pairs_are_computed_one_by_one_where_vectors_fade(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    products = vector_bounds.products

    def counted(all_, left, right):
        asked.append(len(left))
        return products(all_, left, right)

    monkeypatch.setattr(vector_bounds, "products", counted)
    vectors = spread(600, 0, 0.9)
    found, _, _ = Bounded.of(vectors).before(slice(0, 600), slice(0, 600), 0.95)
    assert 0 < len(found) <= sum(asked) < 0.02 * 600 * 600


def test_vectors_of_zeros_are_near_nothing() -> None:
    vectors = spread(20, 0, 0.9)
    vectors[5:9] = 0
    row, column, _ = Bounded.of(vectors).before(slice(0, 20), slice(0, 20), 0.1)
    assert not {5, 6, 7, 8} & {*row.tolist(), *column.tolist()}
