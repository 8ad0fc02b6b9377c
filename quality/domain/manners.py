"""Seeds written in a manner of their own, held against the pool without it.

Seeds by one hand lie to one side of the pool's rows about the same: an embedding tells manner beside meaning, and a
classifier of seeds against pool learns little else. The difference between the mean of the seeds and that of the rows
nearest to each of them is mostly that side. Without that direction seeds lie among the rows they are about (as in
removing what is common to vectors of words: Mu and Viswanath 2018, "All-but-the-top").
"""

import numpy as np
import numpy.typing as npt

from quality.domain.positive_unlabelled import Matrix, directions

# Rows held against each seed.
NEAREST = 3


def manner_of(pool: Matrix, seeds: Matrix) -> Matrix:
    """Find the direction in which the seeds differ from the rows nearest to each.

    Parameters
    ----------
    pool, seeds
        (n, dim) and (k, dim) float32, unit vectors; n ≥ 1.

    Returns
    -------
    np.ndarray
        (dim,) float32, a unit vector.
    """
    apart = seeds.mean(axis=0) - pool[_nearest_to_each(pool, seeds)].mean(axis=0)
    manner: Matrix = directions(apart[None])[0]
    return manner


def without(rows: Matrix, manner: Matrix) -> Matrix:
    """Return the rows, (n, dim), as unit vectors that have no part in that direction."""
    part = np.outer(rows @ manner, manner)
    return directions(np.subtract(rows, part, out=part))


def _nearest_to_each(pool: Matrix, seeds: Matrix) -> npt.NDArray[np.int64]:
    most = min(NEAREST, len(pool))
    near = [np.argpartition(pool @ seed, len(pool) - most)[-most:] for seed in seeds]
    return np.unique(np.concatenate(near))
