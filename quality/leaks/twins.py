"""Twins of an exam's items: rows of one template that differ from an item in a few words and in what they answer.

“What is the code for a burn of the left knee?” is one word away from the same question about the right one, and so is a
leak of it that was edited. But an edit keeps what is answered. A row is a twin where all of this holds:

- its answer gives another *key* (see `quality.leaks.answer_keys`) than the item's wherever both give one, and neither
  the other's anywhere;
- what else the two answers have in common is a template's: other answers of the pool hold most of it, too. Whoever
  copies an explanation and puts another number below it leaks what was explained;
- the prompt lacks words of the question, and holds others that are no other spelling of them; it shares half of the
  question at least, and has no more than as many words besides;
- other prompts of the pool hold what it put in *in that place*, too (see `quality.leaks.exchanges`);
- the question is short. In a long story another name or number makes nothing else of it.

Who copies a question, edits it and gives a wrong answer is found by the fourth, mostly: hardly any edit stands in
another prompt beside the same word.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from quality.leaks.exchanges import in_common_as_usual, put_in_as_usual
from quality.prompts.edited import words_counted

if TYPE_CHECKING:
    from collections.abc import Set

    from numpy.typing import NDArray

    from quality.leaks.answer_keys import Keys
    from quality.leaks.distinct_texts import InBlanks
    from quality.prompts.edited import Words

SPELLED_ALIKE = 0.8
"""Share of the letters of two words from which on they are spellings of one: “glycolisis”."""

_LONGEST_QUESTION = 40  # words
_LEAST_SHARED = 0.5  # of the words of a question


class Twins:
    """Tells the twins of items by the pool that they stand in.

    Parameters
    ----------
    prompts, answers : InBlanks
        All of them.
    keys : Keys
        Of the answers.
    """

    def __init__(self, prompts: InBlanks, answers: InBlanks, keys: Keys) -> None:
        self._prompts, self._answers, self._keys = prompts, answers, keys

    def among(self, pairs: pl.DataFrame) -> NDArray[np.bool_]:
        """Tell which rows are twins of an item.

        Parameters
        ----------
        pairs : pl.DataFrame
            `prompt, answer` of a row and `its_question, its_answer` of an item, all String without nulls.

        Returns
        -------
        (n_pairs,) bool
        """
        twins = np.zeros(pairs.height, np.bool_)
        asked, wanted = (words_counted(pairs[name]) for name in ("prompt", "its_question"))
        places = np.flatnonzero([_exchanged(*words) for words in zip(asked, wanted, strict=True)])
        few = pairs[places].select("prompt", "answer", "its_question", "its_answer")
        keyed = self._keys.differ(few.iter_rows()) if len(places) else []
        places = places[np.array(keyed, np.bool_)]
        few = pairs[places]
        places = places[put_in_as_usual(few["prompt"], few["its_question"], self._prompts)]
        few = pairs[places]
        twins[places] = in_common_as_usual(few["answer"], few["its_answer"], self._answers)
        return twins


def spelled_anew(filled: Set[str], wanted: Words) -> set[str]:
    """Leave out words that are one of the question's in another spelling."""
    return {word for word in filled if not get_close_matches(word, wanted, 1, SPELLED_ALIKE)}


def _exchanged(asked: Words, wanted: Words) -> bool:
    """Whether a prompt puts other words in the place of some of a question that it mostly holds."""
    lost, gained, size = wanted - asked, asked - wanted, wanted.total()
    if not lost or size > _LONGEST_QUESTION or gained.total() > size or size - lost.total() < _LEAST_SHARED * size:
        return False
    return any(spelled_anew({word}, wanted) for word in gained)  # most pairs have many, and one is enough
