"""A language model reads again the answers of which their pool does not tell whether they were cut.

What the pool's own ends tell of an answer is little where many answers go without a full stop, and no two alike: a
pool of quotations, say. A language model knows where sentences end. It reads the doubtful answers, and some that were
cut on purpose, or end for sure; what its surprise at an end is worth is learnt from these, so that a model that knows
nothing changes nothing, but where the pool by itself tells of more cuts than it is believed alone. What it says of one
answer tells of others: how many of the pool were cut, and who leaves out full stops. Nor does it know of names and
labels, which end where their thing is named: these keep the judgement that they had.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np
import polars as pl

from quality.one_thread import one_blas_thread
from quality.truncation.prompt_kinds import FEWEST, FRAMES, shared_frames
from quality.truncation.samples import cut_samples
from quality.truncation.sentence_ends import EARLY

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

_DOUBTFUL = 0.01, 0.99  # probabilities between which an answer is read again
_MOST = 4_000  # answers, the likeliest first
_CUTS = 120  # of each sample
_ENDED = 80  # answers that end for sure, read without the mark that says so
_MARK = r"[.!?…\x{0964}。．｡！？]+\s*\z"
_FEWEST = 40  # doubtful answers, and cuts: of fewer, nothing is learnt
_TIMES = 6
_SHARE_ENDED = (
    0.5  # of the weight of whole answers: were doubtful ones alone whole, those of a pool of cuts would teach
)
_STRENGTH = 1.0  # of the regression: the inverse of its regularisation
_MOST_EVIDENCE = 6.0  # as a logarithm of odds
_MOST_OF_LABEL = 3  # words


class Reader(Protocol):
    """Measures how surprising it is that answers end where they do."""

    def __call__(self, prompts: pl.Series, answers: pl.Series) -> NDArray[np.float64]:
        """Return nats, at least 0, a row: (n,) float64."""


class ToldAgain:
    """A reader that says what another one said of the same texts, and nothing of as many others.

    Parameters
    ----------
    surprises : array of float64
        What that one returned.
    """

    def __init__(self, surprises: NDArray[np.float64]) -> None:
        self.surprises = surprises

    def __call__(self, prompts: pl.Series, answers: pl.Series) -> NDArray[np.float64]:
        """Return them; zeros where they are of other texts, as their number says."""
        return self.surprises if len(self.surprises) == len(answers) == len(prompts) else np.zeros(len(answers))


def are_labels(said: pl.DataFrame) -> NDArray[np.bool_]:
    """Tell the open-ended answers that are names or labels, and no sentences that a model could find unfinished.

    They are a word or three, where most answers to prompts of their kind (of their source, if it is rare) are a few
    words; where these are longer, a word or three may well be what is left of a sentence.

    Parameters
    ----------
    said : pl.DataFrame
        The pool: `source, answer: String`, `open: Boolean` and the columns of
        `quality.truncation.prompt_kinds.prompt_frames`.

    Returns
    -------
    (n_open,) bool
        In the order of the rows that are open.
    """
    told = said.select("source", "open", words=pl.col("answer").str.count_matches(r"\S+"))
    told = told.hstack(shared_frames(said.select(FRAMES)).select("kind"))
    of_kind, median = pl.len().over("source", "kind"), pl.col("words").median()
    usual = pl.when(of_kind >= FEWEST).then(median.over("source", "kind")).otherwise(median.over("source"))
    label = (pl.col("words") <= _MOST_OF_LABEL) & (usual <= EARLY)
    return told.select("open", label=label).filter("open")["label"].to_numpy()


def read_again(
    opened: pl.DataFrame,
    whole: pl.DataFrame,
    probability: NDArray[np.float64],
    reader: Reader,
    again: Callable[[NDArray[np.float64]], NDArray[np.float64]],
) -> NDArray[np.float64]:
    """Correct how likely answers were cut off by how surprising their ends are.

    Parameters
    ----------
    opened : pl.DataFrame
        The answers in question: `prompt, answer: String`.
    whole : pl.DataFrame
        The pool, some of which is cut on purpose: as `quality.truncation.samples.cut_samples` wants it.
    probability : (n_opened,) float64
        How likely each was cut off, by what the pool tells.
    reader : Reader
        The model.
    again : callable
        Told how much likelier the reader finds each cut than whole, (n_opened,) float64 as natural logarithms and 0 of
        what was not read, says how likely each was cut off, by both: (n_opened,) float64.

    Returns
    -------
    (n_opened,) float64
        What `again` says in the end; `probability` where too few are in doubt for anything to be learnt.
    """
    low, high = _DOUBTFUL
    doubtful = np.flatnonzero((probability > low) & (probability < high))
    # By text where probabilities are as good as equal, so that the order of rows makes no difference.
    order = opened[doubtful].with_columns(at=pl.Series(doubtful), likely=pl.Series(-probability[doubtful]).round(6))
    doubtful = (
        order.sort("likely", "answer", "prompt", "at").head(_MOST).sort("answer", "prompt", "at")["at"].to_numpy()
    )
    cuts = [cut_samples(whole, within=within).sort("text", "answer").head(_CUTS) for within in (False, True)]
    if len(doubtful) < _FEWEST or min(sample.height for sample in cuts) < _FEWEST:
        return probability
    ended = whole.filter(pl.col("answer").str.contains(_MARK)).sort("text", "prompt").head(_ENDED)
    ended = ended.with_columns(pl.col("answer").str.replace(_MARK, ""))
    told = pl.concat([rows.select("prompt", "answer") for rows in (opened[doubtful], *cuts, ended)])
    surprise = reader(told["prompt"], told["answer"])
    of_doubtful, of_cuts, of_ended = np.split(surprise, [len(doubtful), len(told) - len(ended)])
    heard, after = np.zeros(len(probability)), probability
    for _ in range(_TIMES):
        heard[doubtful] = _evidence(1 - after[doubtful], of_doubtful, of_cuts, of_ended)
        after = again(heard)
    return after


@one_blas_thread()
def _evidence(
    trust: NDArray[np.float64],
    surprise: NDArray[np.float64],
    of_cuts: NDArray[np.float64],
    of_ended: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Weigh surprise by what it is in cuts, in what ended, and in doubtful answers as far as these are whole.

    Returns (n_doubtful,) natural logarithms; `trust` is how likely each of these is whole.
    """
    from sklearn.linear_model import LogisticRegression

    seen = np.concatenate([surprise, of_ended, of_cuts])[:, None]
    is_cut = np.concatenate([np.zeros(len(surprise) + len(of_ended)), np.ones(len(of_cuts))])
    share, weight = _SHARE_ENDED if len(of_ended) else 0.0, trust.sum()
    balance = np.concatenate(
        [
            (1 - share) * trust,
            np.full(len(of_ended), share * weight / max(1, len(of_ended))),
            np.full(len(of_cuts), weight / len(of_cuts)),
        ]
    )
    model = LogisticRegression(C=_STRENGTH).fit(seen, is_cut, sample_weight=balance)
    found: NDArray[np.float64] = np.clip(model.decision_function(surprise[:, None]), -_MOST_EVIDENCE, _MOST_EVIDENCE)
    return found
