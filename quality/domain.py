"""Which rows of a pool belong to a domain, told by a few examples of it or by one sentence.

The scores, not the decision, are the result: a threshold can be moved afterwards without embedding or
fitting anything again.
"""

import logging
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, model_validator

from quality.positive_unlabelled import Matrix, Scores, SpyScores, spy_scores, twins

logger = logging.getLogger(__name__)

MIN_SEEDS = 8
# Pseudo-seeds drawn when the domain is told by a sentence.
DRAWN_SEEDS = 64
# If the lexical view finds this much less of the seeds' kind than the embedding does, the seeds are written
# in another format than the pool, and their format is not what was asked for.
FORMAT_GAP = 0.4


class SeedError(ValueError):
    """There are too few distinct seeds to learn a domain from, or they do not fit the pool."""


class Domain(BaseModel):
    """What the domain is and how much of it must be kept."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    seeds: str | None = Field(None, description="File of example rows of the domain, relative to the recipe.")
    description: str | None = Field(
        None, description="A sentence that describes the domain, if there are no seeds."
    )
    seed_recall: float = Field(
        0.95, gt=0.5, lt=1.0, description="Least share of the seeds (0.5 to 1) that the threshold must keep."
    )
    threshold: float | None = Field(
        None,
        description="Score (log-odds) from which a row is kept; overrides the threshold found from the seeds.",
    )
    lexical_weight: float = Field(
        1.0, ge=0.0, description="Weight of the words used beside the meaning (weight 1); 0 turns words off."
    )
    repeats: int = Field(
        2, ge=1, description="Times the seeds are dealt anew into folds; more is steadier and slower."
    )
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


@dataclass(frozen=True, eq=False)
class DomainScores:
    """How much each row of a pool belongs to the domain.

    Attributes
    ----------
    scores
        (n,) float64, log-odds; the higher the more domain.
    threshold
        Rows that score at least this are kept.
    prevalence, precision, recall
        Estimated: the domain's share of the pool; the domain's share of the kept rows; the share of the
        domain that is kept.
    auc
        Estimated chance that a domain row outscores another row; None if nearly all of the pool is domain.
    seeds_used
        Distinct seeds.
    seed_scores
        (k,) float64, scores of the seeds while each was hidden from training.
    lexical
        Whether the words used were looked at beside the meaning.
    """

    scores: Scores
    threshold: float
    prevalence: float
    precision: float
    recall: float
    auc: float | None
    seeds_used: int
    seed_scores: Scores
    lexical: bool = False

    @property
    def kept(self) -> npt.NDArray[np.bool_]:
        """(n,) bool: the rows that score at least the threshold."""
        kept: npt.NDArray[np.bool_] = self.scores >= self.threshold
        return kept

    def band(self, margin: float = 0.5) -> npt.NDArray[np.int64]:
        """Positions of the rows within `margin` (log-odds) of the threshold, the closest first."""
        distance = np.abs(self.scores - self.threshold)
        order = np.argsort(distance, kind="stable")
        return order[: int((distance <= margin).sum())]

    def at_threshold(self, threshold: float) -> "DomainScores":
        """Judge the same scores by another threshold."""
        kept, recall = float((self.scores >= threshold).mean()), float((self.seed_scores >= threshold).mean())
        precision = min(1.0, self.prevalence * recall / kept) if kept else 1.0
        return replace(self, threshold=threshold, recall=recall, precision=precision)

    def at_recall(self, seed_recall: float) -> "DomainScores":
        """Judge the same scores by the threshold that keeps at least this share of the seeds."""
        return self.at_threshold(_find_threshold(self.scores, self.seed_scores, self.prevalence, seed_recall))


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
        (n, d) and (k, d) float32 from `quality.lexical.lexical_features`. They are left out of account where
        the seeds turn out to be written in another format than the pool.

    Raises
    ------
    SeedError
        Fewer than 8 distinct seeds, or vectors of another model.
    """
    settings = settings or Domain()
    distinct = _distinct_seeds(pool, seeds)
    found, lexical = _spy(pool, seeds[distinct], settings), False
    if pool_lexical is not None and seed_lexical is not None and settings.lexical_weight and len(pool):
        wide_pool = np.hstack([pool, settings.lexical_weight * pool_lexical], dtype=np.float32)
        wide_seeds = np.hstack([seeds, settings.lexical_weight * seed_lexical], dtype=np.float32)
        wide = _spy(wide_pool, wide_seeds[distinct], settings)
        if _share_like_seeds(wide) >= FORMAT_GAP * _share_like_seeds(found):
            found, lexical = wide, True
        else:
            logger.warning(
                "The seeds are written in another format than the pool: only their meaning is used."
            )
    return _judged(found, settings, lexical)


