"""Texts and documents are found in whichever segment they lie, and numbers stay theirs."""

import numpy as np
import pytest

from quality.lsh.band_index import BandIndex
from quality.lsh.companions import Companions
from quality.lsh.index_segment import Segment


def segment(texts: list[tuple[int, int, int]], documents: list[tuple[int, int]], bands: list[list[int]]) -> Segment:
    """Make one of (hash, size, document) and (digest, number), both in order, and keys packed by hand."""
    return Segment(
        hashes=np.array([text[0] for text in texts], np.uint64),
        sizes=np.array([text[1] for text in texts], np.uint32),
        documents=np.array([text[2] for text in texts], np.uint32),
        digests=np.array([document[0] for document in documents], np.uint64),
        numbers=np.array([document[1] for document in documents], np.uint32),
        bands=np.array(bands, np.uint64),
    )


def key(key: int, document: int) -> int:
    return key << 32 | document


LONG = np.ones(1, np.uint8)


@pytest.fixture
def index() -> BandIndex:
    """Two segments: documents 0 (short), 1 and 2; document 3, which has a key of 1's and one of 2's."""
    index = BandIndex(2)
    old = [[key(5, 1), key(6, 2)], [key(7, 2), key(8, 1)]]
    texts, documents = [(10, 3, 1), (20, 4, 0), (30, 5, 2)], [(100, 1), (200, 0), (300, 2)]
    index.add(segment(texts, documents, old), np.array([0, 1, 1], np.uint8))
    index.add(segment([(15, 9, 3), (25, 9, 1)], [(150, 3)], [[key(5, 3)], [key(7, 3)]]), LONG)
    return index


def companions(index: BandIndex) -> list[tuple[int, int, int]]:
    """Each pair and how many small buckets it shares."""
    codes, buckets = index.companions.codes.tolist(), index.companions.buckets.tolist()
    return [(code >> 32, code & 0xFFFFFFFF, count) for code, count in zip(codes, buckets, strict=True)]


def test_a_text_is_found_by_hash_and_size(index: BandIndex) -> None:
    hashes, sizes = np.array([25, 10, 10, 20, 99], np.uint64), np.array([9, 3, 4, 4, 1], np.uint32)
    found = index.find_texts(hashes, sizes)
    assert found.tolist() == [1, 1, -1, 0, -1]


def test_documents_are_found_by_digest_and_marked(index: BandIndex) -> None:
    assert index.find_documents(np.array([300, 150, 200, 1], np.uint64)).tolist() == [2, 3, 0, -1]
    assert index.long.tolist() == [0, 1, 1, 1]
    assert index.count == 4


def test_who_shares_a_small_bucket_is_held_as_a_pair(index: BandIndex) -> None:
    assert companions(index) == [(1, 3, 1), (2, 3, 1)]
    assert [band.tolist() for band in index.crowds] == [[], []]
    index.add(segment([(40, 9, 4)], [(400, 4)], [[key(5, 4)], [key(8, 4)]]), LONG)
    assert companions(index) == [(1, 3, 1), (1, 4, 2), (2, 3, 1), (3, 4, 1)]


def test_a_bucket_that_grows_is_a_crowd_and_its_pairs_are_let_go(
    index: BandIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("quality.lsh.band_index.SMALL_BUCKET", 2)
    index.add(segment([(40, 9, 4)], [(400, 4)], [[key(5, 4)], [key(8, 4)]]), LONG)
    assert companions(index) == [(1, 4, 1), (2, 3, 1)]
    assert [band.tolist() for band in index.crowds] == [[key(5, 1), key(5, 3), key(5, 4)], []]
    every = index.buckets(np.array([-1, 0, -1, 1, 2]))
    assert (every.members.tolist(), every.sizes.tolist()) == ([0, 1, 2], [3])
    turned = index.buckets(np.array([-1, 2, -1, -1, 0]))
    assert (turned.members.tolist(), turned.sizes.tolist()) == ([0, 2], [2])


def test_a_crowd_that_few_are_left_of_stays_one(index: BandIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("quality.lsh.band_index.SMALL_BUCKET", 2)
    index.add(segment([(40, 9, 4)], [(400, 4)], [[key(5, 4)], [key(8, 4)]]), LONG)
    index.forget(np.array([True, False, True, False, True]))
    assert [band.tolist() for band in index.crowds] == [[key(5, 2)], []]
    index.add(segment([(50, 9, 3)], [(500, 3)], [[key(5, 3)], [key(7, 3)]]), LONG)
    assert index.crowds[0].tolist() == [key(5, 2), key(5, 3)]
    assert companions(index) == [(1, 3, 1)]


def test_pairs_wait_until_they_are_compared_and_leave_when_they_are_unlike() -> None:
    pairs = Companions.none().joined(np.array([9, 3, 9, 5], np.uint64))
    assert (pairs.codes.tolist(), pairs.buckets.tolist()) == ([3, 5, 9], [1, 1, 2])
    assert np.isnan(pairs.jaccard).all()
    pairs = pairs.compared(np.array([0, 2]), np.array([0.2, 0.8]), 0.7)
    assert pairs.codes.tolist() == [5, 9]
    assert pairs.jaccard.tolist()[1] == 0.8
    pairs = pairs.parted(np.array([9, 3, 5], np.uint64))
    assert (pairs.codes.tolist(), pairs.buckets.tolist()) == ([9], [1])


def test_merged_segments_answer_as_before(index: BandIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("quality.lsh.band_index._LARGER", 3)
    hashes, sizes = np.array([10, 15, 20, 25, 30], np.uint64), np.array([3, 9, 4, 9, 5], np.uint32)
    before = index.find_texts(hashes, sizes).tolist()
    assert index.tidy() == 0
    assert len(index.segments) == 1
    assert index.find_texts(hashes, sizes).tolist() == before == [1, 3, 0, 1, 2]
    assert index.find_documents(np.array([100, 150, 200, 300], np.uint64)).tolist() == [1, 3, 0, 2]
    assert index.segments[0].bands.tolist() == [[key(5, 1), key(5, 3), key(6, 2)], [key(7, 2), key(7, 3), key(8, 1)]]


def test_a_segment_much_larger_than_the_next_is_left_as_it_is(index: BandIndex) -> None:
    index.segments.pop()
    index.add(segment([(15, 9, 4)], [(150, 4)], [[key(5, 4)], [key(7, 4)]]), LONG)
    assert index.tidy() == 2


def test_what_is_forgotten_is_new_again_and_numbers_close_up(index: BandIndex) -> None:
    renamed = index.forget(np.array([True, False, True, True]))
    assert renamed.tolist() == [0, -1, 1, 2]
    assert index.count == 3
    found = index.find_texts(np.array([10, 15, 20, 25, 30], np.uint64), np.array([3, 9, 4, 9, 5], np.uint32))
    assert (found >= 0).tolist() == [False, True, True, False, True]
    assert found[found >= 0].tolist() == [2, 0, 1]
    assert companions(index) == [(1, 2, 1)]
    assert index.long.tolist() == [0, 1, 1]
    assert index.segments[0].bands.tolist() == [[key(5, 2), key(6, 1)], [key(7, 1), key(7, 2)]]
