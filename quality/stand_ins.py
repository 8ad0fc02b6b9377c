"""Rows of a pool that can stand in for seeds written in another manner than the pool.

The mean of the seeds is about the domain whatever their manner, and cosine to it ranks the pool well, though not
finely. Unlike a classifier of seeds against pool it does not mind if most of the pool is domain: then what sets
seeds apart from the pool is little but their manner. So this ranking only names rows; a classifier trained on
these, which are of the pool, draws the line.
"""

import numpy as np
import numpy.typing as npt

from quality.positive_unlabelled import Matrix, Scores

# Share of the variance explained by cutting in two from which there are two heaps: 2/π = .64 for a normal
# distribution, .75 for a uniform one.
TWO_HEAPS = 0.8


def nearest_to_seeds(pool: Matrix, seeds: Matrix) -> npt.NDArray[np.int64]:
    """Find rows that are surely of the seeds' domain, by cosine to the mean of the seeds.

    They are the upper of two heaps if the cosines fall into two, else the rows nearer than half the seeds are (each
    to the mean of the others).

    Parameters
    ----------
    pool
        (n, dim) float32, unit vectors.
    seeds
        (k, dim) float32, unit vectors, k ≥ 2.

    Returns
    -------
    np.ndarray
        Positions in the pool, ascending; empty if no row is near.
    """
    total = seeds.sum(axis=0, dtype=np.float64)
    near = pool @ _unit(total)
    own = np.einsum("kd,kd->k", seeds, _unit(total - seeds))
    above, explained = cut_in_two(near)
    heap = np.argsort(-near, kind="stable")[:above]
    # Two heaps of other domains are no evidence: the upper one must lie among the seeds.
    if explained >= TWO_HEAPS and np.median(near[heap]) >= own.min():
        return np.sort(heap)
    return np.flatnonzero(near >= np.median(own))


def cut_in_two(values: Scores | Matrix) -> tuple[int, float]:
    """Cut values into two parts of least variance (Otsu 1979).

    Returns
    -------
    tuple of int and float
        How many values lie above the cut, and the share of the variance that the cut explains (0 to 1).
    """
    ordered = np.sort(values.astype(np.float64))[::-1]
    if len(ordered) < 2 or ordered[0] == ordered[-1]:
        return len(ordered), 0.0
    above = np.arange(1, len(ordered))
    below = len(ordered) - above
    sums = np.cumsum(ordered)[:-1]
    between = above * below * (sums / above - (ordered.sum() - sums) / below) ** 2 / len(ordered) ** 2
    cut = int(np.argmax(between))
    return cut + 1, float(between[cut] / ordered.var())


def _unit(vectors: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    norms: npt.NDArray[np.float64] = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return vectors / np.maximum(norms, np.finfo(np.float64).tiny)
