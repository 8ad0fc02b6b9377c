"""The nearest neighbours are found among the largest of heaps of columns, and are those of sorting whole rows."""

import numpy as np
import pytest

from quality.meaning import threshold as under_test


@pytest.mark.parametrize("width", [8, 9, 255, 256, 257, 300, 319, 1_000, 5_013])
@pytest.mark.parametrize("kinds", [3, 50, 1_000_000])  # few kinds of numbers: many are equal
def test_the_largest_numbers_of_a_row_are_those_of_sorting_it(width, kinds):
    tile = np.random.default_rng(width).integers(0, kinds, (7, width)).astype(np.float32)
    places = under_test._largest(tile, 8)
    assert all(len(set(row)) == 8 for row in places.tolist())
    found = np.sort(np.take_along_axis(tile, places, axis=1), axis=1)
    np.testing.assert_array_equal(found, np.sort(tile, axis=1)[:, -8:])


@pytest.mark.parametrize("at", ["heap", "rest"])
def test_the_largest_may_stand_all_in_one_heap_or_behind_the_last(at):
    tile = np.random.default_rng(0).random((3, 1_003), dtype=np.float32)
    width = 1_003 // under_test._HEAP
    places = width * np.arange(8) + 4 if at == "heap" else np.arange(995, 1_003)
    tile[:, places] += 1
    np.testing.assert_array_equal(np.sort(under_test._largest(tile, 8), axis=1), np.tile(places, (3, 1)))
