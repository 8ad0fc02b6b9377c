"""Look-up in a table of hashes, against a dictionary; each number once, against a set."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality.texts.sorted_numbers import distinct, places_of

NUMBERS = st.integers(0, 2**64 - 1) | st.integers(2**63, 2**63 + 200) | st.integers(0, 100)  # spread, and in heaps


@given(st.lists(NUMBERS, max_size=300), st.lists(NUMBERS, max_size=300))
def test_places_are_those_of_a_dictionary(wanted: list[int], table: list[int]) -> None:
    ordered = sorted(set(table))
    places = {number: place for place, number in enumerate(ordered)}
    asked = np.array(wanted + table[::2], np.uint64)
    found = places_of(asked, np.array(ordered, np.uint64))
    assert found.tolist() == [places.get(number, -1) for number in asked.tolist()]


@pytest.mark.parametrize("heap", [1, 3000])
@pytest.mark.parametrize("block", [1000, 1 << 15])
def test_many_hashes_are_found_however_they_lie(heap: int, block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("quality.texts.sorted_numbers._BLOCK", block)
    rng = np.random.default_rng(0)
    table = np.unique(rng.integers(0, 2**64, 20_000, np.uint64, endpoint=False) // np.uint64(heap))
    table = np.unique(np.concatenate([table, np.arange(2000, dtype=np.uint64) + table[9]]))  # one cell holds thousands
    order = rng.permutation(len(table))
    assert (places_of(table[order], table) == order).all()
    gaps = np.setdiff1d(table + np.uint64(1), table)
    assert (places_of(gaps, table) == -1).all()


@given(st.lists(NUMBERS, max_size=100))
def test_distinct_numbers_are_sorted_and_stand_once(numbers: list[int]) -> None:
    assert distinct(np.array(numbers, np.uint64)).tolist() == sorted(set(numbers))
