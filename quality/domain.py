"""Which rows of a pool belong to a domain, told by a few examples of it or by one sentence.

The scores, not the decision, are the result: a threshold can be moved afterwards without embedding or
fitting anything again.

A row is seen as its embedding, which tells what it is about, and its words and marks, which tell what kind of text
it is. Seeds written by hand are about the domain and yet not written like the pool's rows of it: a classifier of
seeds against pool would learn the handwriting. So the seeds are first compared with the rows nearest to them in
meaning; where words tell the two apart, those rows stand in for the seeds (`quality.stand_ins`), and the pool is
compared with itself.
"""

import logging
from dataclasses import replace
from typing import Self

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, model_validator

from quality.domain_scores import DomainScores, judge
from quality.positive_unlabelled import Matrix, SpyScores, spy_scores, twins
from quality.stand_ins import cut_in_two, likeness_of_means, nearest_to_seeds, told_apart

__all__ = ["DOUBTFUL_PRECISION", "Domain", "DomainScores", "SeedError", "score_by_description", "score_domain"]

logger = logging.getLogger(__name__)

MIN_SEEDS = 8
# Rows of the pool drawn as seeds where there are none, or where they stand in for them, and how often anew: the
# first draws are of the surest rows, and what they find reaches a little further each time.
DRAWN_SEEDS = 128
DRAWS = 3
# Words tell seeds from the rows nearest in meaning with an AUC above the first, or with words fewer rows are of the
# seeds' kind than the second times as many as by meaning alone: then the seeds are not written like the pool.
# Measured, ten corpora at four shares: drawn seeds .76 at most and .55 at least, handwritten ones .83 or .57.
APART = 0.8
FORMAT_GAP = 0.6
# Below this estimated precision the seeds have not told the domain apart.
DOUBTFUL_PRECISION = 1 / 3
# Stand-ins must do this well, or the seeds' own judgement remains.
TRUSTED_PRECISION = 1 / 2
# And what they keep must be about what the seeds are about. Measured: .8 and more, where a pool holds the domain of
# handwritten seeds; .61 at most, where it does not hold the domain at all and something else was found.
SAME_SUBJECT = 0.7
# Where fewer rows than this share lie as near to the seeds as these do to each other, the pool hardly holds the domain.
LEAST_NEAR = 0.015


class SeedError(ValueError):
    """There are too few distinct seeds to learn a domain from, or they do not fit the pool."""


