"""Whether prompts of which each holds a word that the other lacks ask for the same thing nevertheless.

“Define the word lapwing.” and “Define the nuts lapwing.” do, “Define the word peewit.” asks for another thing, though
its answer may be the same. Shares of words can't tell: prompts are short. But where rows say the same in their answers,
an edit shows in one of two ways:

- it struck a word of the *template*, which many prompts of the pool hold, and put in one that few hold; siblings
  exchange a subject for another, or one template for another;
- the *answer* below both names what one prompt asks for, and never what the other does.

And where many prompts of the pool fill in the place that two differ in, each otherwise (`quality.prompts.slots`), only
the second sign tells an edit, however many words the two have in common.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from quality.texts.normalise import folded
from quality.texts.words import WORD, apart

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

# A word of so many prompts, in share and in number, is one of a template.
USUAL_SHARE, FEWEST_USUAL = 0.01, 20
# An edit strikes one word, or of long prompts this share of them.
MOST_STRUCK = 0.3

Words = Counter[str]


def asked_alike(
    prompts: pl.Series, answers: pl.Series, left: NDArray[np.integer], right: NDArray[np.integer], usual: frozenset[str]
) -> NDArray[np.bool_]:
    """Tell which pairs of prompts differ by an edit, and not in what they ask for.

    Parameters
    ----------
    prompts, answers : pl.Series of String
        The rows; of each pair the answers are alike.
    left, right : (n_pairs,) int
        Positions in them, of pairs that `may_be_asked_alike`.
    usual : frozenset of str
        Words of templates, as from `usual_words`.

    Returns
    -------
    (n_pairs,) bool
    """
    pairs = _words_of_pairs(prompts, answers, left, right)
    return np.fromiter((_edited(*pair, usual) for pair in pairs), np.bool_, len(left))


def may_be_asked_alike(
    prompts: pl.Series, answers: pl.Series, left: NDArray[np.integer], right: NDArray[np.integer]
) -> NDArray[np.bool_]:
    """Tell which pairs `asked_alike` may be true of, whatever is usual; parameters and result are its own."""
    pairs = _words_of_pairs(prompts, answers, left, right)
    return np.fromiter((_may_be_edited(*pair) for pair in pairs), np.bool_, len(left))


def one_named(
    prompts: pl.Series, answers: pl.Series, left: NDArray[np.integer], right: NDArray[np.integer]
) -> NDArray[np.bool_]:
    """Tell where the answers of both name all that one prompt alone holds, and never what the other does.

    Then somebody edited that one, be it at a place that many prompts fill in otherwise.

    Parameters
    ----------
    prompts, answers : pl.Series of String
        The rows; of each pair the answers are alike.
    left, right : (n_pairs,) int
        Positions in them.

    Returns
    -------
    (n_pairs,) bool
    """
    pairs = _words_of_pairs(prompts, answers, left, right)
    return np.fromiter((_one_named(*pair) for pair in pairs), np.bool_, len(left))


def _one_named(asked: Words, other: Words, said: Words, other_said: Words) -> bool:
    lost, gained, both, either = set(asked - other), set(other - asked), said & other_said, said | other_said
    return _only_one(lost, gained, both, either) or _only_one(gained, lost, both, either)


def usual_words(prompts: pl.Series) -> frozenset[str]:
    """Gather the words that at least a hundredth of the prompts hold, and 20 of them."""
    return usual_among(words_in_order(prompts))


def usual_among(spelled: pl.Series) -> frozenset[str]:
    """Gather the usual words of prompts whose words are given, as by `words_in_order`: see `usual_words`."""
    least = max(FEWEST_USUAL, math.ceil(USUAL_SHARE * len(spelled)))
    words = pl.DataFrame({"word": spelled.list.unique()}).explode("word", empty_as_null=False)
    counts = words.group_by("word").len().filter(pl.col("len") >= least, pl.col("word").is_not_null())
    return frozenset(counts["word"])


def _words_of_pairs(
    prompts: pl.Series, answers: pl.Series, left: NDArray[np.integer], right: NDArray[np.integer]
) -> Iterator[tuple[Words, Words, Words, Words]]:
    asked, said = list(words_counted(prompts)), list(words_counted(answers))
    pairs = zip(left.tolist(), right.tolist(), strict=True)
    return ((asked[one], asked[other], said[one], said[other]) for one, other in pairs)


def _may_be_edited(asked: Words, other: Words, said: Words, other_said: Words) -> bool:
    """Tell whether either prompt lacks few words of the other, of which none comes or goes in the answers as well."""
    lost, gained = asked - other, other - asked
    few = few_struck(lost, asked) and few_struck(gained, other)
    return bool(few and lost and gained) and not (lost & (said - other_said) or gained & (other_said - said))


def _edited(asked: Words, other: Words, said: Words, other_said: Words, usual: frozenset[str]) -> bool:
    lost, gained = asked - other, other - asked
    rare_lost, rare_gained = lost.keys() - usual, gained.keys() - usual
    if bool(rare_lost) != bool(rare_gained):
        return True
    both, either = said & other_said, said | other_said
    return _only_one(rare_lost, rare_gained, both, either) or _only_one(rare_gained, rare_lost, both, either)


def few_struck(struck: Words, prompt: Words) -> bool:
    """Whether an edit strikes no more words of a prompt than these."""
    return struck.total() <= max(1, MOST_STRUCK * prompt.total())


def _only_one(named: set[str], unnamed: set[str], both: Words, either: Words) -> bool:
    """Whether both answers name the one, and neither the other."""
    return bool(named) and named <= both.keys() and not unnamed & either.keys()


def words_counted(texts: pl.Series) -> Iterator[Words]:
    """Yield how often each text holds each of its words."""
    return (Counter(words) for words in words_in_order(texts).to_list())


def words_in_order(texts: pl.Series) -> pl.Series:
    """List the words of texts, folded; null has none."""
    spelled = folded(texts.cast(pl.String).fill_null("")).to_frame("text")
    return spelled.select(apart(pl.col("text")).str.extract_all(WORD)).to_series()
