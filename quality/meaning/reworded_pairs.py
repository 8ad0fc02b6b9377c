"""Rows whose prompts may be one question in two templates: what shows in the two rows alone.

The pool decides (`quality.meaning.asked_otherwise`), and it is asked of few: here most pairs fall out.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from quality.meaning.told_alike import may_be_alike
from quality.prompts.edited import words_counted, words_in_order
from quality.prompts.reworded import Words, maybe_reworded
from quality.texts.slips import says_otherwise, slips

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    Places = NDArray[np.integer]

# An answer of fewer words proves nothing: half of them may be its template's.
FEWEST_TOLD = 10


class RewordedPair(NamedTuple):
    """Words of two prompts that differ as two templates do, and of their answers."""

    at: int
    asked: Words
    other: Words
    said: Words
    other_said: Words

    def may_name_one_subject(self) -> bool:
        """Tell whether the answers are long enough, and may be one but for what a copyist changes."""
        return self._shortest() >= FEWEST_TOLD and may_be_alike(self.said, self.other_said)

    def may_have_slips(self, least_words: int) -> bool:
        """Tell whether the answers may be one but for slips, and no word comes in prompt and answer both."""
        return self._shortest() >= least_words and bool(self.mistyped()) and not self._echoed()

    def mistyped(self) -> list[dict[str, set[str]]]:
        """List what the words that one answer alone holds may be slips of, for each side of which all may be."""
        lost, gained = (self.said - self.other_said).keys(), (self.other_said - self.said).keys()
        if says_otherwise(lost | gained):
            return []
        return [side for side in (slips(lost, gained), slips(gained, lost)) if side]

    def _shortest(self) -> int:
        return min(self.said.total(), self.other_said.total())

    def _echoed(self) -> bool:
        """Tell whether a word comes, or goes, in the prompt and in the answer both."""
        lost, gained = self.said - self.other_said, self.other_said - self.said
        return bool((self.asked - self.other) & lost or (self.other - self.asked) & gained)


def reworded_pairs(prompts: pl.Series, answers: pl.Series, left: Places, right: Places) -> Iterator[RewordedPair]:
    """Yield the pairs whose prompts may be reworded, `at` their place among all.

    Parameters
    ----------
    prompts, answers : pl.Series of String
        The rows; of each pair the answers have most of their words in common.
    left, right : (n_pairs,) int
        Positions in them.
    """
    asked, said = [Counter(words) for words in words_in_order(prompts).to_list()], list(words_counted(answers))
    for at, (one, other) in enumerate(zip(left.tolist(), right.tolist(), strict=True)):
        if maybe_reworded(asked[one], asked[other]):
            yield RewordedPair(at, asked[one], asked[other], said[one], said[other])
