"""Slices: clusters of rows that are about one thing, to be left out one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_STARTS = 4


def slices(vectors: NDArray[np.float32], count: int, seed: int = 0) -> NDArray[np.uint32]:
    """Cluster rows by k-means on their embeddings.

    Parameters
    ----------
    vectors : (n, dim) float32
        Embeddings of length 1, in an order that the rows themselves give, so that the same rows make the same slices.
    count : int
        Slices wanted; fewer where there are fewer rows, or fewer that differ.
    seed : int
        Another seed, other slices.

    Returns
    -------
    (n,) uint32
        The slice of each row, the largest slice 0; none of those up to the last is empty.
    """
    from sklearn.cluster import KMeans

    if count >= len(vectors):
        return np.arange(len(vectors), dtype=np.uint32)
    found = KMeans(count, n_init=_STARTS, random_state=seed).fit_predict(vectors)
    by_size = np.argsort(-np.bincount(found, minlength=count), kind="stable")
    place = np.empty(count, np.uint32)
    place[by_size] = np.arange(count, dtype=np.uint32)
    labels: NDArray[np.uint32] = place[found]
    return labels
