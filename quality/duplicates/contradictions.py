"""Whether two texts, much alike in words, say something else all the same.

An edit of a long text hits a number or a “not” by chance; whoever answers in a few words means them. So below `LONG`
words each “not” and each opposite counts. A longer answer that shares `COPIED` of its words was edited, unless all that
differs is a fact (`quality.texts.facts`): a copyist's edits would have hit other words as well. One edit alone may hit
a number and put another there: of answers with one word changed, so few that they are told as contradictions.

Texts are given in one spelling (`quality.texts.spellings`), unless it is said otherwise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from quality.prompts.edited import words_counted, words_in_order
from quality.texts.opposites import contradict
from quality.texts.spellings import in_one_spelling
from quality.texts.told_otherwise import Text, rows_apart, told_otherwise

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    Places = NDArray[np.integer]

COPIED, LONG = 0.9, 20
"""Share of its words from which a long answer is a copy, if other words than those of a fact differ; what is long."""


class Facts(NamedTuple):
    """Pairs of texts that tell another fact alone, and those that perhaps do: either is (n_pairs,) bool."""

    another: NDArray[np.bool_]
    perhaps: NDArray[np.bool_]


def contradictory(answers: pl.Series, left: Places, right: Places) -> NDArray[np.bool_]:
    """Tell which pairs of answers (n,), by position and much alike in words, say the opposite of each other."""
    words = list(words_counted(answers))
    pairs = ((words[one], words[other]) for one, other in zip(left.tolist(), right.tolist(), strict=True))
    found = (contradict(said - other, other - said) for said, other in pairs)
    return np.fromiter(found, np.bool_, len(left))


def facts_told(answers: pl.Series, left: Places, right: Places) -> Facts:
    """Tell which pairs of answers (n,), by position and much alike in words, differ in a fact alone."""
    texts = _read(answers)
    found = np.array(
        [told_otherwise(texts[one], texts[other]) for one, other in zip(left.tolist(), right.tolist(), strict=True)],
        dtype=np.str_,
    )
    return Facts(found == "another", found == "perhaps")


def apart(prompts: pl.Series, answers: pl.Series, left: Places, right: Places) -> NDArray[np.bool_]:
    """Tell which pairs of rows (n,), by position and much alike, are no copies: see `quality.texts.told_otherwise`.

    Of rows that have one prompt, in the same letters, `facts_told` tells, and none is told here. Texts may be in any
    spelling.
    """
    found = np.zeros(len(left), np.bool_)
    one, other = prompts.gather(left), prompts.gather(right)
    open_ = ((one != other) | (one == "")).fill_null(value=True).to_numpy().nonzero()[0]
    if len(open_):
        rows, places = np.unique(np.stack([left, right], axis=1)[open_], return_inverse=True)
        asked, said = (_read(in_one_spelling(texts.gather(rows))) for texts in (prompts, answers))
        sides = places.reshape(-1, 2).tolist()
        found[open_] = [rows_apart(asked[one], asked[other], said[one], said[other]) for one, other in sides]
    return found


def _read(spelled: pl.Series) -> list[Text]:
    words = words_in_order(spelled).to_list()
    return [Text(*text) for text in zip(words, spelled.fill_null("").to_list(), strict=True)]
