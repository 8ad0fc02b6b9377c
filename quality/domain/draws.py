"""Rows of the pool drawn as seeds: where there are none, or where they stand in for them."""

import numpy as np
import numpy.typing as npt

from quality.domain.estimates import DomainScores
from quality.domain.positive_unlabelled import Matrix, twins
from quality.domain.settings import Domain
from quality.domain.views import View, judged
from quality.drawing import drawn

MIN_SEEDS = 8
# How many rows are drawn, and how often anew: the first draws are of the surest rows, and what they find reaches a
# little further each time.
DRAWN_SEEDS = 128
DRAWS = 3
# A sentence's surest rows may be a corner of the domain, so rows are drawn more often, until what is kept stays as it
# is by this share of the rows kept by either draw. What has not settled after the most draws has no edge to come to
# rest at, and goes on into other subjects: then it is as after the usual draws. Measured on 20 mixtures of seven
# corpora, by four sentences: six find more (of grade-school mathematics .82 and .88 before, all after; of weaknesses of
# software .86 and .91 before, .95 and all after) with one stray more, and one of which 181 of 281 rows were strays is
# refused.
SETTLED = 0.99
MOST_DRAWS = 8


class SeedError(ValueError):
    """There are too few distinct seeds to learn a domain from, or they do not fit the pool."""


def judge_drawn(view: View, likely: npt.NDArray[np.int64], settings: Domain, most: int = DRAWS) -> DomainScores:
    """Score by rows drawn from the likely ones, then again by rows drawn from what these keep.

    Parameters
    ----------
    view
        What rows are told apart by.
    likely
        Positions in the pool, ascending or by likelihood; at least one.
    settings
        Of the domain.
    most
        Draws beyond the usual three are made until what is kept has settled, and count only if it has.

    Raises
    ------
    SeedError
        Fewer than 8 of the drawn rows are distinct.
    """
    usual = None
    for draw in range(most):
        before, chosen = likely, likely[drawn(view.keys[likely], DRAWN_SEEDS, settings.random_seed + draw)]
        found = judged(view, view.rows[chosen[distinct_seeds(view.meaning, view.meaning[chosen])]], settings)
        likely = np.flatnonzero(found.kept)
        if draw + 1 == DRAWS:
            usual = found
        if len(likely) < MIN_SEEDS:
            break
        if usual is not None and _alike(before, likely) >= SETTLED:
            return found
    return usual or found


def _alike(one: npt.NDArray[np.int64], other: npt.NDArray[np.int64]) -> float:
    """Jaccard's index of two sets of rows, neither of them empty."""
    return len(np.intersect1d(one, other)) / len(np.union1d(one, other))


def distinct_seeds(pool: Matrix, seeds: Matrix) -> npt.NDArray[np.int64]:
    """Return the places of seeds that say something no earlier one does.

    Raises
    ------
    SeedError
        Fewer than 8 do, or they and the pool's rows, (n, dim) float32, are vectors of different models.
    """
    if pool.ndim != 2 or seeds.ndim != 2 or pool.shape[1] != seeds.shape[1]:
        raise SeedError(
            f"Seeds and pool must be embedded by one model: the seeds are {seeds.shape}, the pool is {pool.shape}."
        )
    if not (np.isfinite(pool).all() and np.isfinite(seeds).all()):
        raise SeedError("An embedding of the pool or of the seeds holds NaN or infinity.")
    first = np.argmax(twins(seeds, seeds), axis=1) if len(seeds) else np.zeros(0, dtype=np.int64)
    distinct = np.unique(first)
    if len(distinct) < MIN_SEEDS:
        raise SeedError(
            f"The domain needs at least {MIN_SEEDS} distinct seeds, and {len(distinct)} were found among "
            f"{len(seeds)}: add examples that differ, or describe the domain in a sentence instead."
        )
    return distinct
