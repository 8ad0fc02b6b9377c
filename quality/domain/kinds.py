"""A kind of the domain that the line leaves out.

Who gives fifty-six rows of abstracts and eight of a handbook means both. Scored together the eight lie lowest, and a
line that may lose a fifth of the seeds loses all of them, and with them every row of their kind. Odd seeds lie as low,
but they are not alike.

So seeds are parted in two, from those below the line and those above it. Where one part lost far more of its seeds than
chance would, it is a kind of its own, and rows are scored by it alone. How many rows it has in the pool is told by the
share of its seeds: were it far more, they would not tell their kind from what lies around it.
"""

from dataclasses import replace
from math import comb

import numpy as np

from quality.domain.chances import estimate_prevalence
from quality.domain.estimates import DomainScores, estimate_auc
from quality.domain.positive_unlabelled import FOLDS, Labels, Matrix, directions

# What makes a part of the seeds a kind: a share of the lost ones in it that chance hardly gives, and how many of it
# have their nearest seed in it. And how many times as many rows as the share of its seeds says a kind may find.
# Measured on 272 mixtures of 32 corpora, of one kind and of two: 26 keep a kind so, and gain .015 of F1 in the mean
# (-.024 to .073); of one kind none does that is 2% of its pool or more. 19 parts that would have found 6.9 and more
# times as many rows would have cost .28 to .74. More than a quarter of the seeds are no odd ones that a line may leave
# out.
UNLIKELY = 0.05
ALIKE = 0.6
LARGEST = 0.25
MOST_TIMES = 3.0
_MOST_ROUNDS = 30


def parted(rows: Matrix, part: Labels) -> Labels:
    """Part rows in two by the mean that they are nearest to, by cosine (spherical k-means, Dhillon and Modha 2001).

    Parameters
    ----------
    rows
        (k, d) float32.
    part
        (k,) bool, a first guess.

    Returns
    -------
    np.ndarray
        (k,) bool; the guess as it is where either part holds no row.
    """
    units = directions(rows)
    for _ in range(_MOST_ROUNDS):
        if part.all() or not part.any():
            break
        means = directions(np.stack([units[~part].mean(axis=0), units[part].mean(axis=0)]))
        nearer = np.argmax(units @ means.T, axis=1) == 1
        if (nearer == part).all():
            break
        part = nearer
    return part


def lost_kind(seeds: Matrix, lost: Labels) -> Labels | None:
    """Find the part of the seeds that the line leaves out as a kind.

    Parameters
    ----------
    seeds
        (k, d) float32, what they are told apart by.
    lost
        (k,) bool, the seeds below the line.

    Returns
    -------
    np.ndarray or None
        (k,) bool; None where the lost seeds are odd ones, or too few to be scored by.
    """
    part = parted(seeds, lost)
    if not FOLDS <= part.sum() <= LARGEST * len(part):
        return None
    chance = _chance(len(seeds), int(lost.sum()), int(part.sum()), int((part & lost).sum()))
    return part if chance < UNLIKELY and _likeness(seeds, part) >= ALIKE else None


def _likeness(seeds: Matrix, part: Labels) -> float:
    """Share of the part whose nearest seed, by cosine, is of the part."""
    cosines = directions(seeds[part]) @ directions(seeds).T
    cosines[np.arange(len(cosines)), np.flatnonzero(part)] = -np.inf
    return float(part[cosines.argmax(axis=1)].mean())


def _chance(seeds: int, lost: int, part: int, both: int) -> float:
    """Tell how likely at least as many of the lost would be in that part by chance (Fisher's exact test, one-sided)."""
    ways = sum(comb(part, i) * comb(seeds - part, lost - i) for i in range(both, min(part, lost) + 1))
    return ways / comb(seeds, lost)


def joined(found: DomainScores, alone: DomainScores, part: Labels) -> DomainScores | None:
    """Keep rows of the lost kind beside those that were found, as many as its seeds say there are.

    Parameters
    ----------
    found
        Scored by all seeds.
    alone
        Scored by the seeds of the lost kind.
    part
        (k,) bool, these seeds.

    Returns
    -------
    DomainScores or None
        On the scale of what was found; None where the kind's seeds find far more rows than there can be.
    """
    lost = int((found.seed_scores < found.threshold).sum())
    expected = int(found.kept.sum() * lost / max(len(part) - lost, 1))
    fresh = np.sort(alone.scores[alone.kept & ~found.kept])[::-1]
    if not expected or len(fresh) > MOST_TIMES * expected:
        return None
    line = fresh[expected - 1] if len(fresh) > expected else alone.threshold
    shift = found.threshold - line
    seeds = found.seed_scores.copy()
    seeds[part] = np.maximum(seeds[part], alone.seed_scores + shift)
    scores = np.maximum(found.scores, alone.scores + shift)
    prevalence = estimate_prevalence(scores, seeds)
    auc = estimate_auc(scores, seeds, prevalence)
    both = replace(found, scores=scores, seed_scores=seeds, prevalence=prevalence, auc=auc)
    return both.at_threshold(found.threshold)
