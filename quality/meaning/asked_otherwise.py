"""Edited copies whose prompt was asked in another template: the same answer but for slips, below a question reworded.

Prompts alone can't tell. Siblings of a grid come near it: of 73,000 descriptions of functions and of parameters, each
below one of six templates, 58,700 pairs have answers alike, and 1,800 of them prompts that would pass for reworded.
But siblings have answers that are equal, that lack a sentence, or that exchange one word for another. What none of
those pairs had, but for some that agree in their prompts too, is a word that the pool doesn't know beside one that it
knows, a letter apart, with nothing else exchanged: somebody copied the one and mistyped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from quality.prompts.edited import words_counted
from quality.prompts.reworded import Templates, Words, maybe_reworded
from quality.texts.slips import are_slips, says_otherwise, slips, texts_holding

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    Places = NDArray[np.integer]


class _Pair(NamedTuple):
    at: int
    asked: Words
    other: Words
    slips: list[dict[str, set[str]]]


def asked_otherwise(
    prompts: pl.Series, answers: pl.Series, left: Places, right: Places, pool: tuple[pl.Series, pl.Series]
) -> NDArray[np.bool_]:
    """Tell which pairs are the same answer, mistyped here or there, below one question in other words.

    Parameters
    ----------
    prompts, answers : pl.Series of String
        The rows; of each pair the answers have most of their words in common.
    left, right : (n_pairs,) int
        Positions in them.
    pool : two pl.Series of String
        Prompts and answers of all rows: what is usual, and what is a word, shows in many.

    Returns
    -------
    (n_pairs,) bool
    """
    found = np.zeros(len(left), np.bool_)
    asked, said = list(words_counted(prompts)), list(words_counted(answers))
    pairs = [
        _Pair(at, asked[one], asked[other], mistyped)
        for at, (one, other) in enumerate(zip(left.tolist(), right.tolist(), strict=True))
        if maybe_reworded(asked[one], asked[other])
        and (mistyped := _mistyped(said[one], said[other]))
        and not _echoed(asked[one], asked[other], said[one], said[other])
    ]
    if not pairs:
        return found
    known = texts_holding(pool[1], {word for pair in pairs for side in pair.slips for word in _named(side)})
    pairs = [pair for pair in pairs if any(are_slips(side, known) for side in pair.slips)]
    templates = Templates(texts_holding(pool[0], {word for pair in pairs for word in pair.asked | pair.other}))
    found[[pair.at for pair in pairs if templates.reworded(pair.asked, pair.other)]] = True
    return found


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
