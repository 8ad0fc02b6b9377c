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
from collections import Counter
from typing import TYPE_CHECKING

import polars as pl

from quality.leaks.distinct_texts import distinct
from quality.texts.normalise import normalised
from quality.texts.words import apart

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# A word with what is spelled together with it: “T24.622”, “101,325”.
_TOKEN = r"\w+(?:[.,'’:/-]\w+)*"  # noqa: S105
_DIGIT, _SIGN, _UNIT = re.compile(r"\d"), re.compile(r"\W|_"), re.compile(r"^(\d+)[^\W\d_]+$")
_LAST_ZEROS, _FIRST_ZEROS = re.compile(r"^([\d,'’]+\.\d*?)0+$"), re.compile(r"^0+(?=\w)")
_BEFORE = pl.Schema({"earlier": pl.String(), "before": pl.String()})
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
        counts: dict[Place, Counter[str]] = {place: Counter() for place in places}
        # All other answers would only be cut up in vain.
        last = sorted({"".join(place[-1:]) for place in places})
        wanted = pl.DataFrame([_padded(place) for place in places], _BEFORE, orient="row")
        for texts in distinct(self._answers, normalised) if places else ():
            numbers = _numbers(texts.filter(texts.str.contains_any(last)))
            there = numbers.join(wanted, on=list(_BEFORE), how="semi", nulls_equal=True)
            for _, place, number in set(_read(there)):
                counts[place][number] += 1
        for place, given in counts.items():
            answers, own = given.total(), sum(n == 1 for n in given.values())
            self._known[place] = answers >= _FEWEST_ANSWERS and own >= _OWN_SHARE * answers


def numbers_given(texts: pl.Series) -> list[Given]:
    """Read the numbers of texts by the words before each."""
    given: list[Given] = [{} for _ in range(len(texts))]
    for text, place, number in _read(_numbers(texts)):
        given[text].setdefault(place, set()).add(number)
    return given


def _numbers(texts: pl.Series) -> pl.DataFrame:
    """List words with digits: `text: UInt32` (its place), `earlier`, `before` (the words before, or null), `word`."""
    spelled = normalised(texts).to_frame("word").with_row_index("text")
    word, text = pl.col("word"), pl.col("text")
    words = spelled.select("text", apart(word.fill_null("")).str.extract_all(_TOKEN))
    earlier, before = (pl.when(text.shift(back) == text).then(word.shift(back)) for back in (2, 1))
    each = words.explode("word", empty_as_null=False, keep_nulls=False)
    return each.with_columns(earlier=earlier, before=before).filter(word.str.contains(r"\d"))


def _read(numbers: pl.DataFrame) -> Iterator[tuple[int, Place, str]]:
    for text, earlier, before, word in numbers.select("text", *_BEFORE, "word").iter_rows():
        yield text, tuple(each for each in (earlier, before) if each is not None), _plainest(word)


def _padded(place: Place) -> tuple[str | None, ...]:
    return (*(None for _ in range(len(_BEFORE) - len(place))), *place)


def _plainest(number: str) -> str:
    """Spell a number without signs, without zeros that say nothing, and without a unit that follows it."""
    digits = _DIGIT.sub(lambda digit: str(int(digit[0])), number)
    bare = _SIGN.sub("", _LAST_ZEROS.sub(r"\1", digits))
    return _FIRST_ZEROS.sub("", _UNIT.sub(r"\1", bare))


def _compared(asked: Given, said: Given, wanted: Given, reply: Given) -> dict[Place, bool]:
    """Tell of each place of both answers whether neither gives a number that row or item of the other has anywhere."""
    row, item = (set().union(*one.values(), *other.values()) for one, other in ((asked, said), (wanted, reply)))
    return {place: not (said[place] & item or reply[place] & row) for place in said.keys() & reply.keys()}
