"""Which rows of a pool belong to a domain, told by a few examples of it or by one sentence.

The scores, not the decision, are the result: a threshold can be moved afterwards without embedding or
fitting anything again.

A row is seen as its embedding, which tells what it is about, and its words and marks, which tell what kind of text
it is. Seeds written by hand are about the domain and yet not written like the pool's rows of it: a classifier of
seeds against pool would learn the handwriting. So it is first looked at what words beside meaning find. Where it is
nothing sure, or not written like the seeds, meaning alone is used, without what sets the seeds apart from the rows
nearest to them (`quality.domain.manners`). Where that tells nothing either, these rows stand in for the seeds
(`quality.domain.stand_ins`), and the pool is compared with itself.
"""

import logging
import math
from dataclasses import replace

import numpy as np

from quality.domain.draws import MIN_SEEDS, MOST_DRAWS, SeedError, distinct_seeds, judge_drawn
from quality.domain.estimates import DomainScores, outscored
from quality.domain.kinds import joined, lost_kind
from quality.domain.manners import manner_of, without
from quality.domain.positive_unlabelled import Labels, Matrix
from quality.domain.settings import Domain
from quality.domain.stand_ins import cut_in_two, likeness_of_means, nearest_to_seeds, told_apart
from quality.domain.subjects import standing_out
from quality.domain.views import View, among_neighbours, beside, judged, worded
from quality.one_thread import one_blas_thread

__all__ = ["DOUBTFUL_PRECISION", "Domain", "DomainScores", "SeedError", "score_by_description", "score_domain"]

logger = logging.getLogger(__name__)

# Least share of the seeds to keep, if none is asked for. Rows that stand in for seeds are the pool's surest, and what
# is lost at one draw the next ones lack: of .95, .97, .98 and .99 on half of 33 mixtures of 11 corpora, F1 .902, .917,
# .923 and .847. Rows drawn by a sentence hold more of something else. Of given seeds: `quality.domain.views`.
LEAST_RECALL_OF_STAND_INS = 0.98
LEAST_RECALL_OF_FITTING = 0.95
# Words tell the seeds from the rows that they find with an AUC above this, or are less sure of them than that: then the
# seeds are not written like the pool. Measured: drawn seeds were taken for others in 3 of 272 mixtures of 32 corpora,
# of one kind and of two, all of one kind that is 2% of its pool or less. Of 72 draws of handwritten seeds, of twelve
# domains, none passed; .76 is the least where what they find is sure.
APART = 0.7
# Below this estimated precision the seeds have not told the domain apart.
DOUBTFUL_PRECISION = 1 / 3
# Words beside meaning must do this well, or the seeds are not written like the pool; and stand-ins, or the seeds' own
# judgement remains.
TRUSTED_PRECISION = 1 / 2
# And what they keep must be about what the seeds are about. Measured: .8 and more, where a pool holds the domain of
# handwritten seeds; .61 at most, where it does not hold the domain at all and something else was found.
SAME_SUBJECT = 0.7
# So must what is kept when the seeds' manner is left out; more loosely, as their means differ by that manner. Measured,
# twelve domains: .61 and more, but for one of two kinds (.41 and .27 with 12 seeds); .37 at most where the pool does
# not hold the domain. Means as alike as the second line differ by no manner, and whole meaning does better: over 72
# draws from pools, with words that mark each seed, F1 .861 instead of .839; of as many draws by hand none loses .03.
SUBJECT_WITHOUT_MANNER = 0.5
NO_MANNER = 0.93
# Rows are not seen among their neighbours if the hidden seeds sink so far by it that chance hardly would. Measured with
# 64 seeds at 20% on the manuals it was made on, beside their like and beside others: F1 .920 to .934 and .947 to .960,
# as if all were; of nine pools of articles, small talk and weaknesses .948 to .945, and .932 if all were.
SINKING = 0.05
# Where nearly all of the pool is of the domain, what sets the seeds apart is little but their manner.
MOST_PREVALENT = 0.95
# Where fewer rows than this share lie as near to the seeds as these do to each other, the pool hardly holds the domain.
LEAST_NEAR = 0.015
# A row is surely about what a sentence says if it stands out by this many standard deviations among other subjects;
# fewer such rows than this share of the pool are strays; and what is kept must stand out by this many at the median.
# Measured, seven corpora and 22 sentences: pools without the domain have less than 1% of the first, or -.7 to 1.9 of
# the last, unless their rows touch the subject (weaknesses of software and "computing"); pools of 20% and more of a
# subject have 2.7% at least and, where 80% of what is kept is of the domain, 2.0 to 6.1 (a vague word, "health": 1.6).
STANDS_OUT = 3.0
LEAST_FITTING = 0.01
KEPT_STANDS_OUT = 2.0
_BETTER_TOLD = "Name the subject in other words, or give seeds."


