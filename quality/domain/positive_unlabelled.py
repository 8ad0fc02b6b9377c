"""Learning a domain from examples of it and a pool that mixes it with everything else.

Each seed takes its turn as a *spy*: hidden among the pool's rows while a classifier is trained on the other
seeds, and treated there exactly as a pool row is. So a spy's score is distributed as that of a domain row of
the pool, whatever the share of the domain: a threshold that keeps 95% of the spies keeps about 95% of the
domain even if the whole pool is domain. (Seeds held out but *not* hidden in the pool lose this property once
pool rows are relabelled: the classifier has seen the pool's rows, and not them.)
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from quality.drawing import drawn

Matrix = npt.NDArray[np.float32]
Scores = npt.NDArray[np.float64]

# A pool row that points where a seed does is that seed: it would tell the classifier about its own spy.
TWIN_COSINE = 0.9999
# Rows above this quantile of the judges' scores are relabelled as domain, those below every judge as not.
DOMAIN_QUANTILE = 0.3
REFITS = 2
FOLDS = 5
# Inverse strength of the L2 penalty. On unit vectors 1 is strong, which is what a few dozen seeds need.
PENALTY = 1.0
MIN_NEGATIVES = 10
# Share of the negative class that known negatives weigh together, however few they are among a pool's rows.
KNOWN_SHARE = 0.3


@dataclass(frozen=True)
class SpyScores:
    """Scores on one scale: log-odds of domain, averaged over models.

    Attributes
    ----------
    pool
        (n,) float64.
    seeds
        (k,) float64, each from models in which that seed was a spy.
    """

    pool: Scores
    seeds: Scores


def spy_scores(
    pool: Matrix,
    seeds: Matrix,
    *,
    repeats: int,
    max_background: int,
    random_seed: int,
    keys: npt.NDArray[np.uint64],
    negatives: Matrix | None = None,
) -> SpyScores:
    """Score pool rows and seeds by logistic regression, confident relabelling and refits.

    In each fold the seeds play three parts: some train the first classifier, some (the judges) place the cuts
    for relabelling, and the spies wait among the pool's rows. Judges are apart from spies because a cut
    placed by a spy would spare that spy.

    Parameters
    ----------
    pool
        (n, dim) float32.
    seeds
        (k, dim) float32, k ≥ 3, no twins.
    repeats
        How many times the seeds are dealt anew into folds.
    max_background
        Pool rows that take part in fitting; all are scored.
    random_seed
        Deals the folds and draws the background.
    keys
        (n,) uint64, hashes of what the pool's rows say, by which the background is drawn (`quality.drawing`).
    negatives
        (m, dim) float32, rows known not to be of the domain.
    """
    known = pool[:0] if negatives is None else negatives
    random = np.random.default_rng(random_seed)
    own = np.flatnonzero(~twins(pool, seeds).any(axis=1))
    background = pool[own[drawn(keys[own], max_background, random_seed)]]
    models, seed_scores = [], np.zeros(len(seeds))
    for _ in range(repeats):
        fold = random.permutation(np.arange(len(seeds)) % FOLDS)
        for turn in range(FOLDS):
            spies, judges = fold == turn, fold == (turn + 1) % FOLDS
            weights, bias = _fit_one(background, seeds[~spies & ~judges], seeds[judges], seeds[spies], known)
            seed_scores[spies] += _scores(seeds[spies], weights, bias) / repeats
            models.append((weights, bias))
    weights, bias = (np.mean(part, axis=0) for part in zip(*models, strict=True))  # a mean of sums is a sum of means
    return SpyScores(_scores(pool, weights, bias), seed_scores)


def twins(rows: Matrix, others: Matrix) -> npt.NDArray[np.bool_]:
    """(n, k) bool: which rows and others point the same way."""
    return _directions(rows) @ _directions(others).T > TWIN_COSINE


def _fit_one(
    background: Matrix, teachers: Matrix, judges: Matrix, spies: Matrix, negatives: Matrix
) -> tuple[Scores, float]:
    unlabelled = np.concatenate([background, spies])
    seeds = np.concatenate([teachers, judges])
    weights, bias = _regress(teachers, np.concatenate([unlabelled, judges]), negatives)
    for _ in range(REFITS):
        scores, marks = _scores(unlabelled, weights, bias), _scores(judges, weights, bias)
        domain = scores >= np.quantile(marks, DOMAIN_QUANTILE)
        other = scores < marks.min()
        if other.sum() < MIN_NEGATIVES:
            break
        weights, bias = _regress(np.concatenate([seeds, unlabelled[domain]]), unlabelled[other], negatives)
    return weights, bias


def _scores(rows: Matrix, weights: Scores, bias: float) -> Scores:
    """Return log-odds; in doubles the rows would be copied, which takes longer than the product."""
    return (rows @ weights.astype(np.float32)).astype(np.float64) + bias


def _regress(positives: Matrix, negatives: Matrix, known: Matrix) -> tuple[Scores, float]:
    """Fit a logistic regression in which both classes weigh the same; return weights and bias."""
    from sklearn.linear_model import LogisticRegression

    rows = np.concatenate([positives, negatives, known])
    share = KNOWN_SHARE if len(known) else 0.0
    parts = ((positives, 1.0), (negatives, 1.0 - share), (known, share))
    weight = np.concatenate([np.full(len(part), len(rows) / 2 * of / max(len(part), 1)) for part, of in parts])
    model = LogisticRegression(C=PENALTY, max_iter=300, tol=1e-3)
    model.fit(rows, np.arange(len(rows)) < len(positives), sample_weight=weight)
    return model.coef_[0].astype(np.float64), float(model.intercept_[0])


def _directions(rows: Matrix) -> Matrix:
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    directions: Matrix = rows / np.maximum(norms, np.finfo(np.float32).tiny)
    return directions
