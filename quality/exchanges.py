"""Whether two prompts differ in words that other prompts of the pool hold in that place, too.

“Burn of the left knee” and “Burn of the left elbow” do, where others ask of elbows that are left, or that end a prompt:
the words that were put in stand in the pool beside the same word, before or behind. Hardly any edit does so: it puts a
word that is misspelled, drawn at random or of another style between words that it was never seen with.
"""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from quality.edited_prompts import words_in_order

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

# Prompts, the one in question among them, that hold two words side by side, from which on these go together.
_FEWEST_PROMPTS = 2
_START, _END = "^", "$"  # no words: they begin and end a prompt

Beside = tuple[str, str]


def put_in_as_usual(prompts: pl.Series, questions: pl.Series, pool: pl.Series) -> NDArray[np.bool_]:
    """Tell which prompts hold nothing that a question doesn't, but what other prompts hold in that place.

    Parameters
    ----------
    prompts, questions : (n_pairs,) pl.Series of String
        A prompt of the pool and a question of the exam, pair by pair.
    pool : pl.Series of String
        All prompts.
    """
    pairs = zip(*(words_in_order(texts).to_list() for texts in (questions, prompts)), strict=True)
    edges = [_edges([_START, *wanted, _END], [_START, *asked, _END]) for wanted, asked in pairs]
    usual = _usual({pair for stretches in edges for stretch in stretches for pair in stretch}, pool)
    found = (all(not usual.isdisjoint(stretch) for stretch in stretches) for stretches in edges)
    return np.fromiter(found, np.bool_, len(edges))


def _edges(wanted: Sequence[str], asked: Sequence[str]) -> list[tuple[Beside, Beside]]:
    """List of each stretch of words that were put in the first with the word before, and the last with the next."""
    steps = SequenceMatcher(None, wanted, asked, autojunk=False).get_opcodes()
    return [
        ((asked[start - 1], asked[start]), (asked[end - 1], asked[end]))
        for step, _, _, start, end in steps
        if step in ("replace", "insert")
    ]


def _usual(pairs: set[Beside], pool: pl.Series) -> set[Beside]:
    """Pick the words that stand side by side in several prompts."""
    if not pairs:
        return set()
    spelled = {f" {one} {other} ": (one, other) for one, other in sorted(pairs)}
    words = words_in_order(pool).list.join(" ").unique().to_frame("text")
    # What overlaps is found, too: two pairs share the blank between them, and the word.
    held = words.select(pl.format(" {} {} {} ", pl.lit(_START), "text", pl.lit(_END)).alias("text")).select(
        pl.col("text").str.extract_many(list(spelled), overlapping=True).list.unique()
    )
    counts = held.explode("text", empty_as_null=False, keep_nulls=False).group_by("text").len()
    return {spelled[text] for text in counts.filter(pl.col("len") >= _FEWEST_PROMPTS)["text"]}
