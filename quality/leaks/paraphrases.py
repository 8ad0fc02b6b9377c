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

Texts are dear to embed, and most rows say nothing like any item. A row as a whole is embedded for other reasons, and
whoever asks and answers alike is alike as a whole: of 1,488 pairs of docstrings, sums and abstracts whose question and
answer lie at .7 or closer, none lies more than .18 lower as a whole. So rows are heard the closest first, and only as
long as one that is heard can still count.
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
    Listen = Callable[[NDArray[np.int64]], Vectors]

# How much lower a pair may lie as a whole than by question and answer, and a whole than its answer by that alone.
_LOWER_AS_WHOLE, _LOWER_WITH_PROMPT = 0.2, 0.55
# Of the rows that are honest, at most this share may be taken for paraphrases.
_HONEST_SHARE = 0.005
_LEAST_OF_EITHER = 0.6
_MOST_STAND_INS, _MOST_HEARD = 500, 8000
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
class Said:
    """Unit vectors of what rows say, each told by position: (k,) int64 to (k, dim) float32; zeros where it is empty.

    Attributes
    ----------
    whole : (n_rows, dim) float32
        All of a row at once.
    asked, answered : callable
        Give what rows ask, and what they answer.
    mostly_answer : (n_rows,) bool
        Rows whose answer is at least as long as what they ask: of the others, the whole tells little of the answer.
    keys : (n_rows,) uint64
        Hashes of the rows' texts, by which rows are drawn: nearly the same ones from run to run.
    """

    whole: Vectors
    asked: Listen
    answered: Listen
    mostly_answer: NDArray[np.bool_]
    keys: NDArray[np.uint64]


@dataclass(frozen=True)
class Items:
    """Unit vectors of items, or of rows that stand in for them: (n_items, dim) float32, zeros where a text is empty.

    An item without a question is compared by its answer alone; where all are, `questions` may be None.
    """

    whole: Vectors
    questions: Vectors | None
    answers: Vectors

    def only(self, places: NDArray[np.int64], *, by_question: bool) -> Items:
        """Return some of them, told by position."""
        questions = self.questions[places] if by_question and self.questions is not None else None
        return Items(self.whole[places], questions, self.answers[places])


@dataclass(frozen=True)
class Meanings:
    """The embeddings of rows and items."""

    rows: Said
    items: Items


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
    said, items = meanings.rows, meanings.items
    rows = np.setdiff1d(np.arange(len(said.whole)), [] if known is None else known.to_numpy())
    asked = np.zeros(len(items.answers), np.bool_) if items.questions is None else items.questions.any(axis=1)
    answered = items.answers.any(axis=1)
    found = [pl.DataFrame(schema=_FOUND)]
    for places, by_question, lowest in (
        (np.flatnonzero(asked & answered), True, least),
        (np.flatnonzero(~asked & answered), False, (1 + least) / 2),
    ):
        if not len(places):
            continue
        wanted = items.only(places, by_question=by_question)
        threshold = max(lowest, honest_level(said, rows, len(places), lowest, by_question=by_question))
        close = rows[_closeness(said, rows, wanted) >= threshold - _lower(wanted)]
        score, nearest = _scores(said, close, wanted)
        at = np.flatnonzero(score >= threshold)
        found.append(
            pl.DataFrame(
                {
                    "row": close[at],
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


def honest_level(said: Said, rows: NDArray[np.int64], items: int, lowest: float, *, by_question: bool = True) -> float:
    """Tell how close rows of the pool come to `items` rows of it by chance: what surely all but .5% of them stay below.

    Where fewer rows stand in for the items, the share allowed is that much smaller. A few hundred rows tell little of
    one in two hundred: as many may lie above as keep the upper bound of their share to what is allowed, and 8,000 tell
    enough. A level below `lowest` is not told: rows that cannot reach that are not heard.
    """
    drawn_rows = rows[drawn(said.keys[rows], min(items, _MOST_STAND_INS, len(rows) // 2))]
    others = np.setdiff1d(rows, drawn_rows)
    others = others[drawn(said.keys[others], min(len(others), _MOST_HEARD))]
    if not len(drawn_rows):
        return 0.0
    stand_ins = Items(
        said.whole[drawn_rows], said.asked(drawn_rows) if by_question else None, said.answered(drawn_rows)
    )
    share = _HONEST_SHARE * len(drawn_rows) / items
    _, most = share_bounds(np.arange(int(share * len(others)) + 1), len(others))
    above = max(0, int((most <= share).sum()) - 1)
    return _score_at(said, others, stand_ins, above, lowest) + _ABOVE


def _score_at(said: Said, rows: NDArray[np.int64], items: Items, place: int, lowest: float) -> float:
    """Return the score that so many rows lie above, or any below `lowest`: the closest rows are heard first."""
    closeness = _closeness(said, rows, items)
    order = np.argsort(-closeness, kind="stable")
    could, rows = closeness[order] + _lower(items), rows[order]
    best, start, size = np.full(place + 1, -1.0, np.float32), 0, _BLOCK
    while start < len(rows) and could[start] >= max(lowest, best[0]):
        end = start + size
        heard = rows[start:end][could[start:end] >= max(lowest, best[0])]
        scores, _ = _scores(said, heard, items)
        best = np.sort(np.concatenate([best, scores]))[-(place + 1) :]
        start, size = end, 2 * size
    return float(best[0])


def _lower(items: Items) -> float:
    return _LOWER_WITH_PROMPT if items.questions is None else _LOWER_AS_WHOLE


def _closeness(said: Said, rows: NDArray[np.int64], items: Items) -> Vectors:
    """Tell how close each row as a whole comes to any item: (n_rows,) float32."""
    closest = np.full(len(rows), -1, np.float32)
    for start in range(0, len(rows), _BLOCK):
        block = slice(start, start + _BLOCK)
        if len(items.whole):
            closest[block] = (said.whole[rows[block]] @ items.whole.T).max(axis=1)
    if items.questions is None:
        closest[~said.mostly_answer[rows]] = 1
    return closest + np.float32(_ROUNDING)


def _scores(said: Said, rows: NDArray[np.int64], items: Items) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
    """Return each row's best score against the items (−1 where any cosine is low), and which item that is."""
    score, place = np.full(len(rows), -1.0, np.float32), np.zeros(len(rows), np.intp)
    pairs = []
    heard = np.arange(len(rows))
    if items.questions is not None and len(rows):
        asked = said.asked(rows)
        heard = np.flatnonzero(_reach(asked, items.questions))
        pairs.append((asked[heard], items.questions))
    if not len(heard) or not len(items.answers):
        return score, place
    pairs.append((said.answered(rows[heard]), items.answers))
    for start in range(0, len(heard), _BLOCK):
        block = slice(start, start + _BLOCK)
        cosines = np.stack([part[block] @ item.T for part, item in pairs])
        alike = np.where(cosines.min(axis=0) >= _LEAST_OF_EITHER, cosines.mean(axis=0), np.float32(-1))
        place[heard[block]], score[heard[block]] = alike.argmax(axis=1), alike.max(axis=1)
    return score, place


def _reach(asked: Vectors, questions: Vectors) -> NDArray[np.bool_]:
    """Tell which prompts come near any question."""
    near = np.zeros(len(asked), np.bool_)
    for start in range(0, len(asked), _BLOCK):
        block = slice(start, start + _BLOCK)
        near[block] = (asked[block] @ questions.T).max(axis=1) >= _LEAST_OF_EITHER - _ROUNDING
    return near