@one_blas_thread()
def score_domain(
    pool: Matrix,
    seeds: Matrix,
    settings: Domain | None = None,
    *,
    pool_lexical: Matrix | None = None,
    seed_lexical: Matrix | None = None,
    negatives: Matrix | None = None,
    negative_lexical: Matrix | None = None,
) -> DomainScores:
    """Score a pool by examples of the domain.

    Parameters
    ----------
    pool
        (n, dim) float32, unit vectors. It may hold the seeds themselves.
    seeds
        (k, dim) float32, unit vectors. Seeds that say the same count once.
    pool_lexical, seed_lexical
        (n, d) and (k, d) float32 from `quality.domain.lexical.lexical_features`.
    negatives, negative_lexical
        (m, dim) and (m, d) float32: rows known not to be of the domain.

    Raises
    ------
    SeedError
        Fewer than 8 distinct seeds, or vectors of another model.
    """
    settings = settings or Domain()
    distinct = distinct_seeds(pool, seeds)
    seeds = seeds[distinct]
    plain = view = View(pool, pool, negatives)
    examples = taught = seeds
    meant = found = judged(view, seeds, settings)
    if pool_lexical is not None and seed_lexical is not None and settings.lexical_weight and len(pool):
        view = worded(view, pool_lexical, negative_lexical, settings)
        words = seed_lexical[distinct]
        examples = taught = beside(seeds, words, settings)
        found = judged(view, examples, settings)
        if not written_alike(found, words, pool_lexical):
            logger.warning("The seeds are not written like the pool: only what they are about is used.")
            other = _judge_without_manner(view, seeds, meant, settings) or _judge_stand_ins(view, seeds, settings)
            return _at_threshold(other or meant, settings)
        # Without words, rows about the same lie among each other, whatever they are of.
        if words.shape[1]:
            nearby, moved = among_neighbours(view, examples, settings)
            nearer = judged(nearby, moved, settings)
            if _tells_more(nearer, found):
                view, taught, found = nearby, moved, nearer
            else:
                view = worded(plain, pool_lexical, negative_lexical, settings)
    if found.precision < DOUBTFUL_PRECISION or not found.kept.any():
        found = _judge_stand_ins(view, seeds, settings) or found
    if not found.stand_ins and settings.seed_recall is None:
        # Told by what seeds say alone: among their neighbours any few of them are alike.
        kind = lost_kind(examples, found.seed_scores < found.threshold)
        found = found if kind is None else _with_lost_kind(view, taught, kind, found, settings)
    return _at_threshold(found, settings)


def _tells_more(nearer: DomainScores, found: DomainScores) -> bool:
    """Tell whether rows among their neighbours are told apart surely, and the hidden seeds do not sink by it.

    Where the domain is a kind of text (an encyclopedia, small talk), a row's neighbours are about the same, of any
    kind: then the seeds sink among the pool's rows, more than chance lets them (paired t-test, one-sided).
    """
    from scipy.special import stdtr

    if nearer.precision < TRUSTED_PRECISION or not nearer.kept.any():
        return False
    risen = outscored(nearer.scores, nearer.seed_scores) - outscored(found.scores, found.seed_scores)
    by_chance = max(float(risen.std(ddof=1)), np.finfo(np.float64).tiny) / math.sqrt(len(risen))
    return bool(stdtr(len(risen) - 1, risen.mean() / by_chance) >= SINKING)


def _with_lost_kind(view: View, seeds: Matrix, kind: Labels, found: DomainScores, settings: Domain) -> DomainScores:
    """Keep rows like those seeds below the line that are of one kind, if these tell it from what lies around it."""
    alone, size = judged(view, seeds[kind], settings), int(kind.sum())
    both = joined(found, alone, kind) if alone.precision >= TRUSTED_PRECISION else None
    if both is None:
        lost = found.seed_scores < found.threshold
        return replace(found, kind_lost=size) if 2 * (kind & lost).sum() >= size else found
    return replace(both, kind_found=size)


def written_alike(found: DomainScores, seed_words: Matrix, pool_words: Matrix) -> bool:
    """Tell whether words beside meaning are sure of what they find, and it is written like the seeds.

    A classifier that knows the words of seeds written in a manner of their own finds nothing, or strays that tell. Rows
    nearest to the seeds in meaning would be no test: where the domain is a kind of text (an encyclopedia, small talk),
    or is of several kinds, they are of something else.
    """
    sure = bool(found.kept.any()) and found.precision >= TRUSTED_PRECISION
    return bool(sure and told_apart(seed_words, pool_words[found.kept]) <= APART)


def _at_threshold(found: DomainScores, settings: Domain) -> DomainScores:
    return found if settings.threshold is None else found.at_threshold(settings.threshold)


