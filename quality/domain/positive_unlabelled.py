"""Learning a domain from examples of it and a pool that mixes it with everything else.

Each seed takes its turn as a *spy*: hidden among the pool's rows while a classifier is trained on the other
seeds, and treated there exactly as a pool row is. So a spy's score is distributed as that of a domain row of
the pool, whatever the share of the domain: a threshold that keeps 95% of the spies keeps about 95% of the
domain even if the whole pool is domain. (Seeds held out but *not* hidden in the pool lose this property once
pool rows are relabelled: the classifier has seen the pool's rows, and not them.)

Rows are relabelled by how high the spies of the *other* classifiers stand there. So every seed but a classifier's own
spies tells of every classifier, and no seed is spent on that alone: of twelve seeds there would be two to tell by.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from quality.domain.chances import Scores, domain_chances
from quality.domain.regressions import PENALTY, regress
from quality.drawing import drawn

Matrix = npt.NDArray[np.float32]
Labels = npt.NDArray[np.bool_]

# A pool row that points where a seed does is that seed: it would tell the classifier about its own spy.
TWIN_COSINE = 0.9999
_BLOCK_ROWS = 1024
# How often rows are weighed anew. On 33 mixtures of 11 corpora and three pools (4 to 40%) the mean of the best F1 that
# any threshold reaches is .940, .947, .949 after two, three and five with 12 seeds, .965, .964, .964 with 64.
REFITS = 3
# Share of the positive class that seeds weigh together beside the rows that are likely of the domain. Of .15, .3 and
# .5, on the same: .946, .947, .946 with 12 seeds, .964 for each with 64.
SEED_SHARE = 0.3
# Penalty of the first fit, times the seeds: few seeds point the way less surely, and a heavier penalty leaves the
# classifier nearer to their mean. Beside an even penalty, on the same: .937 to .922 with 8 seeds, and of F1
# at the threshold set .920 to .909 with 12.
FIRST_PENALTY = 0.064
FOLDS = 5
MIN_NEGATIVES = 10
# Share of the negative class that known negatives weigh together, however few they are among a pool's rows.
KNOWN_SHARE = 0.3
# What a row is to a classifier.
UNLABELLED, SPY, TEACHER, KNOWN = np.arange(4, dtype=np.int8)


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
    """Score pool rows and seeds by logistic regression, refitted to rows that weigh as much as their scores are sure.

    In each fold most seeds teach a classifier, and the spies wait among the pool's rows. Where the spies of the other
    folds stand among the pool's rows makes chances of scores; its own spies have no say in a fold, because chances
    told by a spy would spare that spy. A row is then labelled as what it likely is, and weighs as much as that is
    sure: rows in between weigh little, but those much like the seeds that are likely something else teach the
    difference, which they could not were only the surest rows of either side relabelled.

    Parameters
    ----------
    pool
        (n, dim) float32.
    seeds
        (k, dim) float32, k ≥ 5 (`FOLDS`), so that each classifier has a judge; no twins.
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
    units, found = directions(others).T, np.empty((len(rows), len(others)), np.bool_)
    # A pool's rows are not copied to be brought to length 1: the products of a block stay in a core's cache.
    for start in range(0, len(rows), _BLOCK_ROWS):
        block = rows[start : start + _BLOCK_ROWS]
        lengths = np.sqrt(np.einsum("nd,nd->n", block, block))
        least = TWIN_COSINE * np.maximum(lengths, np.finfo(np.float32).tiny)
        np.greater(block @ units, least[:, None], out=found[start : start + _BLOCK_ROWS])
    return found


def _dealt(count: int, repeats: int, random: np.random.Generator) -> npt.NDArray[np.int8]:
    """Deal parts to seeds, a fold for each model: (k, models) int8. Each seed is a spy in one fold of each repeat."""
    folds = [random.permutation(np.arange(count) % FOLDS) for _ in range(repeats)]
    turns = np.concatenate([(fold[:, None] - np.arange(FOLDS)) % FOLDS for fold in folds], axis=1)
    return np.where(turns == 0, SPY, TEACHER)


