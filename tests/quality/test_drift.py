"""Drift by its formulas: nothing where nothing moved, however small the sets; much where they are others."""

import math

import numpy as np
import polars as pl
import pytest

from quality.drift import centroid_shift, label, length_psi


def test_psi_by_hand() -> None:
    # 100 and 100 rows: two bins, cut at the median. 25 and 75 of 100, half a row more each.
    before, after = pl.Series([10] * 50 + [20] * 50), pl.Series([10] * 25 + [20] * 75)
    q = 25.5 / 101
    expected = (q - 0.5) * math.log(q / 0.5) + (0.5 - q) * math.log((1 - q) / 0.5)
    assert length_psi(before, after) == pytest.approx(expected)
    assert label(expected) == "another population"


def test_equal_lengths_have_no_psi_and_foreign_ones_a_finite_one() -> None:
    lengths = pl.Series(range(1000))
    assert length_psi(lengths, lengths.reverse()) == 0
    assert 5 < length_psi(lengths, lengths + 10_000) < math.inf
    assert length_psi(pl.Series([7] * 60), pl.Series([7] * 60)) == 0
    assert length_psi(lengths.clear(), lengths) == 0


@pytest.mark.parametrize("rows", [50, 200, 5000])
def test_samples_of_one_set_are_steady_whatever_their_size(rows) -> None:
    rng = np.random.default_rng(0)
    psi = [length_psi(*(pl.Series(rng.lognormal(5, 1, rows).astype(int)) for _ in range(2))) for _ in range(50)]
    assert np.mean(psi) < 0.06
    assert np.mean(np.array(psi) > 0.25) <= 0.04


@pytest.mark.parametrize(
    ("psi", "said"), [(0, "steady"), (0.099, "steady"), (0.1, "moved"), (0.249, "moved"), (0.25, "another population")]
)
def test_the_lines_are_a_tenth_and_a_quarter(psi, said) -> None:
    assert label(psi) == said


def cloud(rng, centre, rows: int, spread: float) -> np.ndarray:
    vectors = centre + spread * rng.normal(size=(rows, len(centre))) / math.sqrt(len(centre))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def test_the_shift_is_one_less_the_cosine_of_the_centres() -> None:
    rng = np.random.default_rng(1)
    angle = 0.6
    first, second = np.zeros(64), np.zeros(64)
    first[0], second[0], second[1] = 1, math.cos(angle), math.sin(angle)
    shift = centroid_shift(cloud(rng, first, 4000, 1.5), cloud(rng, second, 4000, 1.5))
    assert shift == pytest.approx(1 - math.cos(angle), abs=0.01)


def test_small_samples_of_one_scattered_set_are_no_shift() -> None:
    rng = np.random.default_rng(2)
    centre = np.eye(64)[0]
    pairs = [[cloud(rng, centre, 60, 2) for _ in range(2)] for _ in range(40)]
    naive = [1 - a.mean(0) @ b.mean(0) / np.linalg.norm(a.mean(0)) / np.linalg.norm(b.mean(0)) for a, b in pairs]
    assert np.mean(naive) > 0.05
    assert np.mean([centroid_shift(a, b) for a, b in pairs]) < 0.02


def test_a_set_against_itself_has_no_shift_and_one_without_direction_tells_none() -> None:
    rng = np.random.default_rng(3)
    rows = cloud(rng, np.eye(8)[0], 50, 1)
    assert centroid_shift(rows, rows) == 0
    assert centroid_shift(rows[:1], rows) == 0
    assert centroid_shift(np.concatenate([rows, -rows]), rows) == 0
