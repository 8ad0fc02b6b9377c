"""Find rows that say what an exam item says in other words, by the meaning of question and answer.

A row's score is the mean of the two cosines, and neither may be low: siblings of one template ask nearly the same and
answer something else, and answers that agree while the questions don't are facts that the domain shares.

How close honest rows of a domain lie differs from domain to domain. Measured with all-MiniLM-L6-v2 against 200 items,
99.5% of honest rows stay below .61 (medical abstracts), .74 (arithmetic), .78 (a dictionary of computing) and .90
(software weaknesses, made from templates), where 14 paraphrases by hand reach .59 to .94, and all but one at least .77.
The pool itself tells: rows of it stand in for items, and the threshold is raised until hardly any other would leak one.

Numbers have no synonyms: of two questions that each name a number the other lacks (“verse 12”, “verse 34”), one says
nothing of the other, however near their meanings lie. But they have other spellings (“90 minutes”, “1 hour and a
half”), and then the answers tell the same numbers.

Answers are long and dear to embed, and most rows ask nothing like any item. Only answers that can count are asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from quality.drawing import drawn
from quality.share_bounds import share_bounds
from quality.texts.word_bags import WordBags

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

# Of the rows that are honest, at most this share may be taken for paraphrases.
_HONEST_SHARE = 0.005
_LEAST_OF_EITHER = 0.6
_MOST_STAND_INS = 500
_BLOCK = 1024
# How far a cosine may differ between two ways to multiply the same vectors.
_ROUNDING = 1e-4
_ABOVE = 1e-6
# The number of a question in a list of them is none of its own.
_LISTED = r"(?i)^\W*(?:(?:question|q|exercise|problem|item|no|nr)\W{0,2})?\d{1,4}\s?[.):\]]\s"
# 1,000 and 1000 are one number, and so are 05 and 5.
_SPELLED = ((r"(\d)[,\u00a0\u202f'](\d{3})\b", "$1$2"), (r"\b0+(\d)", "$1"))
_FOUND = pl.Schema({"row": pl.UInt32(), "place": pl.UInt32(), "score": pl.Float64(), "threshold": pl.Float64()})


@dataclass(frozen=True)
class Meanings:
    """Unit vectors of what rows and items ask and answer; one of zeros where a text is empty.

    Attributes
    ----------
    asked : (n_rows, dim) float32
        The rows' prompts.
    answered : callable
        Gives the answers of rows, which are told by position: (k,) int64 to (k, dim) float32.
    questions, answers : (n_items, dim) float32
        The items'. An item without a question is compared by its answer alone.
    keys : (n_rows,) uint64
        Hashes of the rows' texts, by which rows are drawn: nearly the same ones from run to run.
    """

    asked: Vectors
    answered: Callable[[NDArray[np.int64]], Vectors]
    questions: Vectors
    answers: Vectors
    keys: NDArray[np.uint64]


def paraphrases(meanings: Meanings, least: float, *, known: pl.Series | None = None) -> pl.DataFrame:
    """Find the rows that mean what an item means.

    Parameters
    ----------
    meanings : Meanings
        Embeddings of rows and items.
    least : float
        Lowest threshold; the pool may raise it. Half way from it to 1 for items without a question.
    known : pl.Series, optional
        Rows that leak for other reasons: they say nothing about how close honest rows lie, and are left out.

    Returns
    -------
    pl.DataFrame
        `row: UInt32, place: UInt32, score: Float64, threshold: Float64`: rows with their nearest item.
    """
    rows = np.setdiff1d(np.arange(len(meanings.asked)), [] if known is None else known.to_numpy())
    asked = meanings.questions.any(axis=1)
    answered = meanings.answers.any(axis=1)
    found = [pl.DataFrame(schema=_FOUND)]
    for places, by_question, lowest in (
        (np.flatnonzero(asked & answered), True, least),
        (np.flatnonzero(~asked & answered), False, (1 + least) / 2),
    ):
        if not len(places):
            continue
        stand_ins = _stand_ins(meanings.keys[rows], len(places))
        texts, items = [], []
        if by_question:
            texts, items = [meanings.asked[rows]], [meanings.questions[places]]
        texts.append(_answers(meanings, rows, [*items, *(prompts[stand_ins] for prompts in texts)]))
        items.append(meanings.answers[places])
        threshold = max(lowest, honest_level(texts, len(places), stand_ins))
        score, nearest = _nearest(texts, items)
        at = np.flatnonzero(score >= threshold)
        found.append(
            pl.DataFrame(
                {
                    "row": rows[at],
                    "place": places[nearest[at]],
                    "score": score[at],
                    "threshold": np.full(len(at), threshold),
                }
            ).cast(_FOUND)
        )
    return pl.concat(found)


def of_other_numbers(prompts: pl.Series, questions: pl.Series) -> NDArray[np.bool_]:
    """Tell where a prompt and a question each name a number that the other lacks.

    Parameters
    ----------
    prompts, questions : pl.Series of String
        One pair for each place; null counts as empty.

    Returns
    -------
    (n_pairs,) bool
    """
    texts = pl.concat([part.alias("text").cast(pl.String) for part in (prompts, questions)])
    numbers, places = WordBags(_plain(texts.str.replace(_LISTED, "")), r"\d+"), np.arange(len(prompts))
    return ~numbers.within(places, places + len(prompts))


def of_same_numbers(answers: pl.Series, others: pl.Series) -> NDArray[np.bool_]:
    """Tell where two answers name the same numbers, each as often, and any.

    Parameters
    ----------
    answers, others : pl.Series of String
        One pair for each place; null counts as empty.

    Returns
    -------
    (n_pairs,) bool
    """
    told = (
        _plain(texts.cast(pl.String)).fill_null("").str.extract_all(r"\d+").to_list() for texts in (answers, others)
    )
    same = (bool(one) and sorted(one) == sorted(other) for one, other in zip(*told, strict=True))
    return np.fromiter(same, np.bool_, len(answers))


def _plain(texts: pl.Series) -> pl.Series:
    for spelled, plainly in _SPELLED:
        texts = texts.str.replace_all(spelled, plainly)
    return texts


def _answers(meanings: Meanings, rows: NDArray[np.int64], nearby: list[Vectors]) -> Vectors:
    """Return the answers of rows; zeros where the prompt is far from all that are nearby, if prompts are compared."""
    heard = np.arange(len(rows))
    if nearby:
        prompts, near = meanings.asked[rows], np.concatenate(nearby)
        blocks = (prompts[start : start + _BLOCK] @ near.T for start in range(0, len(rows), _BLOCK))
        closest = np.concatenate([np.empty(0, np.float32), *(block.max(axis=1) for block in blocks)])
        heard = np.flatnonzero(closest >= _LEAST_OF_EITHER - _ROUNDING)
    vectors = np.zeros((len(rows), meanings.answers.shape[1]), np.float32)
    if len(heard):
        vectors[heard] = meanings.answered(rows[heard])
    return vectors


def _stand_ins(keys: NDArray[np.uint64], items: int) -> NDArray[np.int64]:
    """Draw rows that stand in for items, ascending: at most half of them, and 500."""
    return drawn(keys, min(items, _MOST_STAND_INS, len(keys) // 2))


def honest_level(texts: list[Vectors], items: int, stand_ins: NDArray[np.int64]) -> float:
    """Tell how close rows of the pool come to `items` rows of it by chance: what surely all but .5% of them stay below.

    Where fewer rows stand in for the items, the share allowed is that much smaller. A few hundred rows tell little of
    one in two hundred: as many may lie above as keep the upper bound of their share to what is allowed.
    """
    rows = len(texts[0])
    others = np.setdiff1d(np.arange(rows), stand_ins)
    if not len(stand_ins) or not len(others):
        return 0.0
    score, _ = _nearest([part[others] for part in texts], [part[stand_ins] for part in texts])
    share = _HONEST_SHARE * len(stand_ins) / items
    _, most = share_bounds(np.arange(int(share * len(score)) + 1), len(score))
    above = max(0, int((most <= share).sum()) - 1)
    return float(np.sort(score)[-1 - above]) + _ABOVE


def _nearest(texts: list[Vectors], items: list[Vectors]) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
    """Return each row's best score against the items (−1 where any cosine is low), and which item that is."""
    rows = len(texts[0])
    score, place = np.full(rows, -1.0, np.float32), np.zeros(rows, np.intp)
    if not len(items[0]):
        return score, place
    for start in range(0, rows, _BLOCK):
        block = slice(start, start + _BLOCK)
        cosines = np.stack([part[block] @ item.T for part, item in zip(texts, items, strict=True)])
        alike = np.where(cosines.min(axis=0) >= _LEAST_OF_EITHER, cosines.mean(axis=0), np.float32(-1))
        place[block] = alike.argmax(axis=1)
        score[block] = alike.max(axis=1)
    return score, place
