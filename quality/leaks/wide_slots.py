"""Wide slots: templates that leave so much open that what is filled in is most of what a question asks for.

“What does the licence say in the paragraph that begins with “…”?” shares more than half of its n-grams with the same
question about another paragraph, and leaks nothing of it. Copies of a question share as much with it, and where few
rows are of a template, n-grams can't tell one from the other. So a row *fills a wide slot otherwise* where all of this
holds:

- prompt and question are the same words but for one stretch, which is a quarter of the question's letters or more: no
  name or number, and nothing said by the way;
- around it stand words of the pool's templates alone, but for one name. What a story tells, an item tells alone;
- what stood there is nowhere in the row, be it in another spelling, without blanks or in another order: neither in what
  was put in, nor in the answer, which holds less than half of the item's;
- two other rows put something else there, each something else again, of which the same is true. Copies that are cut
  short or go on put in nothing of the kind.

Texts are compared by what they have in common of their letters, three by three: of two clauses by chance less than a
third are the same, of one with a wrong letter in ten more (measured on abstracts of medicine and on licences, with
stretches of 5 to 20 words: 99 of 100 pairs each).
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from quality.leaks.fillings import FEWEST_FILLINGS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from collections.abc import Set as AbstractSet

_LEAST_LETTERS, _LEAST_SHARE = 20, 0.25
_LONGEST = 100_000  # letters of a filling, and of an answer: of longer ones nothing is told
_ALIKE, _AT_A_TIME = 1 / 3, 3
# A filling may begin or end as another does, with so many words.
_BY_CHANCE = 2
_LONGEST_NAME = 4  # words


class Said(NamedTuple):
    """A row: the words of its prompt and of its answer, in order."""

    prompt: Sequence[str]
    answer: Sequence[str]


class Slot(NamedTuple):
    """Where a prompt and a question differ: what was put in, and how many words they share before and behind it."""

    gained: str
    before: int
    behind: int


class WideSlot:
    """What rows put into a question, in the place of most of what it asks for.

    Parameters
    ----------
    question : sequence of str
        The words of an item's question.
    rows : iterable of Said
        Those that hold much of it and answer otherwise than the item.
    usual : set of str
        Words of templates, as `quality.prompts.edited.usual_words`.
    """

    def __init__(self, question: Sequence[str], rows: Iterable[Said], usual: AbstractSet[str]) -> None:
        self._question, self._usual = question, usual
        self._slots = sorted({slot for row in rows if (slot := _slot(question, row)) is not None})

    def filled_otherwise(self, row: Said) -> bool:
        """Tell whether one of these rows fills the slot otherwise, and so do others."""
        own = _slot(self._question, row)
        if own is None or not self._in_a_template(own):
            return False
        known = [own.gained]
        for gained, before, behind in self._slots:
            same = before >= own.before - _BY_CHANCE and behind >= own.behind - _BY_CHANCE
            if same and not any(_alike(gained, one) or _alike(one, gained) for one in known):
                known.append(gained)
                if len(known) >= FEWEST_FILLINGS:
                    return True
        return False

    def _in_a_template(self, slot: Slot) -> bool:
        """Tell whether all around a slot is usual, but for one name; what has digits names something."""
        names: list[int] = []
        for words in (self._question[: slot.before], self._question[len(self._question) - slot.behind :]):
            named = (word not in self._usual or any(map(str.isdecimal, word)) for word in words)
            names += [len(list(run)) for is_name, run in groupby(named) if is_name]
        return len(names) <= 1 and sum(names) <= _LONGEST_NAME


def _slot(question: Sequence[str], row: Said) -> Slot | None:
    """Find the one stretch in which a row's prompt differs from a question; None where it is no wide slot."""
    before = _shared(question, row.prompt)
    behind = _shared(question[before:][::-1], row.prompt[before:][::-1])
    lost, gained = ("".join(words[before : len(words) - behind]) for words in (question, row.prompt))
    if min(len(lost), len(gained)) < _LEAST_LETTERS or len(lost) < _LEAST_SHARE * len("".join(question)):
        return None
    texts = gained, "".join(row.answer)
    if any(len(text) > _LONGEST or _alike(lost, text) for text in texts):
        return None
    return Slot(gained, before, behind)


def _shared(one: Sequence[str], other: Sequence[str]) -> int:
    """Count the words with which both begin."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (left, right) in pairs if left != right), min(len(one), len(other)))


def _alike(text: str, within: str) -> bool:
    """Tell whether a third of a text's letters, three by three, stand in a passage twice as long."""
    wanted, step = _threes(text), len(text)
    passages = (within[at : at + 2 * step] for at in range(0, max(1, len(within) - step), step))
    return any(len(wanted & _threes(passage)) >= _ALIKE * len(wanted) for passage in passages)


def _threes(text: str) -> set[str]:
    return {text[at : at + _AT_A_TIME] for at in range(len(text) - _AT_A_TIME + 1)}
