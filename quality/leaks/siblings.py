"""Siblings of an exam's items: rows that ask or answer nearly in its words, and of something else.

“What is the boiling point of argon?” is one word away from the same question about neon, and so is a leak of it that
was edited; and where a template is longer than an n-gram, siblings share n-grams, too. What tells them apart is the
answer: an edited leak answers as the item does, a sibling otherwise. But who copies a question may answer it otherwise
as well; so the words that were exchanged must also be those that siblings exchange (see `quality.prompts.edited`), none
of which an edit at random hits:

- one *template* of the pool for another: of the words on both sides, many prompts hold each (in short questions only);
- one *subject* for another: of those on both sides some are rare, and what is left is a template;
- one *number* for another, below answers that have less than half in common;
- a word of the question's *own*, in whose place many rows put something else each (see `quality.leaks.fillings`);
- the row's answer names what the row asks for and the item does not, and the item's answer doesn't.

Whoever gives a code of its own in the place of the item's is a sibling as well, of question and answer (see
`quality.leaks.twins`).

Answers are cut from templates, too: “Combining with … and transmitting the signal from one side of the membrane to the
other” stands below many a receptor. That it is a template, other rows must show: an answer that no other row fills in
otherwise is the item's, whatever name was put into it. Then a row is a sibling in one of two ways:

- Its answer *names* what its own prompt asks for and the item nowhere does, and nothing names what only the item asks
  for. The item's answer must name that, unless the row lacks more of it than an edit strikes: advice that names nothing
  of its question is given away by whoever gives it. An edit puts no word both into prompt and answer; who tells the
  same in other words is found by meaning; and a word in another spelling, or another name for whom the same sum is
  done, makes nothing else of an item. Nor does another name alone, where the answer has more blanks than that for the
  name, unless another row differs from the item in nothing else either.
- Its answer *fills* the template otherwise: it lacks a word of the answer's own that the question doesn't tell. Where
  the question tells them all, the name is all that the template leaves open; else two other rows must put something
  else into the same blanks and into no others. Its prompt is one of the pool's, lacks words of the item's question that
  stand nowhere in the row, and has others. An edit must strike a blank of each to do all that.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from quality.duplicates.asked_again import DEFAULT
from quality.leaks.fillings import FEWEST_FILLINGS
from quality.leaks.open_slots import exchanges, in_more_sentences
from quality.leaks.twins import spelled_anew
from quality.prompts.edited import few_struck, words_counted, words_in_order

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from quality.leaks.fillings import Blanks
    from quality.leaks.open_slots import Exchange
    from quality.prompts.edited import Words

_DIGIT = re.compile(r"\d")

# Share of an item's answer that a row lacks, from which on it was filled in otherwise, and not edited.
_LEAST_LACKING = 0.1
# A row that holds less of an item's answer than this share answers otherwise, and may put in more than an edit does: so
# many words in proportion to the question's, or any into its places where all else of it is a template.
_HARDLY_ANSWERED, _MOST_PUT_IN = 0.5, 0.6


def siblings(
    pairs: pl.DataFrame, blanks: Sequence[Blanks], usual: Callable[[], frozenset[str]], *, templates: bool
) -> NDArray[np.bool_]:
    """Tell which rows ask and answer something else than the item whose question they nearly hold.

    Parameters
    ----------
    pairs : pl.DataFrame
        `prompt, answer` of a row and `its_question, its_answer` of an item, all String without nulls.
    blanks : sequence of Blanks
        How rows fill in the question, pair by pair.
    usual : callable
        Gives the words of templates, as `quality.prompts.edited.usual_words`; asked only where they decide.
    templates : bool
        Whether one template may stand for another. In long texts it proves nothing: a story has many usual words.

    Returns
    -------
    (n_pairs,) bool
        False where the prompt holds more than the question, the answer all its words, or either answer is missing.
    """
    asked, wanted = (words_in_order(pairs[name]).to_list() for name in ("prompt", "its_question"))
    # Who says more, in sentences of its own, fills no place of the question at length.
    more = in_more_sentences(pairs).tolist()
    changes = ([] if says else exchanges(*each) for *each, says in zip(wanted, asked, more, strict=True))
    lines = zip(_counted(pairs), changes, blanks, strict=True)
    found = (_sibling(*words, change, own.own, usual=usual, templates=templates) for words, change, own in lines)
    return np.fromiter(found, np.bool_, pairs.height)


def hardly_answered(pairs: pl.DataFrame) -> NDArray[np.bool_]:
    """Tell which rows (as for `siblings`) hold less than half of the item's answer in theirs."""
    return np.fromiter((_hardly(said, reply) for _, said, _, reply in _counted(pairs)), np.bool_, pairs.height)


def answered_otherwise(pairs: pl.DataFrame) -> NDArray[np.bool_]:
    """Tell which rows answer otherwise than the item, and repeat no question of it in the answer.

    Parameters
    ----------
    pairs : pl.DataFrame
        As for `siblings`.

    Returns
    -------
    (n_pairs,) bool
        False where either answer is missing.
    """
    lines = _counted(pairs)
    found = (not (wanted <= said or _answered_alike(said, reply)) for _, said, wanted, reply in lines)
    return np.fromiter(found, np.bool_, pairs.height)


