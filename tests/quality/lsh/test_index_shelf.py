"""A state comes back as it was kept; what is remembered of pairs is bounded."""

from pathlib import Path

import numpy as np
import pytest

from quality.lsh.band_index import BandIndex
from quality.lsh.index_segment import Segment
from quality.lsh.index_shelf import Held, keep, load
from quality.lsh.remembered import Comparisons


def held(documents: int) -> Held:
    """An index of as many short documents, each of one text."""
    numbers = np.arange(documents, dtype=np.uint32)
    hashes = np.arange(documents, dtype=np.uint64) << np.uint64(50)
    short = np.zeros(documents, np.uint8)
    index = BandIndex(2)
    index.add(Segment(hashes, numbers, numbers, hashes, numbers, np.empty((2, 0), np.uint64)), short)
    return Held(index, seen=np.arange(1, documents + 1, dtype=np.uint32), run=documents)


def pairs(count: int, jaccard: float) -> Comparisons:
    right = np.arange(count, dtype=np.uint64) % 4 + np.uint64(1)
    codes = np.unique(np.arange(count, dtype=np.uint64) << np.uint64(32) | right)
    return Comparisons(codes, np.full(len(codes), jaccard))


def test_what_is_kept_is_loaded(tmp_path: Path) -> None:
    state = held(4)
    state.compared = Comparisons(np.array([1, (1 << 32) + 2], np.uint64), np.array([0.0, 0.75]))
    keep(tmp_path, state)
    again = load(tmp_path, 2)
    assert again.index.segments[0].hashes.tolist() == state.index.segments[0].hashes.tolist()
    assert (again.index.count, again.run, again.seen.tolist()) == (4, 4, [1, 2, 3, 4])
    assert again.compared.codes.tolist() == state.compared.codes.tolist()
    assert again.compared.jaccard.tolist() == [0.0, 0.75]


def test_what_is_forgotten_takes_its_pairs_and_its_date_with_it() -> None:
    state = held(4)
    codes = [0 << 32 | 1, 1 << 32 | 3, 2 << 32 | 3]
    state.compared = Comparisons(np.array(codes, np.uint64), np.array([0.7, 0.8, 0.9]))
    state.forget(np.array([False, True, False, True]))
    assert state.seen.tolist() == [2, 4]
    assert state.compared.codes.tolist() == [0 << 32 | 1]
    assert state.compared.jaccard.tolist() == [0.8]


@pytest.mark.parametrize(("count", "left"), [(16 * 5, 80), (16 * 5 + 1, 1)])
def test_of_too_many_comparisons_those_that_found_something_stay(tmp_path: Path, count: int, left: int) -> None:
    state = held(5)
    state.compared = pairs(count - 1, 0.0).joined([Comparisons(np.array([9 << 40], np.uint64), np.array([0.7]))])
    keep(tmp_path, state)
    assert len(load(tmp_path, 2).compared.codes) == left


def test_nothing_is_loaded_where_nothing_was_kept(tmp_path: Path) -> None:
    assert load(tmp_path / "none", 3).index.bands == 3
    assert list(tmp_path.iterdir()) == []
