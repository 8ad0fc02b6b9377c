"""Slices: rows about one thing are together, the largest first, and the same rows make the same slices."""

import numpy as np

from quality.slicing import slices


def test_rows_about_one_thing_are_one_slice_and_the_largest_comes_first() -> None:
    rng = np.random.default_rng(0)
    topics = rng.normal(size=(3, 16))
    topic = rng.permutation(np.repeat([0, 1, 2], [5, 30, 12]))
    vectors = topics[topic] + 0.05 * rng.normal(size=(47, 16))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    found = slices(vectors, 3)
    assert np.bincount(found).tolist() == [30, 12, 5]
    assert all(len(set(found[topic == one])) == 1 for one in range(3))
    assert (slices(vectors, 3) == found).all()


def test_as_many_slices_as_rows_are_the_rows() -> None:
    assert slices(np.eye(4, dtype=np.float32), 9).tolist() == [0, 1, 2, 3]


def test_rows_that_do_not_differ_are_one_slice_and_none_is_empty() -> None:
    vectors = np.eye(4, dtype=np.float32)[np.repeat([0, 1], [3, 9])]
    assert np.bincount(slices(vectors, 5)).tolist() == [9, 3]
