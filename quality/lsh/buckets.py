"""Texts that share a band key share a bucket; a bucket's members are the candidates for comparison."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from quality.texts.ragged import ranges
from quality.texts.sorted_numbers import distinct

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Buckets up to this size are compared pair by pair, whoever is in them. In larger ones, dropped texts are passed over,
# so that 20,000 near-identical texts cost some 20,000 comparisons and not 200 million.
SMALL_BUCKET = 16
_HALF = np.uint64(32)
LOW = np.uint64(0xFFFFFFFF)
HIGH = ~LOW


@dataclass(frozen=True, slots=True)
class Buckets:
    """Groups of two or more texts.

    Attributes
    ----------
    members : (n,) int64
        Bucket after bucket, ascending inside each: the text of highest priority leads.
    sizes : (n_buckets,) int64
        Members per bucket.
    """

    members: NDArray[np.int64]
    sizes: NDArray[np.int64]

    def select(self, chosen: NDArray[np.bool_]) -> Buckets:
        """Keep some buckets, given by a mask of (n_buckets,)."""
        return Buckets(self.members[np.repeat(chosen, self.sizes)], self.sizes[chosen])

    def among(self, wanted: NDArray[np.bool_]) -> Buckets:
        """Keep some texts, given by a mask over all texts, and the buckets that still hold two."""
        stays = wanted[self.members]
        owners = np.repeat(np.arange(len(self.sizes)), self.sizes)
        sizes = np.bincount(owners[stays], minlength=len(self.sizes))
        return Buckets(self.members[stays], sizes).select(sizes > 1)

    def texts(self, count: int) -> NDArray[np.int64]:
        """List which of `count` texts some bucket holds, ascending and distinct."""
        held = np.zeros(count, np.bool_)
        held[self.members] = True
        return np.flatnonzero(held)

    def renamed(self, names: NDArray[np.int64]) -> Buckets:
        """Replace each text by its name: `names[text]`, ascending as the texts are."""
        return Buckets(names[self.members], self.sizes)

    def pairs(self, leaders: int) -> NDArray[np.uint64]:
        """Pair every member with those among its bucket's first `leaders` members that come before it.

        Returns
        -------
        (n_pairs,) uint64
            Codes (see `unpack`), ascending and distinct.
        """
        twos = self.sizes == 2
        firsts = (np.cumsum(self.sizes) - self.sizes)[twos]  # most buckets, and they need no arithmetic
        couples = _codes(self.members[firsts], self.members[firsts + 1])
        rest = self.select(~twos)
        starts = np.repeat(np.cumsum(rest.sizes) - rest.sizes, rest.sizes)
        before = np.minimum(np.arange(len(rest.members)) - starts, leaders)
        others = _codes(rest.members[ranges(starts, before)], np.repeat(rest.members, before))
        return distinct(np.concatenate([couples, others]))


def _codes(left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.uint64]:
    return left.astype(np.uint64) << _HALF | right.astype(np.uint64)


def unpack(codes: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Split pair codes into the two texts, the one of higher priority first."""
    return (codes >> _HALF).astype(np.int64), (codes & LOW).astype(np.int64)


def bucket(keys: NDArray[np.uint64]) -> Buckets:
    """Gather the texts that share a key in some band.

    Parameters
    ----------
    keys : (bands, n_texts) uint64
        Of which the upper half counts: two texts share half a key by chance once in 4 billion, and are compared then.
    """
    texts = np.arange(keys.shape[1], dtype=np.uint64)
    return gathered([grouped(packed(band, texts)) for band in keys])


def packed(keys: NDArray[np.uint64], texts: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Put each text below the upper half of its key: (n,) uint64, ascending, so that equal keys lie side by side.

    Sorting plain integers is faster than sorting places by key, and keeps the order of texts. How much of a key
    counts does not depend on the pool, so that a text added or removed changes nothing between the others.
    """
    both = (keys & HIGH) | texts
    both.sort()
    return both


def grouped(pairs: NDArray[np.uint64]) -> Buckets:
    """Gather the texts of one band that share a key, given as `packed` has them."""
    keys = pairs >> _HALF
    starts = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]])[: len(keys)])
    sizes = np.diff(starts, append=len(keys))
    shared = sizes > 1
    return Buckets((pairs[np.repeat(shared, sizes)] & LOW).astype(np.int64), sizes[shared])


def gathered(bands: list[Buckets]) -> Buckets:
    """Put the buckets of several bands together."""
    members = np.concatenate([band.members for band in bands])
    return Buckets(members, np.concatenate([band.sizes for band in bands]))
