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

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from quality.meaning.told_alike import Answers, may_be_alike
from quality.prompts.edited import words_counted, words_in_order
from quality.prompts.one_subject import Subjects
from quality.prompts.reworded import Templates, Words, maybe_reworded
from quality.texts.slips import are_slips, says_otherwise, slips, texts_holding

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    Places = NDArray[np.integer]

# An answer of fewer words proves nothing: half of them may be its template's.
FEWEST_TOLD = 10


class _Pair(NamedTuple):
    at: int
    asked: Words
    other: Words
    said: Words
    other_said: Words
    spelled: tuple[list[str], list[str]]

    def sizes(self) -> tuple[int, int]:
        return self.said.total(), self.other_said.total()


def asked_otherwise(
    prompts: pl.Series,
    answers: pl.Series,
    left: Places,
    right: Places,
    pool: tuple[pl.Series, pl.Series],
    least_words: int = 20,
) -> NDArray[np.bool_]:
    """Tell which pairs are one row asked in two templates.

    Parameters
    ----------
    prompts, answers : pl.Series of String
        The rows; of each pair the answers have most of their words in common.
    left, right : (n_pairs,) int
        Positions in them.
    pool : two pl.Series of String
        Prompts and answers of all rows: what is usual, and what is a word, shows in many.
    least_words : int
        A slip in an answer of fewer words proves nothing.

    Returns
    -------
    (n_pairs,) bool
    """
    found = np.zeros(len(left), np.bool_)
    pairs = _reworded(prompts, answers, left, right)
    found[_of_one_subject(pairs, pool)] = True
    found[_copied_with_slips([pair for pair in pairs if not found[pair.at]], pool, least_words)] = True
    return found


def one_subject(
    prompts: pl.Series, answers: pl.Series, left: Places, right: Places, pool: tuple[pl.Series, pl.Series]
) -> NDArray[np.bool_]:
    """Tell which pairs name one subject in two templates and answer alike: see `asked_otherwise`."""
    found = np.zeros(len(left), np.bool_)
    found[_of_one_subject(_reworded(prompts, answers, left, right), pool)] = True
    return found


def _reworded(prompts: pl.Series, answers: pl.Series, left: Places, right: Places) -> list[_Pair]:
    spelled, said = words_in_order(prompts).to_list(), list(words_counted(answers))
    asked = [Counter(words) for words in spelled]
    return [
        _Pair(at, asked[one], asked[other], said[one], said[other], (spelled[one], spelled[other]))
        for at, (one, other) in enumerate(zip(left.tolist(), right.tolist(), strict=True))
        if maybe_reworded(asked[one], asked[other])
    ]


def _of_one_subject(pairs: list[_Pair], pool: tuple[pl.Series, pl.Series]) -> list[int]:
    pairs = [pair for pair in pairs if min(pair.sizes()) >= FEWEST_TOLD and may_be_alike(pair.said, pair.other_said)]
    if not pairs:
        return []
    answers = Answers.of(pool[1], ((pair.said, pair.other_said) for pair in pairs))
    pairs = [pair for pair in pairs if answers.alike(pair.said, pair.other_said, pair.asked, pair.other)]
    subjects = Subjects(pool[0], texts_holding(pool[0], {word for pair in pairs for word in pair.asked & pair.other}))
    return [pair.at for pair in pairs if subjects.same(*pair.spelled)]


def _copied_with_slips(pairs: list[_Pair], pool: tuple[pl.Series, pl.Series], least_words: int) -> list[int]:
    long = (pair for pair in pairs if min(pair.sizes()) >= least_words)
    found = [
        (pair, mistyped)
        for pair in long
        if (mistyped := _mistyped(pair.said, pair.other_said))
        and not _echoed(pair.asked, pair.other, pair.said, pair.other_said)
    ]
    if not found:
        return []
    known = texts_holding(pool[1], {word for _, sides in found for side in sides for word in _named(side)})
    pairs = [pair for pair, sides in found if any(are_slips(side, known) for side in sides)]
    templates = Templates(texts_holding(pool[0], {word for pair in pairs for word in pair.asked | pair.other}))
    return [pair.at for pair in pairs if templates.reworded(pair.asked, pair.other)]


def _mistyped(said: Words, other: Words) -> list[dict[str, set[str]]]:
    """List what the words that one answer alone holds may be slips of, for each side of which all may be."""
    lost, gained = (said - other).keys(), (other - said).keys()
    if says_otherwise(lost | gained):
        return []
    return [side for side in (slips(lost, gained), slips(gained, lost)) if side]


def _named(side: dict[str, set[str]]) -> set[str]:
    return side.keys() | {right for rights in side.values() for right in rights}


def _echoed(asked: Words, other: Words, said: Words, other_said: Words) -> bool:
    """Tell whether a word comes, or goes, in the prompt and in the answer both."""
    return bool((asked - other) & (said - other_said) or (other - asked) & (other_said - said))
