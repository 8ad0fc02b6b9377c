"""Open slots: places of a template, however many it has, that the prompts of a pool fill in each in its own way.

“Can you summarise the exports of Chad?” and the same of Peru ask for different things, and so do exports and imports of
Chad. The words on both sides tell such a place: in the pool, many prompts have something else between them. An edit may
strike it as well, but what it puts there hardly ever stands in another prompt between the same words, but for other
copies of the question: these tell nothing of what belongs there.

A name has several words, and a sibling may share some: “Flame Guard” and “Flame Dance”, or “Flame” alone. There a whole
name is put in the place of another, from one word of a template to the next, and only an open place tells it. Where
nothing but a name's end is put in, it is told from “briefly” by its capital, or since the answer names it.

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

# A sentence ends, and another begins; “F. B. Herbarium” and “2.0” are names.
_BREAK = r"(?:[?!]|\w{3}[.;])[\s\"'”’)\]]+\w"
_SMALL, _CAPITAL = r"(?:^|\s)\p{Ll}", r"\b[\p{Lu}\p{N}]\w*"

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

    def renamed(self, pairs: pl.DataFrame, usual: frozenset[str]) -> NDArray[np.bool_]:
        """Tell which prompts put another name in the place of a question's, with which it shares some words.

        Parameters
        ----------
        pairs : pl.DataFrame
            `prompt, answer` of a row and `its_question, its_answer` of an item, all String without nulls.
        usual : frozenset of str
            Words of templates: they stand around names.

        Returns
        -------
        (n_pairs,) bool
        """
        texts = ("its_question", "prompt", "answer", "its_answer")
        words = [words_in_order(pairs[name]).to_list() for name in texts]
        changes = []
        for wanted, asked, said, reply, capitals in zip(*words, _capitals(pairs["prompt"]).to_list(), strict=True):
            each, told = names(wanted, asked, usual), {*capitals, *said} - set(reply)
            changes.append(each if each and all(_goes_on(one, told, usual) for one in each) else [])
        wide = self._open({one.place for each in changes for one in each})
        found = (bool(each) and all(one.place in wide for one in each) for each in changes)
        return np.fromiter(found, np.bool_, len(changes)) & ~in_more_sentences(pairs)

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


def names(wanted: Sequence[str], asked: Sequence[str], usual: frozenset[str]) -> list[Exchange]:
    """List the names, from one word of a template to the next, that a prompt puts in the place of those of a question.

    Nothing where it lacks a word of the template or puts any between two of them, or leaves a name out.

    Examples
    --------
    >>> names("the size of Chad".split(), "the size of Lake Chad".split(), frozenset({"the", "size", "of"}))
    [Exchange(place=('of', '$'), lost='Chad', gained='Lake Chad')]
    """
    if len(wanted) > _LONGEST_QUESTION:
        return []
    before, after = [*wanted, END], [*asked, END]
    found, last, lost, gained = [], START, list[str](), list[str]()
    for step, start, end, first, past in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if step != "equal":
            if not usual.isdisjoint(before[start:end]):
                return []
            lost += before[start:end]
            gained += after[first:past]
            continue
        for word in before[start:end]:
            if word not in usual and word != END:
                lost.append(word)
                gained.append(word)
                continue
            if lost != gained:
                found.append(Exchange((last, word), " ".join(lost), " ".join(gained)))
            last, lost, gained = word, [], []
    return found if all(one.lost and one.gained for one in found) else []


def _goes_on(one: Exchange, told: set[str], usual: frozenset[str]) -> bool:
    """Whether another name was put in: one of other words, or the same with more that is told to be of a name."""
    lost, gained = one.lost.split(" "), one.gained.split(" ")
    new = set(gained) - set(lost)
    if len(gained) > _LONGEST_FILLING or any(get_close_matches(word, lost, 1, _SPELLED_ALIKE) for word in new):
        return False
    return bool(set(lost) - set(gained)) or (bool(new - usual) and new - usual <= told)


def in_more_sentences(pairs: pl.DataFrame) -> NDArray[np.bool_]:
    """Tell the rows (`prompt, its_question`) whose prompt has more sentences than the question: these are no name."""
    prompt, question = (pl.col(name).str.count_matches(_BREAK) for name in ("prompt", "its_question"))
    return pairs.select(prompt > question).to_series().to_numpy()


def _capitals(prompts: pl.Series) -> pl.Series:
    """List the words with a capital or a digit, where not all have one."""
    text = pl.col("text")
    found = prompts.to_frame("text").select(
        pl.when(text.str.contains(_SMALL)).then(text.str.extract_all(_CAPITAL).list.join(" ")).otherwise(pl.lit(""))
    )
    return words_in_order(found.to_series())


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
