"""Texts and documents that were added to the band index together, and their MinHash band keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from quality.lsh.buckets import HIGH, LOW

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quality.lsh.index_files import Arrays


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
    bands : (bands, n_long) uint64
        Key and document, as `quality.lsh.buckets.packed` has them, ascending in each band.
    """

    hashes: NDArray[np.uint64]
    sizes: NDArray[np.uint32]
    documents: NDArray[np.uint32]
    digests: NDArray[np.uint64]
    numbers: NDArray[np.uint32]
    bands: NDArray[np.uint64]

    @classmethod
    def of(cls, arrays: Arrays) -> Segment:
        """Take the arrays of a file."""
        return cls(**{name: arrays[name] for name in cls.__slots__})

    def arrays(self) -> Arrays:
        """Name the arrays for a file."""
        return {name: getattr(self, name) for name in self.__slots__}

    def weight(self) -> int:
        """Count texts and documents."""
        return len(self.hashes) + len(self.numbers)

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
            bands=np.stack([placed(band, renamed) for band in self.bands]),
        )


def placed(band: NDArray[np.uint64], places: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Replace documents (see `quality.lsh.buckets.packed`) by their places, without those that have none (-1)."""
    at = places[(band & LOW).astype(np.int64)]
    present = at >= 0
    both = (band[present] & HIGH) | at[present].astype(np.uint64)
    if (both[1:] < both[:-1]).any():  # texts stand in another order than they were added in
        both.sort()
    return both
