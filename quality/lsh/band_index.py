"""What is known of texts seen before: their hashes, their MinHash band keys, and who shares a key with whom.

A *document* stands for all texts with the same shingles; its number never changes while the index lives. Texts and
documents lie in segments, the oldest and largest first. Of two that come to be of like size one is made, so that there
are few of them, and old texts are copied seldom.

Who shares a key is found out once, when a document is added, by looking up its keys alone. Pairs of a small bucket are
held as such. A bucket that has ever been large is held as a *crowd*, with all its documents: which of them are compared
depends on who else is present.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import reduce
from typing import TYPE_CHECKING

import numpy as np

from quality.lsh.buckets import HIGH, LOW, SMALL_BUCKET, Buckets, gathered, grouped
from quality.lsh.companions import Companions
from quality.lsh.index_segment import Segment, placed
from quality.texts.ragged import ranges
from quality.texts.sorted_numbers import distinct, places_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

# A segment is merged with the next when it is less than this many times its size.
_LARGER = 2
_NO_NUMBERS = np.empty(0, np.uint64)


@dataclass(slots=True)
class BandIndex:
    """All segments, and who shares a key with whom.

    Attributes
    ----------
    bands : int
        Keys per document.
    segments : list of Segment
        Oldest first.
    long : (count,) uint8
        1 where a document has shingles: it is in the bands. The next document has the number `count`.
    companions : Companions
        Pairs of documents that share a small bucket.
    crowds : list of (n,) uint64
        Of each band the keys of which more documents than fit a small bucket were ever held at once, with all
        documents that have them, packed and ascending.
    """

    bands: int
    segments: list[Segment] = field(default_factory=list)
    long: NDArray[np.uint8] = field(default_factory=lambda: np.empty(0, np.uint8))
    companions: Companions = field(default_factory=Companions.none)
    crowds: list[NDArray[np.uint64]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin without crowds."""
        self.crowds = self.crowds or [_NO_NUMBERS] * self.bands

    @property
    def count(self) -> int:
        """Documents numbered so far."""
        return len(self.long)

    def find_texts(self, hashes: NDArray[np.uint64], sizes: NDArray[np.uint32]) -> NDArray[np.int64]:
        """Find texts: the document of each, or -1."""
        found = np.full(len(hashes), -1, np.int64)
        open_: NDArray[np.int64] | slice = slice(None)
        for segment in self.segments:
            if len(segment.hashes):
                at = places_of(hashes[open_], segment.hashes)
                hit = (at >= 0) & (segment.sizes[at] == sizes[open_])
                found[open_] = np.where(hit, segment.documents[at].astype(np.int64), -1)
                open_ = np.flatnonzero(found < 0)
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

    def add(self, segment: Segment, long: NDArray[np.uint8]) -> None:
        """Add new texts and documents, in the order of whose numbers `long` tells which have shingles."""
        found = [self._meeting(band, entries) for band, entries in enumerate(segment.bands)]
        met, parted = (np.concatenate([_NO_NUMBERS, *codes]) for codes in zip(*found, strict=True))
        self.companions = self.companions.parted(parted).joined(met)
        self.segments.append(segment)
        self.long = np.concatenate([self.long, long])

    def buckets(self, places: NDArray[np.int64]) -> Buckets:
        """Gather who shares the key of a crowd, each by its place: `places[document]`, or -1 where it is absent."""
        return gathered([grouped(placed(band, places)) for band in self.crowds])

    def tidy(self) -> int:
        """Merge segments of like size; return how many stayed as they were, all of them first."""
        untouched = len(self.segments)
        while len(self.segments) > 1 and self.segments[-2].weight() < _LARGER * self.segments[-1].weight():
            last = self.segments.pop()
            self.segments[-1] = self.segments[-1].merged(last)
            untouched = min(untouched, len(self.segments) - 1)
        return untouched

    def forget(self, stays: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Keep some documents and their texts, in one segment; return each document's new number, or -1."""
        renamed = np.where(stays, np.cumsum(stays) - 1, -1)
        parts = [segment.only(renamed) for segment in self.segments]
        self.segments = [reduce(Segment.merged, parts)]
        self.long = self.long[stays]
        self.companions = self.companions.renamed(renamed)
        self.crowds = [placed(band, renamed) for band in self.crowds]
        return renamed

    def _meeting(self, band: int, entries: NDArray[np.uint64]) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
        """Find out who shares a new document's key in a band: the pairs of small buckets, new ones and ended ones."""
        together = distinct(_sharing(entries, [held.bands[band] for held in self.segments]))
        if not len(together):
            return _NO_NUMBERS, _NO_NUMBERS
        buckets, crowd = grouped(together), self.crowds[band]
        keys = together[np.cumsum(buckets.sizes) - buckets.sizes] & HIGH
        was = _has_key(crowd, keys)
        now = was | (buckets.sizes > SMALL_BUCKET)
        if now.any():
            self.crowds[band] = distinct(np.concatenate([crowd, together[np.repeat(now, buckets.sizes)]]))
        met = buckets.select(~now).pairs(SMALL_BUCKET)
        return met[met & LOW >= self.count], self._before(buckets.select(now & ~was))

    def _before(self, buckets: Buckets) -> NDArray[np.uint64]:
        """Pair the documents that shared a bucket before others joined it."""
        if not len(buckets.sizes):
            return _NO_NUMBERS
        old = np.zeros(int(buckets.members.max()) + 1, np.bool_)
        old[: self.count] = True
        return buckets.among(old).pairs(SMALL_BUCKET)


def _has_key(crowd: NDArray[np.uint64], keys: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Tell which keys some entry of a crowd has."""
    at = np.searchsorted(crowd, keys)
    found = at < len(crowd)
    found[found] = crowd[at[found]] & HIGH == keys[found]
    return found


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