def _asking(settings: Domain, least: float) -> Domain:
    """Ask for a least share of the seeds where the recipe asks for none."""
    return settings if settings.seed_recall is not None else settings.model_copy(update={"seed_recall": least})


def _judge_without_manner(view: View, seeds: Matrix, meant: DomainScores, settings: Domain) -> DomainScores | None:
    """Score by what seeds and rows mean, without what sets the seeds apart from the rows nearest to them.

    `meant`, by their whole meaning, is returned where nothing does.
    """
    pool = view.meaning
    manner = manner_of(pool, seeds)
    plain = without(pool, manner)
    negatives = None if view.negatives is None else without(view.negatives[:, : pool.shape[1]], manner)
    found = judged(View(plain, plain, negatives), without(seeds, manner), settings)
    if found.prevalence > MOST_PREVALENT or found.precision < TRUSTED_PRECISION:
        return None
    likeness = likeness_of_means(seeds, pool[found.kept])
    if likeness < SUBJECT_WITHOUT_MANNER:
        return None
    if likeness >= NO_MANNER and meant.precision >= TRUSTED_PRECISION and meant.kept.any():
        return meant
    return replace(found, manner_left_out=True)


def _judge_stand_ins(view: View, seeds: Matrix, settings: Domain) -> DomainScores | None:
    """Score by rows of the pool that lie nearest to the seeds, if there are enough that fit together."""
    pool = view.meaning
    likely = nearest_to_seeds(pool, seeds)
    if len(likely) < max(MIN_SEEDS, LEAST_NEAR * len(pool)):
        return None
    # Words sharpen what meaning tells apart; where meaning alone tells nothing apart, they find a domain of their own.
    meant = replace(view, rows=pool, negatives=None if view.negatives is None else view.negatives[:, : pool.shape[1]])
    settings = _asking(settings, LEAST_RECALL_OF_STAND_INS)
    try:
        each = [judge_drawn(one, likely, settings) for one in ([meant, view] if view.lexical else [meant])]
    except SeedError:  # rows that all say the same
        return None
    if min(found.precision for found in each) < TRUSTED_PRECISION:
        return None
    if likeness_of_means(seeds, pool[each[-1].kept]) < SAME_SUBJECT:
        return None
    return replace(each[-1], stand_ins=True, seeds_used=len(seeds))


@one_blas_thread()
def score_by_description(
    pool: Matrix,
    description: Matrix,
    subjects: Matrix,
    settings: Domain | None = None,
    *,
    pool_lexical: Matrix | None = None,
    negatives: Matrix | None = None,
    negative_lexical: Matrix | None = None,
) -> DomainScores:
    """Score a pool by a sentence about the domain: rows that it fits better than other subjects are the seeds.

    The sentence must name a subject ("Grade school arithmetic"), not a kind of text ("small talk"). Real seeds do
    better where less than a tenth of the pool is of the domain.

    Parameters
    ----------
    pool
        (n, dim) float32, unit vectors.
    description
        (dim,) or (1, dim) float32, the embedded sentence.
    subjects
        (m, dim) float32, the embedded `quality.domain.subjects.SUBJECTS`.
    pool_lexical, negatives, negative_lexical
        As in `score_domain`.

    Raises
    ------
    SeedError
        Too few rows are about what the sentence says, or what was found from them is about something else.
    """
    settings = settings or Domain()
    distance = standing_out(pool, description.reshape(-1), subjects)
    fitting, (above, _) = int((distance >= STANDS_OUT).sum()), cut_in_two(distance)
    # Where the cut runs, rows of either side are mixed: only the surer half above it are seeds. So a pool must hold
    # twice `LEAST_FITTING` of the subject.
    surest = min(fitting, above // 2)
    if surest < max(MIN_SEEDS, LEAST_FITTING * len(pool)):
        raise SeedError(
            f"The pool hardly holds what the sentence describes: {fitting:,} of {len(pool):,} rows are clearly nearer "
            f"to it than to other subjects. {_BETTER_TOLD}"
        )
    settings = _asking(settings, LEAST_RECALL_OF_FITTING)
    view = View(pool, pool, negatives)
    if pool_lexical is not None and settings.lexical_weight:
        view = worded(view, pool_lexical, negative_lexical, settings)
    try:
        found = judge_drawn(view, np.argsort(-distance, kind="stable")[:surest], settings, MOST_DRAWS)
    except SeedError as error:  # rows that all say the same
        raise SeedError(f"The rows nearest to the sentence say the same over and over. {_BETTER_TOLD}") from error
    if not found.kept.any() or np.median(distance[found.kept]) < KEPT_STANDS_OUT:
        raise SeedError(
            f"The sentence draws no clear line through the pool: {fitting:,} of {len(pool):,} rows are clearly nearer "
            f"to it than to other subjects, most of those like them are not. {_BETTER_TOLD}"
        )
    return _at_threshold(found, settings)
