"""MinHash signatures folded into one key per band: equal keys make two texts candidates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from quality.lsh import kernel_numpy
from quality.lsh.shingles import mix
from quality.side_by_side import side_by_side
from quality.texts.ragged import runs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quality.lsh.kernels import Kernel
    from quality.lsh.shingles import Shingles

# A block's shingles and their permuted copy (4 bytes each) stay in a core's level-2 cache.
_BLOCK_SHINGLES = 1 << 16
# The permutations are part of the method, like the hash: one fixed seed, so that results never move.
_SEED = 0x77696E6E6F77


def band_keys(
    shingles: Shingles, bands: int, rows: int, threads: int, kernel: Kernel = kernel_numpy
) -> NDArray[np.uint64]:
    """Sign every text with `bands` × `rows` minima and fold each band's minima into one key.

    Two texts of Jaccard similarity J share at least one key with probability 1 − (1 − J^rows)^bands.

    Parameters
    ----------
    shingles : Shingles
        The texts.
    bands, rows : int
        Number of keys per text; minima per key.
    threads : int
        Worker threads (these loops release the interpreter lock).
    kernel : Kernel
        Who finds the minima; it makes no difference to the result.

    Returns
    -------
    (bands, n_texts) uint64
    """
    keys = np.empty((bands, len(shingles)), np.uint64)
    lengths = shingles.lengths
    factors, shifts = _permutations(bands * rows)

    # Blocks of texts of like length: numpy pads the texts of a block to the longest.
    by_length = np.argsort(lengths, kind="stable")

    def sign(block: tuple[int, int]) -> None:
        texts = by_length[slice(*block)]
        least = kernel.minima(shingles.values, shingles.starts[texts], lengths[texts], factors, shifts)
        least = least.reshape(bands, rows, len(texts))
        key = np.repeat(np.arange(bands, dtype=np.uint64)[:, None], len(texts), axis=1)
        for row in range(rows):
            key ^= least[:, row]
            key = mix(key)
        keys[:, texts] = key

    side_by_side(sign, runs(lengths[by_length], _BLOCK_SHINGLES), threads)
    return keys


def _permutations(count: int) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Draw x → a·x + b (mod 2³², a odd) for each hash from a counter: the same in every numpy version."""
    draws = mix(np.arange(2 * count, dtype=np.uint64) + np.uint64(_SEED))
    high = (draws >> np.uint64(32)).astype(np.uint32)
    return high[:count] | np.uint32(1), high[count:]
