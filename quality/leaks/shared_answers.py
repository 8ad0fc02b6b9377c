"""Answers that a pool gives to many questions of one kind, whichever thing they ask of.

“What is the option access_token of the module router for?” and the same of two hundred other modules are answered in
one wording. Who asks of one module gives away nothing of an exam that asks of another: that is what the domain says of
access tokens. But copies of an item's answer stand below its own question, below edits of it, or below any. So a row
that says the same as many, besides the words of its own prompt and those of templates, shares an answer if

- it asks of other things than the item, as they do: nearly all of them and the row lack one and the same word of
  the question. Copies that were edited at random lack one word here and another one there;
- they are of one *kind*: they nearly hold the question themselves; or else they have a word in common with it, and are
  such a part of all the prompts with this word as copies below any prompts never are.

Answers of which each was edited elsewhere don't say the same, and make nothing common however many they are.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import polars as pl

from quality.leaks.distinct_texts import held_by, in_blanks
from quality.prompts.edited import words_in_order

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from numpy.typing import NDArray

_DIGIT = re.compile(r"\d")
_LONGEST_QUESTION = 40  # words; whoever asks in a story has words enough in common with others
# So many prompts of one kind make an answer theirs, and this share of all prompts of that kind.
_FEWEST_PROMPTS, _LEAST_SHARE = 8, 0.125
# The share of them that lack one and the same word of the question: more than those of other templates are.
_LACKING_SHARE = 0.9
# The share of an item's answer that a row must hold in its own: else the prompt gives it away.
_ANSWERED_SHARE = 0.5

Words = frozenset[str]
Said = tuple[str, ...]


class _Row(NamedTuple):
    """What a row asks, what it answers, and what of it is not in its prompt, nor of a template."""

    asked: Words
    said: Words
    besides: Said


class _Item(NamedTuple):
    """An item's question and answer; what those who nearly hold one of them ask, by what they say; rows to be told."""

    question: Words
    reply: Words
    asking: Mapping[Said, set[Words]]
    rows: list[tuple[int, _Row]]


class SharedAnswers:
    """The answers of a pool that many of its questions have in common.

    Parameters
    ----------
    suspects : pl.DataFrame
        `row, place, field`: rows that hold much of a field; lines may come twice.
    prompts, answers : pl.Series of String
        One of each per row.
    items : pl.DataFrame
        `place, question, answer`.
    usual : callable
        Gives the words of templates, as `quality.prompts.edited.usual_words`.
    """

    def __init__(
        self,
        suspects: pl.DataFrame,
        prompts: pl.Series,
        answers: pl.Series,
        items: pl.DataFrame,
        usual: Callable[[], frozenset[str]],
    ) -> None:
        self._suspects = suspects.select("row", "place", "field").unique()
        self._prompts, self._answers, self._items, self._usual = prompts, answers, items, usual

    def asked(self, found: pl.DataFrame) -> NDArray[np.bool_]:
        """Tell which rows answer, to nearly the question of an item, what many answer to such a one.

        Parameters
        ----------
        found : pl.DataFrame
            `row, place`: rows that hold much of a question.

        Returns
        -------
        (n_found,) bool
        """
        told = np.zeros(found.height, np.bool_)
        for item in self._with_rows(found, "question"):
            for line, row in item.rows:
                same = item.asking.get(row.besides, ())
                told[line] = any(_lacking(word, same) for word in item.question - row.asked)
        return told

    def told(self, found: pl.DataFrame) -> NDArray[np.bool_]:
        """Tell which rows say of an item's answer what many say that ask of the same kind of thing.

        Parameters
        ----------
        found : pl.DataFrame
            `row, place`: rows that hold much of an answer.

        Returns
        -------
        (n_found,) bool
        """
        told = np.zeros(found.height, np.bool_)
        kinds = {line: _kinds(item, row) for item in self._with_rows(found, "answer") for line, row in item.rows}
        askers = self._askers({word for each in kinds.values() for word in each})
        for line, each in kinds.items():
            told[line] = any(prompts >= _LEAST_SHARE * askers[word] for word, prompts in each.items())
        return told

    def _with_rows(self, found: pl.DataFrame, field: str) -> Iterator[_Item]:
        lines = found.select("place", "row").with_row_index("line")
        holders = self._suspects.filter(field=field).join(lines, on="place", how="semi")
        rows = self._read(pl.concat([holders["row"], lines["row"]]).unique().sort())
        theirs = self._items.join(lines, on="place", how="semi")
        texts = (words_in_order(theirs[text]).to_list() for text in ("question", "answer"))
        told = {place: list(zip(at, of, strict=True)) for place, at, of in _by_place(lines, "line", "row")}
        held = dict(_by_place(holders, "row"))
        for place, question, reply in zip(theirs["place"], *texts, strict=True):
            if len(question) <= _LONGEST_QUESTION:
                wanted = frozenset(question)
                asking: dict[Said, set[Words]] = {}
                for row in (rows[at] for at in held.get(place, ())):
                    if row.besides and not wanted <= row.asked:
                        asking.setdefault(row.besides, set()).add(row.asked)
                yield _Item(wanted, frozenset(reply), asking, [(line, rows[row]) for line, row in told[place]])

    def _read(self, rows: pl.Series) -> dict[int, _Row]:
        usual = self._usual()
        asked, said = (words_in_order(texts.gather(rows)).to_list() for texts in (self._prompts, self._answers))
        read = {}
        for row, prompt, answer in zip(rows, asked, said, strict=True):
            own = frozenset(prompt)
            besides = (word for word in answer if word not in own and (word not in usual or _DIGIT.search(word)))
            read[row] = _Row(own, frozenset(answer), tuple(besides))
        return read

    def _askers(self, words: set[str]) -> dict[str, int]:
        """Count the prompts of the pool that hold each word."""
        counts = held_by(self._prompts, in_blanks, {f" {word} " for word in words})
        return {word: counts[f" {word} "] for word in words}


def _by_place(lines: pl.DataFrame, *names: str) -> Iterator[tuple[Any, ...]]:
    return lines.group_by("place").agg(names).iter_rows()


def _kinds(item: _Item, row: _Row) -> dict[str, int]:
    """Count the prompts of each kind that row and item are of, by the word that tells it."""
    if len(row.said & item.reply) < _ANSWERED_SHARE * len(item.reply) or row.asked <= item.question:
        return {}
    same, kinds = item.asking.get(row.besides, ()), {}
    for word in item.question & row.asked if len(same) >= _FEWEST_PROMPTS else ():
        of_it = [asked for asked in same if word in asked]
        kinds[word] = max((_lacking(other, of_it) for other in item.question - row.asked), default=0)
    return {word: prompts for word, prompts in kinds.items() if prompts}


def _lacking(word: str, prompts: Collection[Words]) -> int:
    """Count the prompts that lack a word; too few, or too small a part of them, are none."""
    lacking = sum(word not in asked for asked in prompts)
    return lacking if lacking >= max(_FEWEST_PROMPTS, _LACKING_SHARE * len(prompts)) else 0