class Domain(BaseModel):
    """What the domain is and how much of it must be kept."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    seeds: str | None = Field(None, description="File of example rows of the domain, relative to the recipe.")
    description: str | None = Field(None, description="A sentence that describes the domain, if there are no seeds.")
    seed_recall: float = Field(
        0.95, gt=0.5, lt=1.0, description="Least share of the seeds (0.5 to 1) that the threshold must keep."
    )
    threshold: float | None = Field(
        None,
        description="Score (log-odds) from which a row is kept; overrides the one found from the seeds.",
    )
    lexical_weight: float = Field(
        1.0,
        ge=0.0,
        description="Weight of the words used beside the meaning (weight 1). 0 looks at meaning alone: for pools in "
        "which rows of the domain and others are written in the same words.",
    )
    repeats: int = Field(2, ge=1, description="Times the seeds are dealt anew into folds; more is steadier and slower.")
    max_background: int = Field(
        20_000,
        ge=100,
        description="Pool rows that take part in fitting; all rows are scored whatever this is.",
    )
    random_seed: int = Field(0, ge=0, description="Seed of the random number generator.")

    @model_validator(mode="after")
    def _one_way_to_tell(self) -> Self:
        if self.seeds is not None and self.description is not None:
            raise ValueError("A domain is told by seeds or by a description, and both are given: remove one.")
        return self


def score_domain(
    pool: Matrix,
    seeds: Matrix,
    settings: Domain | None = None,
    *,
    pool_lexical: Matrix | None = None,
    seed_lexical: Matrix | None = None,
) -> DomainScores:
    """Score a pool by examples of the domain.

    Parameters
    ----------
    pool
        (n, dim) float32, unit vectors. It may hold the seeds themselves.
    seeds
        (k, dim) float32, unit vectors. Seeds that say the same count once.
    pool_lexical, seed_lexical
        (n, d) and (k, d) float32 from `quality.lexical.lexical_features`.

    Raises
    ------
    SeedError
        Fewer than 8 distinct seeds, or vectors of another model.
    """
    settings = settings or Domain()
    distinct = _distinct_seeds(pool, seeds)
    seeds, rows = seeds[distinct], pool
    meant = found = _judge(pool, seeds, settings)
    if pool_lexical is not None and seed_lexical is not None and settings.lexical_weight and len(pool):
        rows = _beside(pool, pool_lexical, settings)
        alike = told_apart(seed_lexical[distinct], pool_lexical[nearest_to_seeds(pool, seeds)]) <= APART
        found = _judge(rows, _beside(seeds, seed_lexical[distinct], settings), settings, lexical=True)
        if not alike or found.share_like_seeds < FORMAT_GAP * meant.share_like_seeds:
            logger.warning("The seeds are not written like the pool: only what they are about is used.")
            return _at_threshold(_judge_stand_ins(pool, rows, seeds, settings) or meant, settings)
    if found.precision < DOUBTFUL_PRECISION or not found.kept.any():
        found = _judge_stand_ins(pool, rows, seeds, settings) or found
    return _at_threshold(found, settings)


def _at_threshold(found: DomainScores, settings: Domain) -> DomainScores:
    return found if settings.threshold is None else found.at_threshold(settings.threshold)


def _beside(meaning: Matrix, words: Matrix, settings: Domain) -> Matrix:
    both: Matrix = np.hstack([meaning, settings.lexical_weight * words], dtype=np.float32)
    return both


def _judge(rows: Matrix, seeds: Matrix, settings: Domain, *, lexical: bool = False) -> DomainScores:
    return judge(_spy(rows, seeds, settings), seed_recall=settings.seed_recall, lexical=lexical)


def _judge_stand_ins(pool: Matrix, rows: Matrix, seeds: Matrix, settings: Domain) -> DomainScores | None:
    """Score by rows of the pool that lie nearest to the seeds, if there are enough that fit together."""
    likely = nearest_to_seeds(pool, seeds)
    if len(likely) < max(MIN_SEEDS, LEAST_NEAR * len(pool)):
        return None
    # Words sharpen what meaning tells apart; where meaning alone tells nothing apart, they find a domain of their own.
    views = [pool] if rows is pool else [pool, rows]
    try:
        judged = [_judge_drawn(pool, view, likely, settings) for view in views]
    except SeedError:  # rows that all say the same
        return None
    if min(found.precision for found in judged) < TRUSTED_PRECISION:
        return None
    if likeness_of_means(seeds, pool[judged[-1].kept]) < SAME_SUBJECT:
        return None
    return replace(judged[-1], stand_ins=True, seeds_used=len(seeds))


def _judge_drawn(pool: Matrix, rows: Matrix, likely: npt.NDArray[np.int64], settings: Domain) -> DomainScores:
    """Score by rows drawn from the likely ones, then again by rows drawn from what these keep.

    `pool` holds the embeddings, by which drawn rows must differ; `rows` what they are scored by, words included.
    """
    random = np.random.default_rng(settings.random_seed)
    for _ in range(DRAWS):
        drawn = np.sort(random.choice(likely, min(DRAWN_SEEDS, len(likely)), replace=False))
        drawn = drawn[_distinct_seeds(pool, pool[drawn])]
        found = _judge(rows, rows[drawn], settings, lexical=rows is not pool)
        likely = np.flatnonzero(found.kept)
        if len(likely) < MIN_SEEDS:
            break
    return found


def score_by_description(
    pool: Matrix, description: Matrix, settings: Domain | None = None, *, pool_lexical: Matrix | None = None
) -> DomainScores:
    """Score a pool by a sentence that describes the domain: rows drawn from those most like it are the seeds.

    A first form: it needs a sentence about the subject (not about the kind of text) and a domain of some
    15% of the pool or more. Below that, other rows get among the drawn seeds; a dozen real seeds do better.

    Parameters
    ----------
    pool
        (n, dim) float32, unit vectors.
    description
        (dim,) or (1, dim) float32, the embedded sentence.
    pool_lexical
        (n, d) float32.

    Raises
    ------
    SeedError
        The pool is too small to draw 8 seeds from.
    """
    settings = settings or Domain()
    similarity = pool @ description.reshape(-1)
    order, (above, _) = np.argsort(-similarity, kind="stable"), cut_in_two(similarity)
    likely = order[: max(MIN_SEEDS, above // 2)]
    rows = pool
    if pool_lexical is not None and settings.lexical_weight:
        rows = _beside(pool, pool_lexical, settings)
    return _at_threshold(_judge_drawn(pool, rows, likely, settings), settings)


def _distinct_seeds(pool: Matrix, seeds: Matrix) -> npt.NDArray[np.int64]:
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


def _spy(pool: Matrix, seeds: Matrix, settings: Domain) -> SpyScores:
    if not len(pool):
        return SpyScores(np.zeros(0), np.zeros(len(seeds)))
    return spy_scores(
        pool,
        seeds,
        repeats=settings.repeats,
        max_background=settings.max_background,
        random_seed=settings.random_seed,
    )
