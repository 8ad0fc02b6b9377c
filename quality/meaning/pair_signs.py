"""What two rows show by themselves of whether one is an edited copy of the other, whatever the pool around them.

That is the same in every run, and remembered (`quality.meaning.pair_memory`). Where it does not decide, a sign says
what the pool is to be asked (`quality.meaning.same_said`, where it is told why).
"""

from __future__ import annotations

from enum import IntFlag
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from quality.duplicates.contradictions import COPIED, LONG, contradictory, facts_told
from quality.meaning.reworded_pairs import FEWEST_TOLD, reworded_pairs
from quality.prompts.bare_questions import bare_questions
from quality.prompts.edited import may_be_asked_alike, one_named
from quality.prompts.turned import may_be_turned, words_moved
from quality.texts.function_words import EMPTY_WORD
from quality.texts.names import named_in_both
from quality.texts.spellings import in_one_spelling
from quality.texts.word_bags import NUMBER, WordBags

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Places = NDArray[np.integer]


class Agreement(NamedTuple):
    """How many words two rows must have in common.

    Attributes
    ----------
    words : float
        Least Jaccard similarity of the rows' words, each counted as often as it occurs; of their answers' words, where
        prompts were reworded.
    prompt_words : float
        The same of prompts that aren't equal, unless one holds all words of the other.
    least_words : int
        A row of fewer words agrees with none, and a slip in an answer of fewer proves nothing.
    """

    words: float = 0.85
    prompt_words: float = 0.7
    least_words: int = 20


class Sign(IntFlag):
    """What two rows say the same by: in any case, or if the pool allows it."""

    SAME = 1
    """Nothing is open: the answers say the same, and the prompts are equal or surely edited."""
    TURNED = 2
    """If two neighbours in the prompt were turned round against a template."""
    EDITED = 4
    """If the prompts, alike in most words, don't fill one place of a template otherwise."""
    REPLACED = 8
    """If the words that the prompts lack of each other are those of an edit, by what is usual."""
    SUBJECT = 16
    """If the prompts name one subject in two templates."""
    SLIPS = 32
    """If the answers differ in slips alone, and one prompt has but a template's words for itself."""


def signs_of(
    left: Places, right: Places, prompts: pl.Series, answers: pl.Series, agreement: Agreement
) -> NDArray[np.uint8]:
    """Tell the signs of pairs of rows.

    Parameters
    ----------
    left, right : (n_pairs,) int
        Positions in `prompts`.
    prompts, answers : pl.Series of String
        The rows, and perhaps others.
    agreement : Agreement
        How many words must be the same.

    Returns
    -------
    (n_pairs,) uint8
        Each a set of `Sign`: 0 where the two say something else in any pool.
    """
    left, right, asked, said = of_pairs(left, right, prompts, answers)
    bags, numbers = WordBags(rows := whole(asked, said)), WordBags(rows, NUMBER)
    long_enough = np.minimum(bags.sizes[left], bags.sizes[right]) >= agreement.least_words
    share = bags.jaccard(left, right)
    signs = np.zeros(len(left), np.uint8)
    agree = np.flatnonzero(long_enough & (share >= agreement.words) & numbers.within(left, right))
    if len(agree):
        signs[agree] = _of_the_same_words(asked, said, left[agree], right[agree], agreement)
    open_ = np.flatnonzero(long_enough & (signs != Sign.SAME))
    shared = share[open_] / (1 + share[open_]) * (bags.sizes[left[open_]] + bags.sizes[right[open_]])
    open_ = open_[_answers_agree(asked, said, bags.sizes, left[open_], right[open_], shared, agreement)]
    if len(open_):
        signs[open_] |= _of_other_templates(asked, said, left[open_], right[open_], agreement.least_words)
    return signs


def whole(prompts: pl.Series, answers: pl.Series) -> pl.Series:
    """Put prompt and answer of each row into one text."""
    return pl.select(pl.concat_str(prompts, answers, separator="\n", ignore_nulls=True)).to_series()


def of_pairs(
    left: Places, right: Places, prompts: pl.Series, answers: pl.Series
) -> tuple[Places, Places, pl.Series, pl.Series]:
    """Keep the rows that some pair holds; return the pairs by their new places, and these rows' texts."""
    rows, places = np.unique(np.concatenate([left, right]), return_inverse=True)
    return places[: len(left)], places[len(left) :], prompts.gather(rows), answers.gather(rows)


