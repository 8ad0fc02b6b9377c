"""Rows drawn by what they say: few others when few rows are new, the same ones in any order, and each as likely."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from quality.drawing import drawn, vector_keys


def random_vectors(rows: int, dim: int = 64, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((rows, dim)).astype(np.float32)


def test_new_rows_only_push_others_out():
    vectors = random_vectors(1_050)
    before = set(drawn(vector_keys(vectors[:1_000]), 400))
    after = set(drawn(vector_keys(vectors), 400))
    assert len(after) == 400
    assert {place for place in after if place < 1_000} <= before
    assert len(before - after) <= 50


@given(st.integers(0, 99), st.integers(0, 60))
def test_order_makes_no_difference(seed, most):
    vectors = random_vectors(50)
    shuffled = np.random.default_rng(seed).permutation(50)
    there = drawn(vector_keys(vectors), most, seed)
    assert set(shuffled[drawn(vector_keys(vectors[shuffled]), most, seed)]) == set(there)


def test_every_row_is_as_likely():
    keys = vector_keys(random_vectors(200))
    often = np.bincount(np.concatenate([drawn(keys, 50, seed) for seed in range(2_000)]), minlength=200)
    assert often.min() > 400  # of 500 expected; five standard deviations are 97
    assert often.max() < 600


def test_the_last_bits_of_a_sum_draw_no_others():
    vectors = random_vectors(2_000, 384)
    summed_otherwise = vectors * np.float32(1 + 1e-6)
    assert (vector_keys(vectors) == vector_keys(summed_otherwise)).all()


def test_vectors_of_any_width_have_keys_of_their_own():
    for dim in (17, 64, 65, 384):
        assert len(np.unique(vector_keys(random_vectors(1_000, dim)))) > 990


def test_more_than_there_are_draws_all():
    assert drawn(np.arange(3, dtype=np.uint64), 9).tolist() == [0, 1, 2]
    assert drawn(np.empty(0, np.uint64), 9).tolist() == []
