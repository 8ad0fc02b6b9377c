"""Whether two prompts differ in words that other prompts of the pool hold in that place, too.

“Burn of the left knee” and “Burn of the left elbow” do, where others ask of elbows that are left, or that end a prompt:
the words that were put in stand in the pool beside the same word, before or behind. Hardly any edit does so: it puts a
word that is misspelled, drawn at random or of another style between words that it was never seen with.

The same tells what two answers have in common: of a template, other answers hold the words side by side, too.
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from quality.leaks.distinct_texts import END, START
from quality.prompts.edited import words_in_order

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from quality.leaks.distinct_texts import InBlanks

# Prompts, the one in question among them, that hold two words side by side, from which on these go together.
_FEWEST_PROMPTS = 2
# Answers that hold two words side by side, from which on these are a template's, and the share of all that two answers
# have in common that is, at least, where both are filled in from one.
_FEWEST_ANSWERS, _LEAST_SHARE = 8, 0.5
_DIGIT = re.compile(r"\d")

Beside = tuple[str, str]


def put_in_as_usual(prompts: pl.Series, questions: pl.Series, pool: InBlanks) -> NDArray[np.bool_]:
    """Tell which prompts hold nothing that a question doesn't, but what other prompts hold in that place.

    Parameters
    ----------
    prompts, questions : (n_pairs,) pl.Series of String
        A prompt of the pool and a question of the exam, pair by pair.
    pool : InBlanks
        All prompts.
    """
    pairs = zip(*(words_in_order(texts).to_list() for texts in (questions, prompts)), strict=True)
    edges = [_edges([START, *wanted, END], [START, *asked, END]) for wanted, asked in pairs]
    usual = _usual({pair for stretches in edges for stretch in stretches for pair in stretch}, pool, _FEWEST_PROMPTS)
    found = (all(not usual.isdisjoint(stretch) for stretch in stretches) for stretches in edges)
    return np.fromiter(found, np.bool_, len(edges))


def in_common_as_usual(answers: pl.Series, replies: pl.Series, pool: InBlanks) -> NDArray[np.bool_]:
    """Tell which answers have mostly that in common with an item's which other answers hold, too.

    Numbers aside: they are what a template is filled in with.

    Parameters
    ----------
    answers, replies : (n_pairs,) pl.Series of String
        An answer of the pool and one of the exam, pair by pair.
    pool : InBlanks
        All answers.
    """
    pairs = zip(*(words_in_order(texts).to_list() for texts in (answers, replies)), strict=True)
    common = [_worded(said) & _worded(reply) for said, reply in pairs]
    usual = _usual(set().union(*common), pool, _FEWEST_ANSWERS)
    found = (len(both & usual) >= _LEAST_SHARE * len(both) for both in common)
    return np.fromiter(found, np.bool_, len(common))


def _worded(words: Sequence[str]) -> set[Beside]:
    return {pair for pair in pairwise(words) if not any(map(_DIGIT.search, pair))}


def _edges(wanted: Sequence[str], asked: Sequence[str]) -> list[tuple[Beside, Beside]]:
    """List of each stretch of words that were put in the first with the word before, and the last with the next."""
    steps = SequenceMatcher(None, wanted, asked, autojunk=False).get_opcodes()
    return [
        ((asked[start - 1], asked[start]), (asked[end - 1], asked[end]))
        for step, _, _, start, end in steps
        if step in ("replace", "insert")
    ]


def _usual(pairs: set[Beside], pool: InBlanks, least: int) -> set[Beside]:
    """Pick the words that stand side by side in so many texts of the pool."""
    if not pairs:
        return set()
    spelled = {f" {one} {other} ": (one, other) for one, other in sorted(pairs)}
    counts = pool.holding(spelled.keys())
    return {spelled[text] for text, count in counts.items() if count >= least}
