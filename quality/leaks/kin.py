"""Kin of an exam's items: rows that hold much of a question or answer, and of which the pool tells that they leak none.

Of a question, these are siblings (`quality.leaks.siblings`), and prompts that fill in a template otherwise
(`quality.leaks.open_slots`) and either are answered otherwise or as many of their kind are
(`quality.leaks.shared_answers`), or that name another thing and are answered otherwise; of an answer, siblings, and who
says what many of one kind say; of both, twins (`quality.leaks.twins`). Of a meaning, twins, and who asks by other
numbers and is told other ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from quality.leaks.answer_keys import Keys
from quality.leaks.distinct_texts import InBlanks, in_blanks
from quality.leaks.fillings import Fillings
from quality.leaks.open_slots import OpenSlots
from quality.leaks.paraphrases import of_other_numbers, of_same_numbers
from quality.leaks.shared_answers import SharedAnswers
from quality.leaks.siblings import answered_otherwise, filled_otherwise, hardly_answered, siblings
from quality.leaks.twins import Twins

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray


class Kin:
    """Tells the kin of items by the pool that they stand in.

    Parameters
    ----------
    suspects : pl.DataFrame
        `row, place, field`: rows that hold much of a field; lines may come twice.
    prompts, answers : pl.Series of String
        One of each per row.
    items : pl.DataFrame
        `place, question, answer`.
    usual : callable
        Gives the words of templates, as `quality.prompts.edited.usual_words`, and remembers them: it is asked often.
    """

    def __init__(
        self,
        suspects: pl.DataFrame,
        prompts: pl.Series,
        answers: pl.Series,
        items: pl.DataFrame,
        usual: Callable[[], frozenset[str]],
    ) -> None:
        self._suspects = suspects.filter(field="question").select("row", "place").unique()
        self._prompts, self._answers, self._items, self._usual = prompts, answers, items, usual
        self._fillings = Fillings(suspects, prompts, answers, items)
        asked = InBlanks(prompts)
        self._shared = SharedAnswers(suspects, prompts, answers, items, usual, asked)
        self._slots = OpenSlots(asked)
        self._twins = Twins(asked, InBlanks(answers), Keys(answers))

    def without(self, found: pl.DataFrame, *, templates: bool) -> pl.DataFrame:
        """Leave out the leaks of a question or of an answer where the row is kin of the item.

        Parameters
        ----------
        found : pl.DataFrame
            `row, place, field` and more, a line for every field that a row gives away.
        templates : bool
            As for `quality.leaks.siblings.siblings`.
        """
        asked, said = found.filter(field="question"), found.filter(field="answer")
        gone = self._ask_otherwise(asked, templates=templates), self._answer_otherwise(said)
        left = [one.filter(~pl.Series(kin, dtype=pl.Boolean)) for one, kin in zip((asked, said), gone, strict=True)]
        return pl.concat(left)

    def of_meaning(self, found: pl.DataFrame) -> pl.Series:
        """Tell which rows (`row, place`) mean what an item means, and are its twins or ask by other numbers.

        Who asks by other numbers and is told the same ones asks the same: 90 minutes are an hour and a half.
        """
        pairs = self._side_by_side(found)
        other = of_other_numbers(pairs["prompt"], pairs["its_question"])
        kin = self._twins.among(pairs) | (other & ~of_same_numbers(pairs["answer"], pairs["its_answer"]))
        return pl.Series(kin, dtype=pl.Boolean)

    def _ask_otherwise(self, asked: pl.DataFrame, *, templates: bool) -> NDArray[np.bool_]:
        if asked.is_empty():  # nor are patterns compiled
            return np.empty(0, bool)
        pairs = self._side_by_side(asked)
        kin = siblings(pairs, self._fillings.of(asked), self._usual, templates=templates) | self._twins.among(pairs)
        places = np.flatnonzero(~kin)
        few = pairs[places]
        otherwise = answered_otherwise(few) | self._shared.asked(asked[places]) | self._shared.told(asked[places])
        places, few = places[otherwise], few.filter(pl.Series(otherwise, dtype=pl.Boolean))
        near = self._near(asked[places])
        kin[places] = self._slots.exchanged(few["prompt"], few["its_question"], near)
        places = np.flatnonzero(~kin)
        places = places[hardly_answered(pairs[places]) & answered_otherwise(pairs[places])]
        kin[places] = self._slots.renamed(pairs[places], self._usual()) if len(places) else False
        return kin

    def _near(self, asked: pl.DataFrame) -> list[frozenset[str]]:
        """Gather the prompts that hold much of the questions that some rows were found for."""
        holders = self._suspects.join(asked, on="place", how="semi")
        texts = holders.with_columns(text=in_blanks(self._prompts.gather(holders["row"])))
        near = {place: frozenset(held) for place, held in texts.group_by("place").agg("text").iter_rows()}
        return [near.get(place, frozenset()) for place in asked["place"]]

    def _answer_otherwise(self, said: pl.DataFrame) -> NDArray[np.bool_]:
        if said.is_empty():  # nor are patterns compiled
            return np.empty(0, bool)
        pairs = self._side_by_side(said)
        kin = filled_otherwise(pairs, self._fillings.of(said), self._usual) | self._twins.among(pairs)
        return kin | self._shared.told(said)

    def _side_by_side(self, found: pl.DataFrame) -> pl.DataFrame:
        """Put rows beside the items that they are found for: `prompt, answer, its_question, its_answer`, no nulls."""
        theirs = found.select("place").join(self._items, on="place", how="left", maintain_order="left")
        pairs = {"prompt": self._prompts.gather(found["row"]), "answer": self._answers.gather(found["row"])}
        both = pairs | {"its_question": theirs["question"], "its_answer": theirs["answer"]}
        return pl.DataFrame(both).fill_null("")
