"""Whether two answers to one prompt, much alike in words, contradict each other all the same.

An edit of a long text hits a number or a “not” by chance; whoever answers in a few words means them. So below `LONG`
words each “not” and each opposite counts. A longer answer that shares `COPIED` of its words was edited, unless all that
differs is a fact (`quality.texts.facts`): a copyist's edits would have hit other words as well. One edit alone may hit
a number and put another there: of answers with one word changed, so few that they are told as contradictions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from quality.prompts.edited import words_counted
from quality.texts.facts import tell_another_fact
from quality.texts.opposites import contradict

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    Places = NDArray[np.integer]

COPIED, LONG = 0.9, 20
"""Share of its words from which a long answer is a copy, if other words than those of a fact differ; what is long."""


def contradictory(answers: pl.Series, left: Places, right: Places) -> NDArray[np.bool_]:
    """Tell which pairs of answers (n,), by position and much alike in words, say the opposite of each other."""
    words = list(words_counted(answers))
    pairs = ((words[one], words[other]) for one, other in zip(left.tolist(), right.tolist(), strict=True))
    found = (contradict(said - other, other - said) for said, other in pairs)
    return np.fromiter(found, np.bool_, len(left))


def of_another_fact(answers: pl.Series, left: Places, right: Places) -> NDArray[np.bool_]:
    """Tell which pairs of answers (n,), by position and much alike in words, differ in a fact alone."""
    words, written = list(words_counted(answers)), answers.fill_null("").to_list()
    pairs = zip(left.tolist(), right.tolist(), strict=True)
    found = (tell_another_fact(words[one], words[other], written[one], written[other]) for one, other in pairs)
    return np.fromiter(found, np.bool_, len(left))
