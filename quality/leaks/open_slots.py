"""Open slots: places of a template, however many it has, that the prompts of a pool fill in each in its own way.

“Can you summarise the exports of Chad?” and the same of Peru ask for different things, and so do exports and imports of
Chad. The words on both sides tell such a place: in the pool, many prompts have something else between them. An edit may
strike it as well, but what it puts there hardly ever stands in another prompt between the same words, but for other
copies of the question: these tell nothing of what belongs there.

So a prompt *exchanges* what is filled in where it differs from a question in nothing else, and puts into each place
what other prompts put there, too, or the place is an open one and gets no other spelling of what stood there.
"""

from __future__ import annotations

from difflib import SequenceMatcher, get_close_matches
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from quality.leaks.distinct_texts import END, START, in_blanks
from quality.prompts.edited import words_in_order

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from quality.leaks.distinct_texts import InBlanks

_LONGEST_QUESTION = 40  # words; in a long story another name makes nothing else of it
_LEAST_SHARED = 0.5  # of the words of a question
_SPELLED_ALIKE = 0.8  # share of letters
# So many ways to fill a place in make it an open one; longer ones are not looked at.
_FEWEST_FILLINGS, _LONGEST_FILLING = 20, 4

Place = tuple[str, str]
"""The words before and behind."""


class Exchange(NamedTuple):
    """What stands in one place of a question, and what a prompt puts there."""

    place: Place
    lost: str
    gained: str

    def spelled(self) -> str:
        """Spell what was put in with its neighbours, each word between blanks."""
        return f" {self.place[0]} {self.gained} {self.place[1]} "


class OpenSlots:
    """The places that the prompts of a pool fill in, each in its own way.

    Parameters
    ----------
    prompts : InBlanks
        All of them.
    """

    def __init__(self, prompts: InBlanks) -> None:
        self._prompts = prompts

    def exchanged(self, prompts: pl.Series, questions: pl.Series, near: Sequence[frozenset[str]]) -> NDArray[np.bool_]:
        """Tell which prompts differ from a question in what they fill in, and in nothing else.

        Parameters
        ----------
        prompts, questions : (n_pairs,) pl.Series of String
            A prompt of the pool and a question of the exam, pair by pair.
        near : (n_pairs,) sequence of frozenset of str
            The prompts that hold much of that question, spelled as `distinct_texts.in_blanks` does.
        """
        pairs = zip(*(words_in_order(texts).to_list() for texts in (questions, prompts)), strict=True)
        changes = [exchanges(wanted, asked) for wanted, asked in pairs]
        holding = self._prompts.holding({one.spelled() for each in changes for one in each})
        others = [holders | {own} for holders, own in zip(near, in_blanks(prompts), strict=True)]
        strange = [
            [one for one in each if holding[one.spelled()] <= _count(one.spelled(), copies)]
            for each, copies in zip(changes, others, strict=True)
        ]
        anew = [all(_put_anew(one) for one in each) for each in strange]
        wide = self._open({one.place for each, new in zip(strange, anew, strict=True) if new for one in each})
        lines = zip(changes, strange, anew, strict=True)
        found = (bool(each) and new and all(one.place in wide for one in odd) for each, odd, new in lines)
        return np.fromiter(found, np.bool_, len(changes))

    def _open(self, places: set[Place]) -> set[Place]:
        """Pick the places that the pool fills in so many ways."""
        named = pl.DataFrame(sorted(places), schema=dict.fromkeys(("before", "behind"), pl.String), orient="row")
        found = [named.with_columns(filling=pl.lit(None, pl.String)).clear()]
        for texts in self._prompts if places else ():
            found.append(_fillings(texts, named))
        ways = pl.concat(found).group_by("before", "behind").agg(pl.col("filling").n_unique())
        return set(ways.filter(pl.col("filling") >= _FEWEST_FILLINGS).select("before", "behind").iter_rows())


def exchanges(wanted: Sequence[str], asked: Sequence[str]) -> list[Exchange]:
    """List what a prompt puts in the place of words of a question; nothing where it differs otherwise, or in too much.

    Examples
    --------
    >>> exchanges("the size of Chad".split(), "the size of North Macedonia".split())
    [Exchange(place=('of', '$'), lost='Chad', gained='North Macedonia')]
    """
    if len(wanted) > _LONGEST_QUESTION:
        return []
    before, after = [START, *wanted, END], [START, *asked, END]
    steps = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    shared = sum(end - start for step, start, end, _, _ in steps if step == "equal") - 2
    if shared < _LEAST_SHARED * len(wanted) or any(step in ("insert", "delete") for step, *_ in steps):
        return []
    return [
        Exchange((before[start - 1], before[end]), " ".join(before[start:end]), " ".join(after[first:last]))
        for step, start, end, first, last in steps
        if step == "replace"
    ]


def _count(text: str, prompts: frozenset[str]) -> int:
    return sum(text in prompt for prompt in prompts)


def _put_anew(one: Exchange) -> bool:
    """Whether what was put in is short, and no other spelling of what it stands for."""
    short = len(one.gained.split(" ")) <= _LONGEST_FILLING
    return short and not get_close_matches(one.gained, [one.lost], 1, _SPELLED_ALIKE)


def _fillings(texts: pl.Series, places: pl.DataFrame) -> pl.DataFrame:
    """List what stands in some places: `before, behind, filling`, each once."""
    words = (
        texts.str.strip_chars(" ").str.split(" ").alias("before").to_frame().with_row_index("text").explode("before")
    )
    starts = words["before"].is_in(places["before"].unique().implode())
    found = []
    # By distance: all starts of a text beside all its ends would be as many pairs as a long text has words, squared.
    for ahead in range(2, 2 + _LONGEST_FILLING):
        filling = [pl.col("before").shift(-step).over("text") for step in range(1, ahead)]
        behind = pl.col("before").shift(-ahead).over("text")
        cut = words.select("before", behind=behind, filling=pl.concat_str(filling, separator=" ")).filter(starts)
        found.append(cut.join(places, on=["before", "behind"], how="semi").unique())
    return pl.concat(found)