def _fitted(background: Matrix, seeds: Matrix, known: Matrix, parts: npt.NDArray[np.int8]) -> Scores:
    """Fit a classifier for each way to deal the parts: (dim + 1, models) float64, the last row their biases."""
    rows = np.concatenate([background, seeds, known])
    rows = np.concatenate([rows, np.ones((len(rows), 1), np.float32)], axis=1)
    part = np.full((len(rows), parts.shape[1]), UNLABELLED)
    part[len(background) :][: len(seeds)] = parts
    part[len(rows) - len(known) :] = KNOWN
    hidden, taught = np.isin(part, (UNLABELLED, SPY)), _even(part == TEACHER)
    first = max(PENALTY, FIRST_PENALTY / len(seeds))
    models = _regress(rows, taught, _even(hidden), part == KNOWN, None, first)
    going = np.ones(parts.shape[1], dtype=bool)
    for _ in range(REFITS if len(background) else 0):
        sure = _sureness(rows @ models.astype(np.float32), hidden, parts == SPY, len(background))
        going &= (sure < 0).sum(axis=0) >= MIN_NEGATIVES
        if not going.any():
            break
        likely, other = _whole(np.maximum(sure, 0)), _whole(np.maximum(-sure, 0))
        ours, on = _whole(SEED_SHARE * taught + (1 - SEED_SHARE) * likely), np.flatnonzero(going)
        models[:, on] = _regress(rows, ours[:, on], other[:, on], (part == KNOWN)[:, on], models[:, on], PENALTY)
    return models


def _sureness(scores: Matrix, hidden: Labels, spies: Labels, background: int) -> Matrix:
    """Chance of domain less chance of anything else, from -1 to 1; 0 for rows that aren't hidden.

    `scores` (n, m) of all rows, the background first and the seeds behind it; `spies` (k, m) is where each is a spy.
    """
    of_pool = np.sort(scores[:background], axis=0)
    of_seeds = scores[background:][: len(spies)]
    places = _places(of_pool, of_seeds, spies)
    sure = np.zeros(scores.shape, np.float32)
    for at in range(scores.shape[1]):
        others = np.interp(places[~spies[:, at]], np.arange(background), of_pool[:, at])
        sure[hidden[:, at], at] = 2 * domain_chances(scores[hidden[:, at], at].astype(np.float64), others) - 1
    return sure


def _places(of_pool: Matrix, of_seeds: Matrix, spies: Labels) -> Scores:
    """(k,) places of the spies among the ascending scores of a pool, by log-odds the mean of the models they are in."""
    count = len(of_pool)
    below = np.stack([np.searchsorted(pool, seeds) for pool, seeds in zip(of_pool.T, of_seeds.T, strict=True)], axis=1)
    log_odds = np.where(spies, np.log((below + 0.5) / (count - below + 0.5)), 0).sum(axis=1) / spies.sum(axis=1)
    places: Scores = (count + 1) / (1 + np.exp(-log_odds)) - 1
    return places


def _even(labels: Labels) -> Matrix:
    return _whole(labels.astype(np.float32))


def _whole(weights: Matrix) -> Matrix:
    """Scale weights so that each column sums to 1, or to 0."""
    whole: Matrix = weights / np.maximum(weights.sum(axis=0), np.finfo(np.float32).tiny)
    return whole


def _scores(rows: Matrix, weights: Matrix, bias: Matrix) -> Scores:
    """Return log-odds; in doubles the rows would be copied, which takes longer than the product."""
    return (rows @ weights).astype(np.float64) + bias


def _regress(
    rows: Matrix, positives: Matrix, negatives: Matrix, known: Labels, start: Scores | None, penalty: float
) -> Scores:
    """Fit regressions in each of which both classes weigh the same; rows that weigh nothing are left out."""
    share = KNOWN_SHARE if known.any() else 0.0
    weights = 0.5 * (positives + (1 - share) * negatives + share * _even(known))
    begin = np.zeros((rows.shape[1], positives.shape[1])) if start is None else start
    return regress(rows, positives > 0, weights.astype(np.float32), begin, penalty)


def directions(rows: Matrix) -> Matrix:
    """(n, dim) unit vectors that point where the rows do; a zero stays zero."""
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    units: Matrix = rows / np.maximum(norms, np.finfo(np.float32).tiny)
    return units
