"""What the scores of a pool and of hidden seeds say: threshold, prevalence, precision, recall and AUC."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import polars as pl

from quality.domain.chances import WIDTHS, Scores, bandwidth, estimate_prevalence, survival
from quality.domain.positive_unlabelled import SpyScores

# Thresholds tried; from which share of the best estimated F1 on one is as good; and how far around it rows of the pool
# are counted, in bandwidths. Of .995, .99, .985 and .98, and of .7, 1, 1.4 and 2 times these reaches, on 84 mixtures of
# seven corpora (64 seeds, 5 to 40%): F1 .9856 to .9866 in the mean, and .9829 for the best estimate of F1 itself; on 64
# of eight others .9928, against .9892.
_TRIED = 300
_NEARLY = 0.99
_REACHES = np.array([0.25, 0.5, 0.75, 1.0])


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
        domain that is kept. Rows of something else that score as seeds do count as domain. On 69 pools with 64 seeds
        the precision told was more than .02 too high in 18, too low in 22, and off by more than .1 in 6; with 12
        seeds in 22.
    auc
        Estimated chance that a domain row outscores another row; None if nearly all of the pool is domain.
    seeds_used
        Distinct seeds.
    seed_scores
        (k,) float64, scores of the seeds while each was hidden from training.
    lexical
        Whether the words used were looked at beside the meaning.
    stand_ins
        Whether rows of the pool stood in for the seeds; recall is then of the domain as these rows show it.
    manner_left_out
        Whether what sets the seeds apart from the rows nearest to them was left out of what is compared.
    kind_found, kind_lost
        Seeds that are of a kind of their own which the others do not tell: kept by themselves; or left out since they
        do not tell their kind from what lies around it.
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
    stand_ins: bool = False
    manner_left_out: bool = False
    kind_found: int = 0
    kind_lost: int = 0

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
        at = np.array([threshold])
        kept, recall = float(survival(self.scores, at)[0]), float(survival(self.seed_scores, at)[0])
        precision = min(1.0, self.prevalence * recall / kept) if kept else 1.0
        return replace(self, threshold=threshold, recall=recall, precision=precision)

    def at_recall(self, seed_recall: float) -> "DomainScores":
        """Judge the same scores by the threshold that keeps at least this share of the seeds."""
        return self.at_threshold(find_threshold(self.scores, self.seed_scores, self.prevalence, seed_recall))


def nearest_domain(found: Mapping[str, DomainScores]) -> pl.DataFrame:
    """Judge rows by the domain they come nearest to, thresholds considered.

    Returns
    -------
    pl.DataFrame
        `score: Float64, threshold: Float64, domain: String`, one line per row of the pool.
    """
    names, judged = list(found), list(found.values())
    best = np.argmax([one.scores - one.threshold for one in judged], axis=0)
    scores = np.stack([one.scores for one in judged])
    return pl.DataFrame(
        {
            "score": np.take_along_axis(scores, best[None], axis=0)[0],
            "threshold": np.array([one.threshold for one in judged])[best],
            "domain": pl.Series(names).gather(best),
        }
    )


def all_scores(found: Mapping[str, DomainScores]) -> pl.DataFrame:
    """List the scores of every row for every domain: `row: UInt32` (a position), `domain: String, score: Float64`."""
    return pl.concat(
        pl.DataFrame({"score": one.scores}).select(
            pl.int_range(pl.len(), dtype=pl.UInt32).alias("row"), pl.lit(name).alias("domain"), "score"
        )
        for name, one in found.items()
    )


def facts(found: Mapping[str, DomainScores]) -> pl.DataFrame:
    """List how each domain was told apart, and how well: a row for each, of fields of `DomainScores`."""
    told = ("threshold", "precision", "recall", "prevalence", "auc", "stand_ins", "manner_left_out")
    return pl.DataFrame(
        [{"domain": name, **{key: getattr(one, key) for key in told}} for name, one in found.items()],
        schema_overrides={"auc": pl.Float64},
    )


def judge(found: SpyScores, *, seed_recall: float, lexical: bool) -> DomainScores:
    """Set the threshold, and estimate what the scores allow to be estimated."""
    prevalence = estimate_prevalence(found.pool, found.seeds)
    threshold = find_threshold(found.pool, found.seeds, prevalence, seed_recall)
    undecided = DomainScores(
        scores=found.pool,
        threshold=threshold,
        prevalence=prevalence,
        precision=1.0,
        recall=1.0,
        auc=estimate_auc(found.pool, found.seeds, prevalence),
        seeds_used=len(found.seeds),
        seed_scores=found.seeds,
        lexical=lexical,
    )
    return undecided.at_threshold(threshold)


def find_threshold(pool: Scores, seeds: Scores, prevalence: float, seed_recall: float) -> float:
    """Find the threshold where the pool is thinnest, of those of good estimated F1 that keep the asked share of seeds.

    F1 = 2 · prevalence · recall / (kept share + prevalence). Where domain and rest are well apart, the
    threshold moves down into the gap between them rather than cutting off domain rows for nothing. Seeds are few, so
    each counts as a bell around its score: else the lowest one alone would say how far down. And what they tell of F1
    is nearly the same along a stretch of thresholds. There the pool's own rows tell more, since they are many: where
    they are fewest, the domain ends.
    """
    highest = float(np.quantile(seeds, 1.0 - seed_recall, method="lower"))
    width = bandwidth(seeds)
    at = np.linspace(float(seeds.min()) - 4 * WIDTHS * width, highest, _TRIED)
    recall, least = _smooth_survival(seeds, at, WIDTHS * width), 1.0 / max(len(pool), 1)
    f1 = recall / (survival(pool, at) + max(prevalence, least))
    good = at[f1 >= _NEARLY * f1.max()]
    return float(good[np.argmin(_crowd(pool, good, width))])


def _crowd(pool: Scores, at: Scores, width: float) -> npt.NDArray[np.int64]:
    """Count the rows around each of `at`, the nearer the more often."""
    ordered, reaches = np.sort(pool), width * _REACHES[:, None]
    within = np.searchsorted(ordered, at + reaches, side="right") - np.searchsorted(ordered, at - reaches, side="left")
    crowd: npt.NDArray[np.int64] = within.sum(axis=0)
    return crowd


def _smooth_survival(seeds: Scores, at: Scores, width: float) -> Scores:
    """Share of seeds that score at least each of `at`, were each seed a normal distribution of that width."""
    from scipy.special import ndtr

    shares: Scores = ndtr((seeds[None] - at[:, None]) / width).mean(axis=1)
    return shares


def estimate_auc(pool: Scores, seeds: Scores, prevalence: float) -> float | None:
    """Undo the domain's share of the pool: AUC against the pool = (1 − p) · AUC against the rest + p / 2."""
    if not len(pool) or prevalence > 0.95:
        return None
    return float(np.clip((outscored(pool, seeds).mean() - prevalence / 2) / (1 - prevalence), 0.0, 1.0))


def outscored(pool: Scores, seeds: Scores) -> Scores:
    """(k,) share of the pool, at least one row, that each seed outscores; rows of the same score count half."""
    ranks = np.sort(pool)
    wins: Scores = (np.searchsorted(ranks, seeds, "left") + np.searchsorted(ranks, seeds, "right")) / (2 * len(pool))
    return wins
