"""Edited copies whose prompt was asked in another template: answers alike, below a question reworded.

Two signs tell them from siblings. Either alone is enough.

*Both prompts name one subject* and hold, beside it, words of templates alone (`quality.prompts.one_subject`). Then they
are as good as equal, and so are answers that differ in what a copyist changes (`quality.meaning.told_alike`).

*The same answer but for slips.* Where a prompt says more, or the subject is in pieces (“Kenya: ethnic groups?”),
prompts can't tell. Siblings of a grid come near it: of 73,000 descriptions of functions and of parameters, each below
one of six templates, 58,700 pairs have answers alike, and 1,800 of them prompts that would pass for reworded. But
siblings have answers that are equal, that lack a sentence, or that exchange one word for another. What none of those
pairs had, but for some that agree in their prompts too, is a word that the pool doesn't know beside one that it knows,
a letter apart, with nothing else exchanged: somebody copied the one and mistyped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from quality.meaning.pair_signs import of_pairs
from quality.meaning.reworded_pairs import reworded_pairs
from quality.meaning.told_alike import Answers
from quality.prompts.reworded import Templates
from quality.texts.slips import are_slips, rows_holding, texts_holding

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quality.meaning.pool_texts import PoolTexts
    from quality.meaning.reworded_pairs import RewordedPair

    Places = NDArray[np.integer]


def one_subject(pool: PoolTexts, left: Places, right: Places) -> NDArray[np.bool_]:
    """Tell which pairs name one subject in two templates and answer alike.

    Parameters
    ----------
    pool : PoolTexts
        All rows: what is usual, and what is a word, shows in many.
    left, right : (n_pairs,) int
        Positions in it, of pairs that have the sign `SUBJECT`.

    Returns
    -------
    (n_pairs,) bool
    """
    found = np.array(pool.subjects.same(pool.asked(left, right)))
    named = np.flatnonzero(found)
    if len(named):  # the longer texts are asked of few
        pairs = _pairs(pool, left[named], right[named])
        answers = Answers.of(pool.answers, ((pair.said, pair.other_said) for pair in pairs))
        found[named] = [answers.alike(pair.said, pair.other_said, pair.asked, pair.other) for pair in pairs]
    return found


def copied_with_slips(pool: PoolTexts, left: Places, right: Places) -> NDArray[np.bool_]:
    """Tell which pairs have the same answer but for slips, of those that have the sign `SLIPS`: see `one_subject`."""
    pairs = _pairs(pool, left, right)
    templates = Templates(rows_holding(pool.spelled, {word for pair in pairs for word in pair.asked | pair.other}))
    found = np.zeros(len(left), np.bool_)
    sides = {pair.at: pair.mistyped() for pair in pairs if templates.reworded(pair.asked, pair.other)}
    if sides:
        known = texts_holding(pool.answers, {word for each in sides.values() for side in each for word in _named(side)})
        for at, each in sides.items():
            found[at] = any(are_slips(side, known) for side in each)
    return found


def _pairs(pool: PoolTexts, left: Places, right: Places) -> list[RewordedPair]:
    left, right, asked, said = of_pairs(left, right, pool.prompts, pool.answers)
    return list(reworded_pairs(asked, said, left, right))


def _named(side: dict[str, set[str]]) -> set[str]:
    return side.keys() | {right for rights in side.values() for right in rights}
