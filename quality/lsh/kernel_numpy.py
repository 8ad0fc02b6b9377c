"""The heavy loops of the near-duplicate search in numpy, over blocks that stay in a core's cache."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

# An odd 64-bit number: its powers weigh the bytes of a word by their place in it. It has an inverse modulo 2⁶⁴.
BYTE_WEIGHT = 0xD6E8FEB86659FD93
_INVERSE = pow(BYTE_WEIGHT, -1, 1 << 64)
_BLOCK_BYTES = 1 << 17
# One 64-bit integer holds the owner (a pair or a text, 12 bits) above a shingle (52 bits), so a plain sort
# groups and orders at once.
OWNER_BITS = 12
OWNERS = 1 << OWNER_BITS
SHINGLE_BITS = np.uint64(64 - OWNER_BITS)


def hash_words(codes: bytes, ends: NDArray[np.int64]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Hash each run of bytes that are not zero: Σ byte · weightᵖˡᵃᶜᵉ modulo 2⁶⁴.

    Parameters
    ----------
    codes : bytes
        Texts one after another, a zero after each but the last.
    ends : (n_texts,) int64
        Where each text ends: the place of its zero.

    Returns
    -------
    hashes : (n_words,) uint64
        Text after text. Two words out of a million collide with probability 3e-8.
    counts : (n_texts,) int64
        Words per text.
    """
    flat = np.frombuffer(codes, np.uint8)
    hashes, places = [np.empty(0, np.uint64)], [np.empty(0, np.int64)]
    start = 0
    while start < len(codes):
        # A block ends between two words, so that memory follows the longest word, not the longest text.
        gap = codes.find(0, start + _BLOCK_BYTES)
        end = len(codes) if gap < 0 else gap
        part, firsts = _hash_block(flat[start:end])
        hashes.append(part)
        places.append(firsts + start)
        start = end + 1
    firsts = np.concatenate(places)
    return np.concatenate(hashes), np.diff(np.searchsorted(firsts, ends), prepend=0)


def minima(
    values: NDArray[np.uint64],
    starts: NDArray[np.int64],
    lengths: NDArray[np.int64],
    factors: NDArray[np.uint32],
    shifts: NDArray[np.uint32],
) -> NDArray[np.uint32]:
    """Find the least of factor · value + shift (modulo 2³²) over each text's values, for each permutation.

    Parameters
    ----------
    values : (n_values,) uint64
        Hashes, of which the upper half is used: it is itself a good hash, and 32-bit lanes are twice as fast.
    starts, lengths : (n_texts,) int64
        Text `i` is `values[starts[i]:starts[i] + lengths[i]]`. Texts of like length cost least.
    factors, shifts : (n_permutations,) uint32
        The permutations; factors are odd.

    Returns
    -------
    (n_permutations, n_texts) uint32
    """
    # One column per text, its last value repeated to the length of the longest: repeats leave a minimum as it is,
    # and a minimum over rows runs over all texts at once.
    rows = np.arange(lengths.max(initial=0))[:, None]
    padded = (values[starts + np.minimum(rows, lengths - 1)] >> np.uint64(32)).astype(np.uint32)
    permuted = np.empty_like(padded)
    least = np.empty((len(factors), len(starts)), np.uint32)
    for factor, shift, row in zip(factors, shifts, least, strict=True):
        np.multiply(padded, factor, out=permuted)
        np.add(permuted, shift, out=permuted)
        np.minimum.reduce(permuted, axis=0, out=row)
    return least


def count_shared(
    values: NDArray[np.uint64], offsets: NDArray[np.int64], left: NDArray[np.int64], right: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Count what the two sets of each pair have in common.

    Parameters
    ----------
    values : (n_values,) uint64
        Set after set, each ascending and distinct, below 2⁵².
    offsets : (n_sets + 1,) int64
        Set `i` is `values[offsets[i]:offsets[i + 1]]`.
    left, right : (n_pairs,) int64
        At most `OWNERS` pairs of sets.

    Returns
    -------
    (n_pairs,) int64
    """
    both = np.concatenate([left, right])
    lengths = offsets[both + 1] - offsets[both]
    firsts = np.cumsum(lengths) - lengths
    keyed = values[np.arange(lengths.sum()) + np.repeat(offsets[both] - firsts, lengths)]
    owners = np.tile(np.arange(len(left), dtype=np.uint64), 2)
    keyed |= np.repeat(owners << SHINGLE_BITS, lengths)
    # What both hold stands twice, side by side, once sorted.
    keyed.sort()
    twice = keyed[1:][keyed[1:] == keyed[:-1]] >> SHINGLE_BITS
    return np.bincount(twice.astype(np.int64), minlength=len(left))


def _hash_block(codes: NDArray[np.uint8]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Hash the words of a block; return where each begins, too."""
    inside = np.zeros(len(codes) + 1, np.bool_)
    np.not_equal(codes, 0, out=inside[1:])
    firsts = np.flatnonzero(inside[1:] > inside[:-1])
    if not len(firsts):
        return np.empty(0, np.uint64), firsts
    size = max(1 << len(codes).bit_length(), 2 * _BLOCK_BYTES)  # one table serves almost every block
    # Bytes are weighed by their place in the block, and each word's sum is brought back to its own beginning. The
    # zeros between words add nothing.
    weighed = codes.astype(np.uint64)
    weighed *= _powers(BYTE_WEIGHT, size)[: len(codes)]
    hashes = np.add.reduceat(weighed, firsts)
    hashes *= _powers(_INVERSE, size)[firsts]
    return hashes, firsts


@lru_cache(maxsize=4)
def _powers(base: int, count: int) -> NDArray[np.uint64]:
    """1, base, base² … modulo 2⁶⁴."""
    powers = np.full(count, base, np.uint64)
    powers[0] = 1
    return np.multiply.accumulate(powers)
