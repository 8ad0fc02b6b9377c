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

from quality.domain.regressions import regress
from quality.drawing import drawn

Matrix = npt.NDArray[np.float32]
Scores = npt.NDArray[np.float64]
Labels = npt.NDArray[np.bool_]

# A pool row that points where a seed does is that seed: it would tell the classifier about its own spy.
TWIN_COSINE = 0.9999
# Rows above this quantile of the judges' scores are relabelled as domain, those below every judge as not.
DOMAIN_QUANTILE = 0.3
REFITS = 2
FOLDS = 5
MIN_NEGATIVES = 10
# Share of the negative class that known negatives weigh together, however few they are among a pool's rows.
KNOWN_SHARE = 0.3
# What a row is to a classifier.
UNLABELLED, SPY, JUDGE, TEACHER, KNOWN = np.arange(5, dtype=np.int8)


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
    own = np.flatnonzero(~twins(pool, seeds).any(axis=1))
    background = pool[own[drawn(keys[own], max_background, random_seed)]]
    parts = _dealt(len(seeds), repeats, np.random.default_rng(random_seed))
    models = _fitted(background, seeds, known, parts).astype(np.float32)
    weights, bias = models[:-1], models[-1]
    seed_scores = np.where(parts == SPY, _scores(seeds, weights, bias), 0).sum(axis=1) / repeats
    # A mean of sums is a sum of means.
    return SpyScores(_scores(pool, weights.mean(axis=1), bias.mean()), seed_scores)


def twins(rows: Matrix, others: Matrix) -> npt.NDArray[np.bool_]:
    """(n, k) bool: which rows and others point the same way."""
    return _directions(rows) @ _directions(others).T > TWIN_COSINE


def _dealt(count: int, repeats: int, random: np.random.Generator) -> npt.NDArray[np.int8]:
    """Deal parts to seeds, a fold for each model: (k, models) int8. Each seed is a spy in one fold of each repeat."""
    folds = [random.permutation(np.arange(count) % FOLDS) for _ in range(repeats)]
    turns = np.concatenate([(fold[:, None] - np.arange(FOLDS)) % FOLDS for fold in folds], axis=1)
    return np.where(turns == 0, SPY, np.where(turns == 1, JUDGE, TEACHER)).astype(np.int8)


def _fitted(background: Matrix, seeds: Matrix, known: Matrix, parts: npt.NDArray[np.int8]) -> Scores:
    """Fit a classifier for each way to deal the parts: (dim + 1, models) float64, the last row their biases."""
    rows = np.concatenate([background, seeds, known])
    rows = np.concatenate([rows, np.ones((len(rows), 1), np.float32)], axis=1)
    part = np.full((len(rows), parts.shape[1]), UNLABELLED)
    part[len(background) :][: len(seeds)] = parts
    part[len(rows) - len(known) :] = KNOWN
    models = _regress(rows, part == TEACHER, np.isin(part, (UNLABELLED, SPY, JUDGE)), part == KNOWN, None)
    hidden, going = np.isin(part, (UNLABELLED, SPY)), np.ones(parts.shape[1], dtype=bool)
    for _ in range(REFITS):
        scores = rows @ models.astype(np.float32)
        marks = [scores[part[:, at] == JUDGE, at] for at in range(parts.shape[1])]
        domain = hidden & (scores >= [np.quantile(each, DOMAIN_QUANTILE) for each in marks])
        other = hidden & (scores < [each.min() for each in marks])
        going &= other.sum(axis=0) >= MIN_NEGATIVES
        if not going.any():
            break
        ours = domain | np.isin(part, (TEACHER, JUDGE))
        models[:, going] = _regress(rows, ours[:, going], other[:, going], (part == KNOWN)[:, going], models[:, going])
    return models


def _scores(rows: Matrix, weights: Matrix, bias: Matrix) -> Scores:
    """Return log-odds; in doubles the rows would be copied, which takes longer than the product."""
    return (rows @ weights).astype(np.float64) + bias


def _regress(rows: Matrix, positives: Labels, negatives: Labels, known: Labels, start: Scores | None) -> Scores:
    """Fit regressions in each of which both classes weigh the same; rows of no class are left out."""
    share = KNOWN_SHARE if known.any() else 0.0
    weights = np.zeros(positives.shape, np.float32)
    for side, of in ((positives, 0.5), (negatives, 0.5 * (1 - share)), (known, 0.5 * share)):
        weights += side * (of / np.maximum(side.sum(axis=0), 1)).astype(np.float32)
    begin = np.zeros((rows.shape[1], positives.shape[1])) if start is None else start
    return regress(rows, positives, weights, begin)


def _directions(rows: Matrix) -> Matrix:
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    directions: Matrix = rows / np.maximum(norms, np.finfo(np.float32).tiny)
    return directions
