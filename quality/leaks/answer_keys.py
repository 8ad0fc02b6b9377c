"""Keys: the code, date or amount that each answer of a template gives, and hardly any other of the pool.

“The code is T24.622. It belongs to …” stands below many a prompt of some pools, each with a code of its own. A place
for a key is known by the two words before it: many answers give a number there, and most of these no other answer
does. “She pays 18 dollars” is no such place where many pay 18: there another number is another sum, and it may be a
wrong one below a copied question.

A number in another spelling is the same: `101,325` and `101325`, `T24.622` and `t24622`, `5 km` and `5km`, `0.50` and
`0.5`, `007` and `7`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import polars as pl

from quality.leaks.distinct_texts import distinct
from quality.texts.normalise import normalised
from quality.texts.words import apart

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# A word with what is spelled together with it: “T24.622”, “101,325”.
_TOKEN = r"\w+(?:[.,'’:/-]\w+)*"  # noqa: S105
_DIGIT, _SIGN, _UNIT = re.compile(r"\d"), re.compile(r"\W|_"), re.compile(r"^(\d+)[^\W\d_]+$")
_LAST_ZEROS, _FIRST_ZEROS = re.compile(r"^([\d,'’]+\.\d*?)0+$"), re.compile(r"^0+(?=\w)")
_WORDS_BEFORE = 2
# So many answers give a number in a place for keys, and this share of them one that no other gives there.
_FEWEST_ANSWERS, _OWN_SHARE = 8, 0.5

Place = tuple[str, ...]
Given = dict[Place, set[str]]
"""The numbers of a text by the words before them, in their plainest spelling."""


class Keys:
    """The places in which the answers of a pool give keys.

    Parameters
    ----------
    answers : pl.Series of String
        One of each row.
    """

    def __init__(self, answers: pl.Series) -> None:
        self._answers = answers
        self._known: dict[Place, bool] = {}

    def differ(self, texts: Iterable[tuple[str, str, str, str]]) -> list[bool]:
        """Tell which rows give another key than an item wherever both give one, and neither the other's anywhere.

        Who gives the same code and only another number of the page has copied the item.

        Parameters
        ----------
        texts : iterable of (str, str, str, str)
            Prompt and answer of the row, question and answer of the item.
        """
        read = [numbers_given(pl.Series(text, dtype=pl.String)) for text in zip(*texts, strict=True)]
        places = [_compared(*four) for four in zip(*read, strict=True)]
        self._look_up({place for each in places if any(each.values()) for place in each} - self._known.keys())
        # Where no place differs at all, none was looked up.
        told = ([differs for place, differs in each.items() if self._known.get(place)] for each in places)
        return [bool(each) and all(each) for each in told]

    def _look_up(self, places: set[Place]) -> None:
        counts: dict[Place, dict[str, int]] = {place: {} for place in places}
        # All other answers would only be cut up in vain.
        wanted = sorted({"".join(place[-1:]) for place in places})
        for texts in distinct(self._answers, normalised) if places else ():
            for given in numbers_given(texts.filter(texts.str.contains_any(wanted))):
                for place in places & given.keys():
                    for number in given[place]:
                        counts[place][number] = counts[place].get(number, 0) + 1
        for place, numbers in counts.items():
            answers, own = sum(numbers.values()), sum(n == 1 for n in numbers.values())
            self._known[place] = answers >= _FEWEST_ANSWERS and own >= _OWN_SHARE * answers


def numbers_given(texts: pl.Series) -> list[Given]:
    """Read the numbers of texts by the words before each."""
    spelled = normalised(texts).to_frame("text").select(apart(pl.col("text").fill_null("")).str.extract_all(_TOKEN))
    return [_given(words) for words in spelled.to_series().to_list()]


def _given(words: Sequence[str]) -> Given:
    given: Given = {}
    for at, word in enumerate(words):
        if _DIGIT.search(word):
            given.setdefault(tuple(words[max(0, at - _WORDS_BEFORE) : at]), set()).add(_plainest(word))
    return given


def _plainest(number: str) -> str:
    """Spell a number without signs, without zeros that say nothing, and without a unit that follows it."""
    digits = _DIGIT.sub(lambda digit: str(int(digit[0])), number)
    bare = _SIGN.sub("", _LAST_ZEROS.sub(r"\1", digits))
    return _FIRST_ZEROS.sub("", _UNIT.sub(r"\1", bare))


def _compared(asked: Given, said: Given, wanted: Given, reply: Given) -> dict[Place, bool]:
    """Tell of each place of both answers whether neither gives a number that row or item of the other has anywhere."""
    row, item = (set().union(*one.values(), *other.values()) for one, other in ((asked, said), (wanted, reply)))
    return {place: not (said[place] & item or reply[place] & row) for place in said.keys() & reply.keys()}
