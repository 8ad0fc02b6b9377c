"""MinHash signatures in numpy, folded into one key per band: equal keys make two texts candidates."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np

from quality.ragged import runs
from quality.shingles import mix

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quality.shingles import Shingles

# A block's shingles and their permuted copy (4 bytes each) stay in a core's level-2 cache.
_BLOCK_SHINGLES = 1 << 16
# The permutations are part of the method, like the hash: one fixed seed, so that results never move.
_SEED = 0x77696E6E6F77


def band_keys(shingles: Shingles, bands: int, rows: int, threads: int) -> NDArray[np.uint64]:
    """Sign every text with `bands` × `rows` minima and fold each band's minima into one key.

    Two texts of Jaccard similarity J share at least one key with probability 1 − (1 − J^rows)^bands.

    Parameters
    ----------
    shingles : Shingles
        The texts.
    bands, rows : int
        Number of keys per text; minima per key.
    threads : int
        Worker threads (numpy releases the interpreter lock in these loops).

    Returns
    -------
    (bands, n_texts) uint64
    """
    keys = np.empty((bands, len(shingles)), np.uint64)
    factors, shifts = _permutations(bands * rows)

    def sign(block: tuple[int, int]) -> None:
        start, end = block
        offsets = shingles.offsets[start : end + 1]
        # The upper half of a 64-bit hash is itself a good hash, and 32-bit lanes are twice as fast.
        values = (shingles.values[offsets[0] : offsets[-1]] >> np.uint64(32)).astype(np.uint32)
        permuted = np.empty_like(values)
        for band in range(bands):
            key = np.full(end - start, band, np.uint64)
            for hash_ in range(band * rows, (band + 1) * rows):
                np.multiply(values, factors[hash_], out=permuted)
                np.add(permuted, shifts[hash_], out=permuted)
                key ^= np.minimum.reduceat(permuted, offsets[:-1] - offsets[0])
                key = mix(key)
            keys[band, start:end] = key

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(sign, runs(shingles.lengths, _BLOCK_SHINGLES)))
    return keys


def _permutations(count: int) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Draw x → a·x + b (mod 2³², a odd) for each hash from a counter: the same in every numpy version."""
    draws = mix(np.arange(2 * count, dtype=np.uint64) + np.uint64(_SEED))
    high = (draws >> np.uint64(32)).astype(np.uint32)
    return high[:count] | np.uint32(1), high[count:]
