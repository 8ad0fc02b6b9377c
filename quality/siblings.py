"""Siblings of an exam's questions: rows that ask something else in nearly the same words, and answer it otherwise.

“What is the boiling point of argon?” is one word away from the same question about neon, and so is a leak of it that
was edited; and where a template is longer than an n-gram, siblings share n-grams, too. What tells them apart is the
answer: an edited leak answers as the item does, a sibling otherwise. But who copies a question may answer it otherwise
as well; so the words that were exchanged must also be those that siblings exchange (see `quality.edited_prompts`), none
of which an edit at random hits:

- one *template* of the pool for another: of the words on both sides, many prompts hold each (in short questions only);
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


def without_siblings(
    found: pl.DataFrame,
    prompts: pl.Series,
    answers: pl.Series,
    items: pl.DataFrame,
    usual: Callable[[], frozenset[str]],
    *,
    templates: bool,
) -> pl.DataFrame:
    """Leave out the leaks of a question where the row is a sibling of it.

    Parameters
    ----------
    found : pl.DataFrame
        `row, place, field` and more, a line for every field that a row gives away.
    prompts, answers : pl.Series of String
        One of each per row.
    items : pl.DataFrame
        `place, question, answer`.
    usual, templates
        As for `siblings`.
    """
    asked, others = found.filter(field="question"), found.filter(pl.col("field") != "question")
    if asked.is_empty():
        return found
    theirs = asked.select("place").join(items, on="place", how="left", maintain_order="left")
    pairs = {"prompt": prompts.gather(asked["row"]), "answer": answers.gather(asked["row"])}
    pairs |= {"its_question": theirs["question"], "its_answer": theirs["answer"]}
    apart = siblings(pl.DataFrame(pairs).fill_null(""), usual, templates=templates)
    return pl.concat([asked.filter(~pl.Series(apart, dtype=pl.Boolean)), others])


def siblings(pairs: pl.DataFrame, usual: Callable[[], frozenset[str]], *, templates: bool) -> NDArray[np.bool_]:
    """Tell which rows ask and answer something else than the item whose question they nearly hold.

    Parameters
    ----------
    pairs : pl.DataFrame
        `prompt, answer` of a row and `its_question, its_answer` of an item, all String without nulls.
    usual : callable
        Gives the words of templates, as `quality.edited_prompts.usual_words`; asked only where they decide.
    templates : bool
        Whether one template may stand for another. In long texts it proves nothing: a story has many usual words.

    Returns
    -------
    (n_pairs,) bool
        False where the prompt holds more than the question, the answer all its words, or either answer is missing.
    """
    texts = [list(words_counted(pairs[name])) for name in ("prompt", "answer", "its_question", "its_answer")]
    found = (_sibling(*of_pair, usual=usual, templates=templates) for of_pair in zip(*texts, strict=True))
    return np.fromiter(found, np.bool_, pairs.height)


def _sibling(
    asked: Words, said: Words, wanted: Words, reply: Words, *, usual: Callable[[], frozenset[str]], templates: bool
) -> bool:
    lost, gained = wanted - asked, asked - wanted
    exchanged = lost and gained and few_struck(lost, wanted) and few_struck(gained, asked)
    if not exchanged or wanted <= said or _answered_alike(said, reply):
        return False
    rare_lost, rare_gained = lost.keys() - usual(), gained.keys() - usual()
    if not (rare_lost or rare_gained):
        return templates
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
