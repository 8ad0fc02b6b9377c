"""Rows of a pool that can stand in for seeds written in another manner than the pool.

The mean of the seeds is about the domain whatever their manner, and cosine to it ranks the pool well, though not
finely. Unlike a classifier of seeds against pool it does not mind if most of the pool is domain: then what sets
seeds apart from the pool is little but their manner. So this ranking only names rows; a classifier trained on
these, which are of the pool, draws the line.
"""

import numpy as np
import numpy.typing as npt

from quality.domain.chances import Scores
from quality.domain.positive_unlabelled import Matrix

# Share of the variance explained by cutting in two from which there are two heaps: 2/π = .64 for a normal
# distribution, .75 for a uniform one.
TWO_HEAPS = 0.8
# Of the test that tells seeds from rows near them: fewest rows on each side, near rows per seed at the most, and the
# inverse strength of the L2 penalty.
_FEWEST = 8
_MOST_PER_SEED = 3
_PENALTY = 3.0


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


def told_apart(seeds: Matrix, near: Matrix) -> float:
    """Measure how well a classifier tells seeds from rows that are taken to be of their domain.

    A two-sample test by classification (Lopez-Paz and Oquab 2017): were both written in one way, no classifier could.

    Parameters
    ----------
    seeds, near
        (k, d) and (n, d) float32, words used (`quality.domain.lexical`).

    Returns
    -------
    float
        Cross-validated area under the ROC curve: 1 where all are told apart, about 0.5 where none are, and where
        either side has fewer than 8 rows.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    if min(len(seeds), len(near)) < _FEWEST or not seeds.shape[1]:
        return 0.5
    near = near[np.random.default_rng(0).permutation(len(near))[: _MOST_PER_SEED * len(seeds)]]
    rows = np.concatenate([seeds, near])
    labels = np.arange(len(rows)) < len(seeds)
    model = LogisticRegression(C=_PENALTY, class_weight="balanced", max_iter=300)
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    scores = cross_val_predict(model, rows, labels, cv=folds, method="decision_function")
    return float(roc_auc_score(labels, scores))


def likeness_of_means(seeds: Matrix, rows: Matrix) -> float:
    """Compare what seeds and rows are about as a whole: the cosine of their means, were the seeds many.

    The mean of few seeds is off by chance, which lowers its cosine to anything; the seeds' likeness to each other
    tells by how much (Spearman's correction for attenuation, 1904).

    Parameters
    ----------
    seeds, rows
        (k, dim) and (n, dim) float32, unit vectors.

    Returns
    -------
    float
        At most 1; 0 without rows, or where the seeds have nothing in common.
    """
    if not len(rows) or len(seeds) < 2:
        return 0.0
    middle, other = seeds.mean(axis=0, dtype=np.float64), rows.mean(axis=0, dtype=np.float64)
    length = float(middle @ middle)
    in_common = (len(seeds) * length - 1) / (len(seeds) - 1)  # mean cosine of two seeds
    if in_common <= 0:
        return 0.0
    return min(1.0, float(_unit(middle) @ _unit(other)) / float(np.sqrt(in_common / length)))


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
