"""Siblings of an exam's questions: rows that ask something else in nearly the same words, and answer it otherwise.

“What is the boiling point of argon?” is one word away from the same question about neon, and so is a leak of it that
was edited. What tells them apart is the answer: an edited leak answers as the item does, a sibling otherwise. But who
copies a question may answer it otherwise, too; so the words that were exchanged must also be those that siblings
exchange (see `quality.edited_prompts`), none of which an edit at random hits:

- one *template* of the pool for another: of the words on both sides, many prompts hold each;
- one *subject* for another: of those on both sides some are rare, and what is left is a template;
- the row's answer names what the row asks for and the item does not, and the item's answer doesn't.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from quality.asked_again import DEFAULT
from quality.edited_prompts import few_struck, words_counted

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from quality.edited_prompts import Words

_DIGIT = re.compile(r"\d")


def siblings(pairs: pl.DataFrame, usual: Callable[[], frozenset[str]]) -> NDArray[np.bool_]:
    """Tell which rows ask and answer something else than the item whose question they nearly hold.

    Parameters
    ----------
    pairs : pl.DataFrame
        `prompt, answer` of a row and `its_question, its_answer` of an item, all String without nulls.
    usual : callable
        Gives the words of templates, as `quality.edited_prompts.usual_words`; asked only where they decide.

    Returns
    -------
    (n_pairs,) bool
        False where the prompt holds more than the question, or either answer is missing.
    """
    texts = [list(words_counted(pairs[name])) for name in ("prompt", "answer", "its_question", "its_answer")]
    found = (_sibling(*of_pair, usual=usual) for of_pair in zip(*texts, strict=True))
    return np.fromiter(found, np.bool_, pairs.height)


def _sibling(asked: Words, said: Words, wanted: Words, reply: Words, *, usual: Callable[[], frozenset[str]]) -> bool:
    lost, gained = wanted - asked, asked - wanted
    exchanged = lost and gained and few_struck(lost, wanted) and few_struck(gained, asked)
    if not exchanged or _answered_alike(said, reply):
        return False
    rare_lost, rare_gained = lost.keys() - usual(), gained.keys() - usual()
    if not (rare_lost or rare_gained):
        return True
    if rare_lost and rare_gained and (wanted - lost).keys() <= usual():
        return True
    return bool(rare_gained & (said.keys() - reply.keys()))


def _answered_alike(said: Words, reply: Words) -> bool:
    """Whether answers share most words, and no number speaks against it, or one holds all words of the other."""
    shared, sizes = (said & reply).total(), (said.total(), reply.total())
    if shared in sizes:
        return True
    if shared < DEFAULT.alike * (sum(sizes) - shared):
        return False
    numbers, others = (set(filter(_DIGIT.search, words)) for words in (said, reply))
    return numbers <= others or others <= numbers