def score_by_description(
    pool: Matrix, description: Matrix, settings: Domain | None = None, *, pool_lexical: Matrix | None = None
) -> DomainScores:
    """Score a pool by a sentence that describes the domain: the rows most like it become the seeds.

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
    random = np.random.default_rng(settings.random_seed)
    likely = _upper_mode(pool @ description.reshape(-1))
    for _ in range(2):
        drawn = np.sort(random.choice(likely, min(DRAWN_SEEDS, len(likely)), replace=False))
        seed_lexical = None if pool_lexical is None else pool_lexical[drawn]
        result = score_domain(
            pool, pool[drawn], settings, pool_lexical=pool_lexical, seed_lexical=seed_lexical
        )
        likely = np.flatnonzero(result.kept)
    return result


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


def _share_like_seeds(found: SpyScores) -> float:
    return float((found.pool >= np.median(found.seeds)).mean())


def _judged(found: SpyScores, settings: Domain, lexical: bool) -> DomainScores:
    prevalence = _estimate_prevalence(found.pool, found.seeds)
    threshold = settings.threshold
    if threshold is None:
        threshold = _find_threshold(found.pool, found.seeds, prevalence, settings.seed_recall)
    blank: dict[str, Any] = {"threshold": threshold, "precision": 1.0, "recall": 1.0}
    return DomainScores(
        scores=found.pool,
        prevalence=prevalence,
        auc=_estimate_auc(found.pool, found.seeds, prevalence),
        seeds_used=len(found.seeds),
        seed_scores=found.seeds,
        lexical=lexical,
        **blank,
    ).at_threshold(threshold)


def _survival(scores: Scores, at: Scores) -> Scores:
    """Share of scores that are at least each of `at`."""
    below = np.searchsorted(np.sort(scores), at, side="left")
    return 1.0 - below / max(len(scores), 1)


def _estimate_prevalence(pool: Scores, seeds: Scores) -> float:
    """Find the domain's share of the pool where the top of the pool is purest.

    At any threshold, kept share = prevalence · recall + false alarms ≥ prevalence · recall. So the least
    ratio of kept share to recall is the prevalence where false alarms vanish; recall is taken one standard error low
    so that a threshold few seeds speak for does not win by chance.
    """
    if not len(pool):
        return 0.0
    at = np.sort(seeds)
    recall, kept = _survival(seeds, at), _survival(pool, at)
    cautious = recall - np.sqrt(recall * (1 - recall) / len(seeds))
    ratio = np.where(recall >= 0.5, kept / np.maximum(cautious, 1e-9), np.inf)
    best = int(np.argmin(ratio))
    return float(min(1.0, kept[best] / recall[best]))


def _find_threshold(pool: Scores, seeds: Scores, prevalence: float, seed_recall: float) -> float:
    """Find the threshold of best estimated F1 among those that keep the asked share of the seeds.

    F1 = 2 · prevalence · recall / (kept share + prevalence). Where domain and rest are well apart, the threshold moves down into
    the gap between them rather than cutting off the asked share of domain rows for nothing.
    """
    highest = float(np.quantile(seeds, 1.0 - seed_recall, method="lower"))
    at = np.unique(np.concatenate([pool[pool <= highest], [highest]]))
    # Half a seed is always missing, or nothing would speak for going below the lowest seed.
    recall = (_survival(seeds, at) * len(seeds) + 0.5) / (len(seeds) + 1)
    return float(at[np.argmax(recall / (_survival(pool, at) + prevalence))])


def _estimate_auc(pool: Scores, seeds: Scores, prevalence: float) -> float | None:
    """Undo the domain's share of the pool: AUC against the pool = (1 − p) · AUC against the rest + p / 2."""
    if not len(pool) or prevalence > 0.95:
        return None
    ranks = np.sort(pool)
    wins = (np.searchsorted(ranks, seeds, "left") + np.searchsorted(ranks, seeds, "right")) / (2 * len(pool))
    return float(np.clip((wins.mean() - prevalence / 2) / (1 - prevalence), 0.0, 1.0))


def _upper_mode(similarity: Scores | Matrix) -> npt.NDArray[np.int64]:
    """Positions in the upper part of a two-part split of least variance within parts (Otsu), upper half first."""
    order = np.argsort(-similarity, kind="stable")
    values = similarity[order].astype(np.float64)
    above = np.arange(1, len(values))
    sums = np.cumsum(values)[:-1]
    gap = sums / above - (values.sum() - sums) / (len(values) - above)
    cut = int(np.argmax(above * (len(values) - above) * gap**2)) + 1 if len(values) > 1 else len(values)
    return order[: max(MIN_SEEDS, cut // 2)]
