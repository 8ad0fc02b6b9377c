"""Words as their letters, whatever case or accents these bear: numbers for statistics on letters that follow letters.

Latin, Greek and Cyrillic are told apart, since a word is written in one of them. Other scripts have no numbers here:
theirs are hundreds of letters (syllables, ideographs), or no vowels.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from quality.texts.ragged import offsets_of, ranges

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

_SCRIPTS = {
    "LATIN": "abcdefghijklmnopqrstuvwxyz",
    "GREEK": "αβγδεζηθικλμνξοπρστυφχψω",
    "CYRILLIC": "абвгдежзийклмнопрстуфхцчшщъыьэюя",
}
_VOWELS = "aeiouyαεηιουωаеиоуыэюя"
# Each script's first number ends its words, its last is whatever other letter it has (ß, ђ).
_ENDS = {
    script: sum(len(letters) + 2 for letters in list(_SCRIPTS.values())[:at]) for at, script in enumerate(_SCRIPTS)
}
LETTERS = sum(len(letters) + 2 for letters in _SCRIPTS.values())
"""How many numbers there are, ends of words among them."""
_NONE, _OTHER = 0, 255  # no part of a word; part of one that is no word of letters (a digit, an ideograph)
_MIXED = len(_SCRIPTS) + 1  # stands for the script of such a part
_LAST_LETTER = 0x2000  # accented letters of the three scripts lie below
_PLACE = 0x9E3779B97F4A7C15  # odd: its powers weigh letters by their places
_FEWEST_LETTERS = 3  # shorter words are variables, units and initials


@dataclass(frozen=True)
class Words:
    """Words as trigrams: what follows which two letters, word after word, text after text.

    Attributes
    ----------
    keys : (n_trigrams,) int32
        `(first * LETTERS + second) * LETTERS + third`; where a word begins, its script's end stands for letters before
        it, and its last trigram ends in that.
    lengths : (n_words,) int64
        How many trigrams each word has: one more than letters.
    owners : (n_words,) int32
        Position of each word's text, ascending.
    """

    keys: NDArray[np.int32]
    lengths: NDArray[np.int64]
    owners: NDArray[np.int32]

    def texts(self) -> NDArray[np.int32]:
        """Tell the text of each trigram: (n_trigrams,) int32."""
        return np.repeat(self.owners, self.lengths)

    def hashes(self) -> NDArray[np.uint64]:
        """Hash words, whatever case or accents they bear: (n_words,) uint64."""
        starts = offsets_of(self.lengths)[:-1]
        places = np.arange(len(self.keys)) - np.repeat(starts, self.lengths)
        powers: NDArray[np.uint64] = np.cumprod(
            np.full(int(self.lengths.max(initial=1)), _PLACE, np.uint64), dtype=np.uint64
        )
        letters: NDArray[np.uint64] = (self.keys % LETTERS).astype(np.uint64) * powers[places]
        return np.add.reduceat(letters, starts, dtype=np.uint64) if len(starts) else letters

    def distinct(self) -> Words:
        """Leave each text's words once each, where it first has them."""
        told = np.stack([self.owners.astype(np.uint64), self.hashes()])
        return self.take(np.sort(np.unique(told, axis=1, return_index=True)[1]))

    def take(self, words: NDArray[np.int64]) -> Words:
        """Choose words by their positions."""
        starts, lengths = offsets_of(self.lengths)[words], self.lengths[words]
        return Words(self.keys[ranges(starts, lengths)], lengths, self.owners[words])


def kinds() -> NDArray[np.int64]:
    """Tell of each number whether it is a consonant (0), a vowel (1) or an end (2): (LETTERS,) int64."""
    told = np.zeros(LETTERS, np.int64)
    for script, letters in _SCRIPTS.items():
        told[_ENDS[script]] = 2
        told[[_ENDS[script] + 1 + at for at, letter in enumerate(letters) if letter in _VOWELS]] = 1
    return told


def scripts() -> NDArray[np.int64]:
    """Tell the script of each number: (LETTERS,) int64."""
    return np.repeat(np.arange(len(_SCRIPTS)), [len(letters) + 2 for letters in _SCRIPTS.values()])


