"""Which rows of a pool are worth embedding: those that lie highest by their words alone.

Embedding is what takes long, and where a few rows in a hundred are of the domain, most of it is spent on rows that a
glance at their words would have told to be of something else. So rows are scored by their words first
(`quality.domain.lexical`), and several times as many as these find go on to be embedded and judged.

Measured with 64 seeds on mixtures of manuals, in two halves, eight times as many rows going on. Where 5% are of the
domain, F1 is .933 to .941 and .957 to .958 beside unlike ones, with 36% and 37% of the rows embedded, and .863 to .881
and .894 to .899 beside their like, with 46% and 43%. Where 10% are, .949 to .949 and .962 to .959, with 71% and 76%.
With five times as many: .944, .959, .882, .888, .941 and .961.
"""

from dataclasses import replace

import numpy as np

from quality.domain.estimates import DomainScores
from quality.domain.positive_unlabelled import Matrix
from quality.domain.scoring import SeedError, score_domain, written_alike
from quality.domain.settings import Domain

# At least this share of the seeds, each hidden while it was judged, goes on. Of rows of the domain as many did.
LEAST_PASSED = 0.97
# The judge that comes after needs rows of something else to learn from, however rare the domain.
LEAST_ROWS = 500
# Where more than this share of a pool goes on, words save too little.
MOST_PASSED = 0.8


def skim_by_words(
    words: Matrix, seed_words: Matrix, times: float, settings: Domain, negative_words: Matrix | None = None
) -> DomainScores | None:
    """Score rows by their words, and draw the line above which they are worth embedding.

    Parameters
    ----------
    words, seed_words, negative_words
        (n, d), (k, d) and (m, d) float32 from `quality.domain.lexical.lexical_features`: rows of the pool, the seeds,
        and rows known not to be of the domain.
    times
        Rows to let pass for each that words take for one of the domain.
    settings
        How the seeds are judged. Of `seed_recall` at least that share of the hidden seeds pass; a `threshold` is not
        one of words.

    Returns
    -------
    DomainScores or None
        Rows `kept` are worth embedding. A row of which no word is known scores the threshold at least, as nothing tells
        what it is. None where words don't tell the domain apart, or nearly all rows would pass.
    """
    asked = settings.model_copy(update={"threshold": None, "seed_recall": None})
    try:
        found = score_domain(words, seed_words, asked, negatives=negative_words)
    except SeedError:  # told by the step that judges, of seeds as they are embedded
        return None
    if not written_alike(found, seed_words, words):
        return None
    passing = worth_embedding(found, times, settings.seed_recall)
    if passing is None:
        return None
    known = np.square(words).sum(axis=1) > 0.0
    raised = np.where(known, passing.scores, np.maximum(passing.scores, passing.threshold))
    return replace(passing, scores=raised)


def worth_embedding(found: DomainScores, times: float, least_recall: float | None = None) -> DomainScores | None:
    """Lower the threshold to where `times` as many rows pass, and nearly all seeds; None if nearly all rows would."""
    count = max(LEAST_ROWS, round(times * int(found.kept.sum())))
    if count > MOST_PASSED * len(found.scores):
        return None
    recall = max(LEAST_PASSED, least_recall or 0.0)
    seeds = float(np.quantile(found.seed_scores, 1 - recall, method="lower"))
    passing = found.at_threshold(min(float(np.sort(found.scores)[-count]), seeds))
    return passing if passing.kept.mean() <= MOST_PASSED else None
