"""Whether the words of two rows allow that one is an edited copy of the other.

Embeddings bring siblings as close as copies: “What does argmax do?” and “What does argmin do?” with answers built
alike have a cosine of .98. What tells them apart is cheap:

- *words*: an edited copy shares most of them, whatever their order;
- *numbers*: of two siblings each names a number that the other lacks (CWE-51 and CWE-52, 2D and 3D);
- *answers*: below equal prompts, politeness aside, one that denies what the other says, says the opposite or puts
  another name is no copy of it, unless it is a long one where other words differ too
  (`quality.duplicates.contradictions`);
- *prompts*: siblings ask for different things, a copy for the same. Its prompt is equal, or was edited itself:
  most words are the same, or some were put in or left out, or other signs tell (`quality.prompts.edited`), and the
  place that differs is none of a template that many prompts fill in (“treaties of Albania”, “of Georgia”). Then an
  edit of the prompt and one of the answer have nothing to do with each other. Where the same word comes in both
  (“multiple elements”), or the same part of a name (`quality.texts.names`), or the same words stand in another order
  (“signed to unsigned”), something else is asked for; but two neighbours of a template that were turned round are a
  slip, and in a long prompt above a copied answer other words are as well (`quality.prompts.turned`). Words that say
  nothing (“also”) count for none of this where answers are long.

Where a copy's prompt was asked in another template, the whole rows have too few words in common, since prompts count
as well. There the answers alone must agree, and more must tell that one is a copy (`quality.meaning.asked_otherwise`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from quality.duplicates.contradictions import COPIED, LONG, contradictory, facts_told
from quality.meaning.asked_otherwise import FEWEST_TOLD, asked_otherwise, one_subject
from quality.prompts.bare_questions import bare_questions
from quality.prompts.edited import asked_alike, filled_otherwise, usual_words
from quality.prompts.turned import words_moved, words_turned
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


def same_said(pairs: pl.DataFrame, prompts: pl.Series, answers: pl.Series, agreement: Agreement) -> NDArray[np.bool_]:
    """Tell which pairs agree in words, numbers and prompts.

    Parameters
    ----------
    pairs : pl.DataFrame
        `left, right`: positions in `prompts`.
    prompts, answers : pl.Series of String
        All rows of the pool: what a template is shows in many.
    agreement : Agreement
        How many words must be the same.

    Returns
    -------
    (n_pairs,) bool
    """
    left, right, asked, said = _of_pairs(pairs["left"].to_numpy(), pairs["right"].to_numpy(), prompts, answers)
    texts = pl.select(pl.concat_str(asked, said, separator="\n", ignore_nulls=True)).to_series()
    whole, numbers = WordBags(texts), WordBags(texts, NUMBER)
    long_enough = np.minimum(whole.sizes[left], whole.sizes[right]) >= agreement.least_words
    share = whole.jaccard(left, right)
    agree: NDArray[np.bool_] = long_enough & (share >= agreement.words) & numbers.within(left, right)
    if agree.any():
        # Few pairs are left, so few texts are read once more.
        agree[agree] = _asked_the_same(asked, said, left[agree], right[agree], prompts, agreement)
    open_ = np.flatnonzero(long_enough & ~agree)
    shared = share[open_] / (1 + share[open_]) * (whole.sizes[left[open_]] + whole.sizes[right[open_]])
    open_ = open_[_answers_agree(asked, said, whole.sizes, left[open_], right[open_], shared, agreement)]
    if len(open_):
        left, right, asked, said = _of_pairs(left[open_], right[open_], asked, said)
        agree[open_] = asked_otherwise(asked, said, left, right, (prompts, answers), agreement.least_words)
    return agree


def said_of_one_subject(
    pairs: pl.DataFrame, prompts: pl.Series, answers: pl.Series, agreement: Agreement
) -> NDArray[np.bool_]:
    """Tell which pairs agree in their answers, below prompts that name one subject in two templates.

    `same_said` finds these as well; where answers alone brought two rows together, no other sign is enough.
    Parameters and result are those of `same_said`.
    """
    left, right, asked, said = _of_pairs(pairs["left"].to_numpy(), pairs["right"].to_numpy(), prompts, answers)
    told = WordBags(said)
    sizes = WordBags(asked).sizes + told.sizes
    long_enough = np.minimum(sizes[left], sizes[right]) >= agreement.least_words
    agree: NDArray[np.bool_] = long_enough & (told.jaccard(left, right) >= agreement.words)
    if agree.any():
        left, right, asked, said = _of_pairs(left[agree], right[agree], asked, said)
        agree[agree] = one_subject(asked, said, left, right, (prompts, answers))
    return agree


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
        left, right, _, said = _of_pairs(left[near], right[near], asked, said)
        share = WordBags(said).jaccard(left, right)
        near[near] = share >= agreement.words
    return near


def _asked_the_same(
    asked: pl.Series, said: pl.Series, left: Places, right: Places, prompts: pl.Series, agreement: Agreement
) -> NDArray[np.bool_]:
    """Tell which pairs of rows of the same words have the same prompt and no opposite answers, or an edited prompt."""
    left, right, asked, said = _of_pairs(left, right, asked, said)
    told, spelled = WordBags(said), in_one_spelling(said)
    copied = (told.jaccard(left, right) >= COPIED) & (np.minimum(told.sizes[left], told.sizes[right]) >= LONG)
    bare_asked, bare_said = (_without_empty_words(texts, told.sizes >= LONG) for texts in (asked, said))
    equal, edited = _same_asked(asked, said, left, right, agreement.prompt_words)
    without = _same_asked(bare_asked, bare_said, left, right, agreement.prompt_words)
    equal |= without[0]
    edited = (edited | without[1]) & ~equal
    rest = np.flatnonzero(~(equal | edited))
    moved = copied[rest] & words_moved(bare_asked, left[rest], right[rest])
    equal[rest] = moved | words_turned(asked, left[rest], right[rest], prompts)
    same, open_ = equal | edited, ~(equal | edited)
    judged = equal & ~copied
    same[judged] = ~contradictory(spelled, left[judged], right[judged])
    another, perhaps = facts_told(spelled, left[equal], right[equal])
    same[equal] &= ~another & ~perhaps
    same[edited] = ~filled_otherwise(asked, said, left[edited], right[edited], prompts)
    if open_.any():
        one, other, its_asked, its_said = _of_pairs(left[open_], right[open_], asked, said)
        same[open_] = asked_alike(its_asked, its_said, one, other, usual_words(prompts))
    reworded = same & ~equal
    same[reworded] = ~_named_in_both(left[reworded], right[reworded], bare_asked, bare_said)
    return same


def _without_empty_words(texts: pl.Series, long: NDArray[np.bool_]) -> pl.Series:
    """Leave out of long rows the words that say nothing: edits put one into the prompt and into the answer as well."""
    text = pl.col("text")
    bare = pl.when(pl.col("long")).then(text.str.replace_all(EMPTY_WORD, "")).otherwise(text)
    return pl.DataFrame({"text": texts, "long": long}).select(bare).to_series()


def _named_in_both(left: Places, right: Places, asked: pl.Series, said: pl.Series) -> NDArray[np.bool_]:
    texts = [part.gather(side).fill_null("").to_list() for part in (asked, said) for side in (left, right)]
    return np.fromiter((named_in_both(*pair) for pair in zip(*texts, strict=True)), np.bool_, len(left))


def _of_pairs(
    left: Places, right: Places, prompts: pl.Series, answers: pl.Series
) -> tuple[Places, Places, pl.Series, pl.Series]:
    """Keep the rows that some pair holds; return the pairs by their new places, and these rows' texts."""
    rows, places = np.unique(np.concatenate([left, right]), return_inverse=True)
    return places[: len(left)], places[len(left) :], prompts.gather(rows), answers.gather(rows)


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
