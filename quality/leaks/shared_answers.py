"""Answers that a pool gives to many questions of one kind, whichever thing they ask of.

“What is the option access_token of the module router for?” and the same of two hundred other modules are answered in
one wording. Who asks of one module gives away nothing of an exam that asks of another: that is what the domain says of
access tokens. But copies of an item's answer stand below its own question, below edits of it, or below any. So a row
that says the same as many, besides the words of its own prompt and those of templates, shares an answer if

- it asks of other things than the item, as they do: nearly all of them and the row lack one and the same word of the
  question, and some of them lack nothing else of it and put something else each into its place. Copies that were edited
  at random lack one word here and another one there; those in other words lack the same one, and more than it;
- they are of one *kind*: they nearly hold the question themselves; or else they have a word in common with it, and are
  such a part of all the prompts with this word as copies below any prompts never are.

Answers of which each was edited elsewhere don't say the same, and make nothing common however many they are.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import polars as pl

from quality.leaks.distinct_texts import END, START
from quality.prompts.edited import words_in_order

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from numpy.typing import NDArray

    from quality.leaks.distinct_texts import InBlanks

_DIGIT = re.compile(r"\d")
_LONGEST_QUESTION = 40  # words; whoever asks in a story has words enough in common with others
# So many prompts of one kind make an answer theirs, and this share of all prompts of that kind.
_FEWEST_PROMPTS, _LEAST_SHARE = 8, 0.125
# The share of them that lack one and the same word of the question: more than those of other templates are.
_LACKING_SHARE = 0.9
# So many things stand in its place, and in proportion to the prompts; each of so many words at most.
_FEWEST_FILLINGS, _FILLINGS_SHARE, _LONGEST_FILLING = 4, 1 / 16, 4
# The share of an item's answer that a row must hold in its own: else the prompt gives it away.
_ANSWERED_SHARE = 0.5


Words = frozenset[str]
Asked = tuple[str, ...]
Said = tuple[str, ...]


class _Row(NamedTuple):
    """What a row asks, what it answers, and what of it is not in its prompt, nor of a template."""

    prompt: Asked
    asked: Words
    said: Words
    besides: Said


class _Alike:
    """The prompts, of those that nearly hold a question or its answer, that are answered in the same words."""

    def __init__(self, question: Asked) -> None:
        self.prompts: set[Asked] = set()
        self._question = (START, *question, END)
        self._counted: dict[tuple[str, str | None], int] = {}

    def lacking(self, word: str, of: str | None = None) -> int:
        """Count the prompts, only those with the word `of` if that is given, that ask of something else than a word.

        None do if too few of them, or too small a part, lack it, or too few things are put into its place.
        """
        if (word, of) not in self._counted:
            those = [prompt for prompt in self.prompts if of is None or of in prompt]
            lacking = [prompt for prompt in those if word not in prompt]
            enough = len(lacking) >= max(_FEWEST_PROMPTS, _LACKING_SHARE * len(those))
            enough = enough and len(self._fillings(word, lacking)) >= max(
                _FEWEST_FILLINGS, _FILLINGS_SHARE * len(those)
            )
            self._counted[word, of] = len(lacking) * enough
        return self._counted[word, of]

    def _fillings(self, word: str, prompts: Collection[Asked]) -> set[Asked]:
        """Collect what prompts that lack nothing else put into the place of a word and of its neighbours."""
        places, found = [at for at, each in enumerate(self._question) if each == word], set()
        for words in ((START, *prompt, END) for prompt in prompts):
            kept = [at for at, each in enumerate(self._question) if each in words]
            for place in places:
                before, behind = max(at for at in kept if at < place), min(at for at in kept if at > place)
                if behind - before - 1 == len(self._question) - len(kept):
                    found |= set(_between(words, self._question[before], self._question[behind], behind - before - 1))
        return {filling for filling in found if filling and not set(self._question).intersection(filling)}


def _between(words: Asked, before: str, behind: str, longest: int) -> Iterator[Asked]:
    """Yield what stands between two words, no longer than what it stands for."""
    for start in (at for at, each in enumerate(words) if each == before and longest <= _LONGEST_FILLING):
        for end in range(start + 2, min(start + 2 + longest, len(words))):
            if words[end] == behind:
                yield words[start + 1 : end]


class _Item(NamedTuple):
    """An item's question and answer; what those who nearly hold one of them ask, by what they say; rows to be told."""

    question: Asked
    reply: Words
    asking: Mapping[Said, _Alike]
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
    spelled : InBlanks
        All prompts.
    """

    def __init__(
        self,
        suspects: pl.DataFrame,
        prompts: pl.Series,
        answers: pl.Series,
        items: pl.DataFrame,
        usual: Callable[[], frozenset[str]],
        spelled: InBlanks,
    ) -> None:
        self._suspects = suspects.select("row", "place", "field").unique()
        self._prompts, self._answers, self._items = prompts, answers, items
        self._usual, self._spelled = usual, spelled

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
                same = item.asking.get(row.besides)
                told[line] = same is not None and any(map(same.lacking, set(item.question) - row.asked))
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
                asking: dict[Said, _Alike] = {}
                for row in (rows[at] for at in held.get(place, ())):
                    if row.besides and not row.asked.issuperset(question):
                        asking.setdefault(row.besides, _Alike(tuple(question))).prompts.add(row.prompt)
                yield _Item(tuple(question), frozenset(reply), asking, [(line, rows[row]) for line, row in told[place]])

    def _read(self, rows: pl.Series) -> dict[int, _Row]:
        usual = self._usual()
        asked, said = (words_in_order(texts.gather(rows)).to_list() for texts in (self._prompts, self._answers))
        read = {}
        for row, prompt, answer in zip(rows, asked, said, strict=True):
            own = frozenset(prompt)
            besides = (word for word in answer if word not in own and (word not in usual or _DIGIT.search(word)))
            read[row] = _Row(tuple(prompt), own, frozenset(answer), tuple(besides))
        return read

    def _askers(self, words: set[str]) -> dict[str, int]:
        """Count the prompts of the pool that hold each word."""
        counts = self._spelled.holding({f" {word} " for word in words})
        return {word: counts[f" {word} "] for word in words}


def _by_place(lines: pl.DataFrame, *names: str) -> Iterator[tuple[Any, ...]]:
    return lines.group_by("place").agg(names).iter_rows()


def _kinds(item: _Item, row: _Row) -> dict[str, int]:
    """Count the prompts of each kind that row and item are of, by the word that tells it."""
    if row.asked.issubset(item.question) or len(row.said & item.reply) < _ANSWERED_SHARE * len(item.reply):
        return {}
    same, kinds = item.asking.get(row.besides), {}
    if same is None or len(same.prompts) < _FEWEST_PROMPTS:
        return {}
    for word in row.asked.intersection(item.question):
        kinds[word] = max((same.lacking(other, word) for other in set(item.question) - row.asked), default=0)
    return {word: prompts for word, prompts in kinds.items() if prompts}
