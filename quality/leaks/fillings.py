"""What of an item's question or answer is its own, and what is a template's: told by how other rows fill it in.

“The V0 domain of an enzyme found in the … membrane.” stands in many rows of some pools, and each puts another word into
the blank. Edited copies of one item differ from it too, but each in another place. So a word is the item's *own* where
many of the rows that nearly hold the text lack just that word, and have something else each. Rows that have the same
instead count once: nobody makes a template by copying an item often.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from quality.prompts.edited import words_counted

if TYPE_CHECKING:
    from collections.abc import Set

    import polars as pl

    from quality.prompts.edited import Words

FEWEST_FILLINGS = 3
"""A blank is filled in so many ways, at least."""

# Of the ways to fill a text in, this share fills each of its blanks; edits at random hardly ever strike one word so
# often, since what was edited more than one word in nine is no copy any more.
_SHARE_OF_FILLINGS = 0.3
# A row that lacks more of a text than this share of its words is of another template; but not one that has a block of
# so many words in common with it, however much more the text has.
_MOST_LACKING, _LONG_BLOCK = 0.5, 24


@dataclass(frozen=True)
class Blanks:
    """How rows fill in one text.

    Attributes
    ----------
    fillings : frozenset of (frozenset of str, frozenset of str)
        Of each row the words that it holds instead, and those of the text that it lacks; neither is empty.
    own : frozenset of str
        Words of the text that stand in a blank.
    """

    fillings: frozenset[tuple[frozenset[str], frozenset[str]]]
    own: frozenset[str]

    def filled_besides(self, put_in: Set[str], lacking: Set[str], *, ways: int, at_most: bool) -> bool:
        """Whether the blanks of the words that are lacking are filled in so many ways, other than by `put_in`.

        With `at_most`, a row must lack none but these words; else some of them.
        """
        others = set()
        for held, lost in self.fillings:
            if held != put_in and (lost <= lacking if at_most else not lost.isdisjoint(lacking)):
                others.add(held)
                if len(others) >= ways:
                    return True
        return False


NOTHING = Blanks(frozenset(), frozenset())


class Fillings:
    """How the rows of a pool fill in the questions and answers of items.

    Parameters
    ----------
    suspects : pl.DataFrame
        `row, place, field`: rows that hold much of a field; lines may come twice.
    prompts, answers : pl.Series of String
        One of each per row.
    items : pl.DataFrame
        `place, question, answer`.
    """

    def __init__(self, suspects: pl.DataFrame, prompts: pl.Series, answers: pl.Series, items: pl.DataFrame) -> None:
        self._suspects = suspects.select("row", "place", "field").unique()
        self._texts = {"question": prompts, "answer": answers}
        self._items = items

    def of(self, fields: pl.DataFrame) -> list[Blanks]:
        """Return the blanks of fields (`place, field`), line by line."""
        told: dict[tuple[int, str], Blanks] = {}
        for field, texts in self._texts.items():
            here = fields.filter(field=field).select("place").unique()
            rows = self._suspects.filter(field=field).join(here, on="place")
            held = dict(zip(*_counted(texts, rows["row"]), strict=True))
            its = dict(zip(*_counted(self._items[field], here["place"]), strict=True))
            for place, group in rows.group_by("place").agg("row").iter_rows():
                told[place, field] = _blanks(its[place], [held[row] for row in group])
        return [told.get(key, NOTHING) for key in fields.select("place", "field").iter_rows()]


def _counted(texts: pl.Series, rows: pl.Series) -> tuple[list[int], list[Words]]:
    once = rows.unique()
    return once.to_list(), list(words_counted(texts.gather(once)))


def _blanks(text: Words, rows: list[Words]) -> Blanks:
    fillings = set()
    for row in rows:
        lacking, put_in = text.keys() - row.keys(), row.keys() - text.keys()
        few = len(lacking) <= _MOST_LACKING * len(text) or len(text) - len(lacking) >= _LONG_BLOCK
        if put_in and lacking and few:
            fillings.add((frozenset(put_in), frozenset(lacking)))
    ways = len({put_in for put_in, _ in fillings})
    lost = Counter(word for put_in, word in {(put_in, word) for put_in, lacking in fillings for word in lacking})
    least = max(FEWEST_FILLINGS, _SHARE_OF_FILLINGS * ways)
    return Blanks(frozenset(fillings), frozenset(word for word, n in lost.items() if n >= least))