def _of_the_same_words(
    asked: pl.Series, said: pl.Series, left: Places, right: Places, agreement: Agreement
) -> NDArray[np.uint8]:
    """Tell the signs of pairs of rows that agree in words and numbers, by their prompts."""
    left, right, asked, said = of_pairs(left, right, asked, said)
    told = WordBags(said)
    copied = _copied(told, left, right)
    bare_asked, bare_said = (_without_empty_words(texts, told.sizes >= LONG) for texts in (asked, said))
    equal, edited = _same_asked(asked, said, left, right, agreement.prompt_words)
    without = _same_asked(bare_asked, bare_said, left, right, agreement.prompt_words)
    equal |= without[0]
    rest = np.flatnonzero(copied & ~(equal | edited | without[1]))
    equal[rest] = words_moved(bare_asked, left[rest], right[rest])
    edited = (edited | without[1]) & ~equal
    turned = ~equal & ~edited & may_be_turned(asked, left, right)
    replaced = ~equal & ~edited & may_be_asked_alike(asked, said, left, right)
    as_equal = np.flatnonzero(equal | turned)
    another = as_equal[~_told_alike(said, left[as_equal], right[as_equal], copied[as_equal])]
    reworded = np.flatnonzero(edited | replaced)
    another = np.concatenate(
        [another, reworded[_named_in_both(left[reworded], right[reworded], bare_asked, bare_said)]]
    )
    named = edited.copy()
    named[edited] = one_named(asked, said, left[edited], right[edited])
    signs = (
        (equal | named) * Sign.SAME | turned * Sign.TURNED | (edited & ~named) * Sign.EDITED | replaced * Sign.REPLACED
    )
    signs[another] = 0
    return signs.astype(np.uint8)


def _copied(told: WordBags, left: Places, right: Places) -> NDArray[np.bool_]:
    """Tell which answers are copies by their words: long ones that share most of them."""
    return (told.jaccard(left, right) >= COPIED) & (np.minimum(told.sizes[left], told.sizes[right]) >= LONG)


def _without_empty_words(texts: pl.Series, long: NDArray[np.bool_]) -> pl.Series:
    """Leave out of long rows the words that say nothing: edits put one into the prompt and into the answer as well."""
    text = pl.col("text")
    bare = pl.when(pl.col("long")).then(text.str.replace_all(EMPTY_WORD, "")).otherwise(text)
    return pl.DataFrame({"text": texts, "long": long}).select(bare).to_series()


def _told_alike(said: pl.Series, left: Places, right: Places, copied: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell which answers below equal prompts, alike in words, neither deny each other nor tell another fact."""
    spelled = in_one_spelling(said)
    alike, judged = copied.copy(), ~copied
    alike[judged] = ~contradictory(spelled, left[judged], right[judged])
    another, perhaps = facts_told(spelled, left, right)
    return alike & ~another & ~perhaps


def _answers_agree(
    asked: pl.Series,
    said: pl.Series,
    sizes: NDArray[np.int64],
    left: Places,
    right: Places,
    shared: NDArray[np.float64],
    agreement: Agreement,
) -> NDArray[np.bool_]:
    """Tell where the answers alone agree in most of their words."""
    told = sizes - WordBags(asked).sizes
    least = agreement.words / (1 + agreement.words) * (told[left] + told[right])
    # What two answers have in common the rows have: few pairs are left to be compared word by word.
    fewest = min(FEWEST_TOLD, agreement.least_words)
    near: NDArray[np.bool_] = (shared >= least - 1e-6) & (np.minimum(told[left], told[right]) >= fewest)
    if near.any():
        left, right, _, said = of_pairs(left[near], right[near], asked, said)
        share = WordBags(said).jaccard(left, right)
        near[near] = share >= agreement.words
    return near


def _of_other_templates(
    asked: pl.Series, said: pl.Series, left: Places, right: Places, least_words: int
) -> NDArray[np.uint8]:
    """Tell the signs of pairs of rows whose answers agree, where their prompts may be reworded."""
    left, right, asked, said = of_pairs(left, right, asked, said)
    signs = np.zeros(len(left), np.uint8)
    for pair in reworded_pairs(asked, said, left, right):
        subject, slips = pair.may_name_one_subject(), pair.may_have_slips(least_words)
        signs[pair.at] = subject * Sign.SUBJECT | slips * Sign.SLIPS
    return signs


def _named_in_both(left: Places, right: Places, asked: pl.Series, said: pl.Series) -> NDArray[np.bool_]:
    texts = [part.gather(side).fill_null("").to_list() for part in (asked, said) for side in (left, right)]
    return np.fromiter((named_in_both(*pair) for pair in zip(*texts, strict=True)), np.bool_, len(left))


def _same_asked(
    asked: pl.Series, said: pl.Series, left: Places, right: Places, words: float
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Tell which pairs have equal prompts, and which have prompts with edits of their own."""
    bare = bare_questions(asked)
    equal: NDArray[np.bool_] = (bare.gather(left) == bare.gather(right)).fill_null(value=True).to_numpy()
    bags = WordBags(pl.concat([asked.alias("text"), said.alias("text")]))  # words of both by one numbering
    share = bags.jaccard(left, right)
    edited: NDArray[np.bool_] = ((share >= words) | bags.within(left, right)) & (share < 1) & ~equal
    return equal, edited & ~_echoed(bags, left, right, len(asked))


def _echoed(bags: WordBags, left: Places, right: Places, answers: int) -> NDArray[np.bool_]:
    """Tell where a word comes, or goes, in the prompt and in the answer both; answers stand `answers` after prompts."""
    echoed = np.zeros(len(left), np.bool_)
    for one, other in ((left, right), (right, left)):
        both = bags.lacking(one, other).multiply(bags.lacking(one + answers, other + answers))
        echoed |= np.asarray(both.sum(axis=1)).ravel() > 0
    return echoed