def filled_otherwise(
    pairs: pl.DataFrame, blanks: Sequence[Blanks], usual: Callable[[], frozenset[str]]
) -> NDArray[np.bool_]:
    """Tell which rows answer of something else than the item whose answer they nearly hold.

    Parameters
    ----------
    pairs, blanks, usual
        As for `siblings`; the blanks are those of the answer.

    Returns
    -------
    (n_pairs,) bool
        False where the answer holds all of the item's words, or no other row fills its blanks.
    """
    lines = zip(_counted(pairs), blanks, strict=True)
    found = (_named(*words, own, usual) or _filled(*words, own, usual) for words, own in lines)
    return np.fromiter(found, np.bool_, pairs.height)


def _counted(pairs: pl.DataFrame) -> Iterator[tuple[Words, Words, Words, Words]]:
    names = ("prompt", "answer", "its_question", "its_answer")
    return zip(*(words_counted(pairs[name]) for name in names), strict=True)


def _named(
    asked: Words, said: Words, wanted: Words, reply: Words, blanks: Blanks, usual: Callable[[], frozenset[str]]
) -> bool:
    """Whether the answer names what its own prompt asks for, where the item's names what the item asks for."""
    lacking = reply - said
    filled = (said.keys() & asked.keys()) - reply.keys() - wanted.keys()
    its_own = wanted.keys() - asked.keys() - said.keys()
    if lacking.total() < _LEAST_LACKING * reply.total():
        its_own &= reply.keys()
    if not (filled and its_own and few_struck(lacking, reply)) or _reckons_alike(said, reply):
        return False
    held, lost = said.keys() - reply.keys(), reply.keys() - said.keys()
    told = blanks.own - wanted.keys()
    if not blanks.filled_besides(held, lost, ways=1, at_most=bool(told) and not told & lost):
        return False
    return bool(spelled_anew(filled - usual(), wanted)) and not its_own <= usual()


def _filled(
    asked: Words, said: Words, wanted: Words, reply: Words, blanks: Blanks, usual: Callable[[], frozenset[str]]
) -> bool:
    """Whether the answer fills a template of the pool otherwise, below a prompt that asks for something else."""
    lacking, held = reply.keys() - said.keys(), said.keys() - reply.keys()
    unasked = wanted.keys() - asked.keys() - said.keys()
    its_own = unasked & blanks.own if blanks.own & wanted.keys() else unasked - usual()
    put_in = asked.keys() - wanted.keys() - reply.keys()
    if not (its_own and put_in - (usual() - said.keys()) and asked.keys() & usual()):
        return False
    if (blanks.own - wanted.keys() or blanks.own) & lacking:
        return True
    return bool(blanks.own & lacking) and blanks.filled_besides(held, lacking, ways=FEWEST_FILLINGS - 1, at_most=True)


def _reckons_alike(said: Words, reply: Words) -> bool:
    """Whether two answers hold the same numbers: Janet's sum is Wilma's."""
    numbers, others = ({word: n for word, n in words.items() if _DIGIT.search(word)} for words in (said, reply))
    return bool(numbers) and numbers == others


def _sibling(
    asked: Words,
    said: Words,
    wanted: Words,
    reply: Words,
    changes: Sequence[Exchange],
    own: frozenset[str],
    *,
    usual: Callable[[], frozenset[str]],
    templates: bool,
) -> bool:
    lost, gained = wanted - asked, asked - wanted
    if not (lost and gained and few_struck(lost, wanted)) or wanted <= said or _answered_alike(said, reply):
        return False
    otherwise = _hardly(said, reply)
    few = few_struck(gained, asked) or (otherwise and gained.total() <= _MOST_PUT_IN * wanted.total())
    if not (few or (otherwise and _named_at_length(changes))):
        return False
    if few and (own & lost.keys() or (otherwise and _numbered(lost) and _numbered(gained))):
        return True
    rare_lost, rare_gained = lost.keys() - usual(), gained.keys() - usual()
    if not few:
        return bool(rare_lost and rare_gained) and (wanted - lost).keys() <= usual()
    if not (rare_lost or rare_gained):
        return templates
    if rare_lost and rare_gained and (wanted - lost).keys() <= usual():
        return True
    return bool(rare_gained & (said.keys() - reply.keys()))


def _named_at_length(changes: Sequence[Exchange]) -> bool:
    """Whether a prompt puts something else into the places of a question alone, however many words that has."""
    filled = [(set(one.gained.split(" ")), Counter(one.lost.split(" "))) for one in changes]
    return bool(filled) and all(spelled_anew(gained, lost) == gained for gained, lost in filled)


def _numbered(words: Words) -> bool:
    return any(_DIGIT.search(word) for word in words)


def _hardly(said: Words, reply: Words) -> bool:
    return (said & reply).total() < _HARDLY_ANSWERED * reply.total()


def _answered_alike(said: Words, reply: Words) -> bool:
    """Whether answers share most words, and no number speaks against it, or one holds all words of the other."""
    shared, sizes = (said & reply).total(), (said.total(), reply.total())
    if shared in sizes:
        return True
    if shared < DEFAULT.alike * (sum(sizes) - shared):
        return False
    numbers, others = (set(filter(_DIGIT.search, words)) for words in (said, reply))
    return numbers <= others or others <= numbers
