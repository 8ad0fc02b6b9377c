"""What is known of texts seen before: their hashes, their MinHash band keys, and who shares a key with whom.

A *document* stands for all texts with the same shingles; its number never changes while the index lives. Texts and
documents lie in segments, the oldest and largest first. Of two that come to be of like size one is made, so that there
are few of them, and old texts are copied seldom.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import reduce
from typing import TYPE_CHECKING

import numpy as np

from quality.buckets import HIGH, LOW, Buckets, gathered, grouped
from quality.ragged import ranges
from quality.sorted_numbers import distinct, places_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quality.index_files import Arrays

# A segment is merged with the next when it is less than this many times its size.
_LARGER = 2
_NO_NUMBERS = np.empty(0, np.uint64)


@dataclass(frozen=True, slots=True)
class Segment:
    """Texts and documents that were added together.

    Attributes
    ----------
    hashes : (n_texts,) uint64
        Of the texts, ascending.
    sizes, documents : (n_texts,) uint32
        Bytes of each text, by which a chance collision of hashes is noticed too, and its document.
    digests : (n_documents,) uint64
        Of the documents' shingles, ascending.
    numbers : (n_documents,) uint32
        The documents.
    long : (n_documents,) uint8
        1 where the document has shingles: it is in the bands.
    bands : (bands, n_long) uint64
        Key and document, as `quality.buckets.packed` has them, ascending in each band.
    """

    hashes: NDArray[np.uint64]
    sizes: NDArray[np.uint32]
    documents: NDArray[np.uint32]
    digests: NDArray[np.uint64]
    numbers: NDArray[np.uint32]
    long: NDArray[np.uint8]
    bands: NDArray[np.uint64]

    @classmethod
    def of(cls, arrays: Arrays) -> Segment:
        """Take the arrays of a file."""
        return cls(**{name: arrays[name] for name in cls.__slots__})

    def arrays(self) -> Arrays:
        """Name the arrays for a file."""
        return {name: getattr(self, name) for name in self.__slots__}

    def merged(self, other: Segment) -> Segment:
        """Make one segment of two."""
        texts = np.concatenate([self.hashes, other.hashes])
        digests = np.concatenate([self.digests, other.digests])
        by_hash, by_digest = np.argsort(texts, kind="stable"), np.argsort(digests, kind="stable")
        bands = np.concatenate([self.bands, other.bands], axis=1)
        bands.sort(axis=1, kind="stable")
        return Segment(
            hashes=texts[by_hash],
            sizes=np.concatenate([self.sizes, other.sizes])[by_hash],
            documents=np.concatenate([self.documents, other.documents])[by_hash],
            digests=digests[by_digest],
            numbers=np.concatenate([self.numbers, other.numbers])[by_digest],
            long=np.concatenate([self.long, other.long])[by_digest],
            bands=bands,
        )

    def only(self, renamed: NDArray[np.int64]) -> Segment:
        """Keep the documents that have a new number (others have -1), and their texts; the order stays."""
        texts, documents = renamed[self.documents] >= 0, renamed[self.numbers] >= 0
        return Segment(
            hashes=self.hashes[texts],
            sizes=self.sizes[texts],
            documents=renamed[self.documents[texts]].astype(np.uint32),
            digests=self.digests[documents],
            numbers=renamed[self.numbers[documents]].astype(np.uint32),
            long=self.long[documents],
            bands=np.stack([_placed(band, renamed) for band in self.bands]),
        )


@dataclass(slots=True)
class BandIndex:
    """All segments, and the keys that more than one document has.

    Attributes
    ----------
    bands : int
        Keys per document.
    segments : list of Segment
        Oldest first.
    shared : list of (n,) uint64
        Of each band the keys that several documents have, with these documents, packed and ascending.
    count : int
        Documents numbered so far; the next one has this number.
    """

    bands: int
    segments: list[Segment] = field(default_factory=list)
    shared: list[NDArray[np.uint64]] = field(default_factory=list)
    count: int = 0

    def __post_init__(self) -> None:
        """Begin with nothing shared."""
        self.shared = self.shared or [_NO_NUMBERS] * self.bands

    def find_texts(self, hashes: NDArray[np.uint64], sizes: NDArray[np.uint32]) -> NDArray[np.int64]:
        """Find texts: their places among all texts of all segments, one segment after another, or -1."""
        found = np.full(len(hashes), -1, np.int64)
        before = 0
        for segment in self.segments:
            open_ = np.flatnonzero(found < 0)
            at = places_of(hashes[open_], segment.hashes)
            hit = at >= 0
            hit[hit] = segment.sizes[at[hit]] == sizes[open_[hit]]
            found[open_[hit]] = at[hit] + before
            before += len(segment.hashes)
        return found

    def find_documents(self, digests: NDArray[np.uint64]) -> NDArray[np.int64]:
        """Find documents by the digests of their shingles: numbers, or -1."""
        found = np.full(len(digests), -1, np.int64)
        for segment in self.segments:
            open_ = np.flatnonzero(found < 0)
            at = places_of(digests[open_], segment.digests)
            hit = at >= 0
            found[open_[hit]] = segment.numbers[at[hit]]
        return found

    def held(self) -> NDArray[np.bool_]:
        """Mark the documents that some segment holds: (count,) bool. Others went with a damaged file."""
        marks = np.zeros(self.count, np.bool_)
        for segment in self.segments:
            marks[segment.numbers] = True
        return marks

    def documents(self) -> NDArray[np.uint32]:
        """Return each text's document, in the order of `find_texts`."""
        return np.concatenate([np.empty(0, np.uint32), *(segment.documents for segment in self.segments)])

    def long(self) -> NDArray[np.bool_]:
        """Mark the documents that have shingles: (count,) bool."""
        marks = np.zeros(self.count, np.bool_)
        for segment in self.segments:
            marks[segment.numbers] = segment.long
        return marks

    def add(self, segment: Segment) -> None:
        """Add new texts and documents, and find out with whom these share a key."""
        for band, entries in enumerate(segment.bands):
            old = [held.bands[band] for held in self.segments]
            new = _sharing(entries, old)
            if len(new):
                self.shared[band] = distinct(np.concatenate([self.shared[band], new]))
        self.segments.append(segment)
        self.count += len(segment.numbers)

    def buckets(self, places: NDArray[np.int64]) -> Buckets:
        """Gather what shares a key, each document by its place: `places[document]`, or -1 where it is absent."""
        return gathered([grouped(_placed(band, places)) for band in self.shared])

    def tidy(self) -> int:
        """Merge segments of like size; return how many stayed as they were, all of them first."""
        untouched = len(self.segments)
        while len(self.segments) > 1 and _weight(self.segments[-2]) < _LARGER * _weight(self.segments[-1]):
            last = self.segments.pop()
            self.segments[-1] = self.segments[-1].merged(last)
            untouched = min(untouched, len(self.segments) - 1)
        return untouched

    def forget(self, stays: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Keep some documents and their texts, in one segment; return each document's new number, or -1."""
        renamed = np.where(stays, np.cumsum(stays) - 1, -1)
        parts = [segment.only(renamed) for segment in self.segments]
        self.segments = [reduce(Segment.merged, parts)]
        self.count = int(stays.sum())
        self.shared = [_placed(band, renamed) for band in self.shared]
        return renamed


def _weight(segment: Segment) -> int:
    return len(segment.hashes) + len(segment.numbers)


def _placed(band: NDArray[np.uint64], places: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Replace documents by their places, without those that have none."""
    at = places[(band & LOW).astype(np.int64)]
    present = at >= 0
    both = (band[present] & HIGH) | at[present].astype(np.uint64)
    if (both[1:] < both[:-1]).any():  # texts stand in another order than they were added in
        both.sort()
    return both


def _sharing(new: NDArray[np.uint64], old: list[NDArray[np.uint64]]) -> NDArray[np.uint64]:
    """List the new entries of a band that share their key with any other, and the old ones they share it with."""
    keys = new & HIGH
    alike = keys[1:] == keys[:-1]
    sharing = np.zeros(len(new), np.bool_)
    sharing[1:] |= alike
    sharing[:-1] |= alike
    found = []
    for entries in old:
        first = np.searchsorted(entries, keys)
        hit = first < len(entries)
        hit[hit] = entries[first[hit]] & HIGH == keys[hit]
        sharing |= hit
        first = first[hit]
        found.append(entries[ranges(first, np.searchsorted(entries, keys[hit] | LOW, side="right") - first)])
    return np.concatenate([new[sharing], *found])