def numbers_of(letters: str) -> NDArray[np.int64]:
    """Tell the number of each of some small letters: (n_letters,) int64."""
    return _numbers()[0][[ord(letter) for letter in letters]].astype(np.int64)


def words(texts: pl.Series) -> Words:
    """Find the words of three letters or more that are neither all capitals nor hold a digit.

    Parameters
    ----------
    texts : pl.Series of String
        Without nulls.
    """
    joined = texts.str.join("\n").item() if len(texts) else ""
    points = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32)
    numbers, capital = _numbers()
    places = np.minimum(points, len(numbers) - 1)
    spelled = np.append(numbers[places], np.uint8(_NONE))
    starts, lengths, ends = _words(spelled, capital, places)
    third = spelled[ranges(starts, lengths + 1)].astype(np.int32)
    first = offsets_of(lengths + 1)[:-1]
    third[first + lengths] = ends
    second, before = np.empty_like(third), np.empty_like(third)
    second[1:], before[2:] = third[:-1], third[:-2]
    second[first], before[first], before[first + 1] = ends, ends, ends
    # The line break behind a text counts with it, and holds no word.
    behind = np.cumsum(texts.str.len_chars().to_numpy().astype(np.int64) + 1)
    owner = np.searchsorted(behind, starts, side="right").astype(np.int32)
    return Words((before * LETTERS + second) * LETTERS + third, lengths + 1, owner)


def _words(
    spelled: NDArray[np.uint8], capital: NDArray[np.bool_], places: NDArray[np.uint32]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Find where words of one script begin, how long they are, and which number ends each."""
    of = np.full(256, _MIXED, np.uint8)
    of[:LETTERS], of[_NONE] = scripts() + 1, 0
    script = of[spelled]
    edges = np.flatnonzero(script[1:] != script[:-1]) + 1
    starts = np.concatenate([np.zeros(1, np.int64), edges])
    stops = np.concatenate([edges, [len(script)]])
    own = script[starts]
    alone = np.ones(len(own), np.bool_)
    alone[1:] &= own[:-1] == 0
    alone[:-1] &= own[1:] == 0
    long = stops - starts >= _FEWEST_LETTERS
    kept = np.flatnonzero(alone & long & (own > 0) & (own < _MIXED))
    starts, stops, own = starts[kept], stops[kept], own[kept]
    shouted = capital[places[starts + 1]] & capital[places[stops - 1]]
    starts, stops, own = starts[~shouted], stops[~shouted], own[~shouted]
    return starts, stops - starts, np.array([0, *_ENDS.values()])[own]


@lru_cache(maxsize=1)
def _numbers() -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """Tell each character's number, and whether it is a capital; the last stands for all that lie beyond."""
    known = {
        letter: _ENDS[script] + 1 + at for script, letters in _SCRIPTS.items() for at, letter in enumerate(letters)
    }
    numbers = np.zeros(_LAST_LETTER + 1, np.uint8)
    numbers[-1] = _OTHER
    for code in range(_LAST_LETTER):
        character = chr(code)
        if character.isalnum() or character == "_" or unicodedata.category(character)[0] == "M":
            numbers[code] = _number(character, known)
    capital = np.array([chr(code).isupper() for code in range(_LAST_LETTER + 1)])
    return numbers, capital


def _number(character: str, known: dict[str, int]) -> int:
    folded = character.casefold().replace("ς", "σ")
    # The short i of Cyrillic is a letter of its own, though an i with a mark to Unicode.
    base = folded if folded in known else unicodedata.normalize("NFD", folded)[0]
    name = unicodedata.name(base, "").split(" LETTER ")
    stroked = name[-1].split(" WITH ")[0].lower()
    script = name[0].split()[0] if len(name) > 1 else ""
    if script not in _SCRIPTS:
        return _OTHER
    letter = stroked if script == "LATIN" and stroked in known else base
    return known.get(letter, _ENDS[script] + len(_SCRIPTS[script]) + 1)
