"""Texts whose letters stand for others of their alphabet: each moved by as many places (Caesar, ROT13), or mirrored.

The words of a cipher are as long as words and come as often, so that in a pool with several such answers each finds
its words in the others. But there is one way to read it by which its letters follow each other as the pool's do, and
its words are the pool's; and no text that says something as it stands has a second reading. Which ways are worth
trying, the letters' frequencies tell.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from quality.screening.alphabets import LETTERS, Words, kinds, numbers_of, scripts
from quality.texts.sorted_numbers import places_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

ASKED_FOR_CIPHERS = (
    r"(?i)\b(?:(?:en|de)cod\w*|(?:en|de)(?:crypt|cipher)\w*|cipher\w*|cypher\w*|caesar\w*|rot-?\d+|atbash|vigen\S+re|"
    r"anagrams?|(?:un)?scrambl\w*|shuffl\w*|jumbl\w*|revers(?:e[ds]?|ing)|backwards?|puzzles?|riddles?|crosswords?|"
    r"secret (?:codes?|messages?|writing)|gibberish|nonsense|alphabets?|letters)\b"
)
"""Matches a prompt that asks for letters in the places of others."""

_TRIED = 3  # ways to read a text, those whose letters are the most usual
_FEWEST_WORDS, _SHARE = 5, 0.4  # words of the pool, and of all, in what is read


@lru_cache(maxsize=1)
def _ways() -> NDArray[np.int64]:
    """Give what stands for each letter, by each way to read: (n_ways, LETTERS) int64."""
    script, end = scripts(), kinds() == 2
    # A script's last number is whatever other letter it has, and stands for itself.
    turned = [np.flatnonzero((script == one) & ~end)[:-1] for one in range(int(script.max()) + 1)]
    ways = []
    for places in range(1, max(map(len, turned))):
        way = np.arange(LETTERS)
        for letters in turned:
            way[letters] = np.roll(letters, -places)
        ways.append(way)
    mirrored = np.arange(LETTERS)
    for letters in turned:
        mirrored[letters] = letters[::-1]
    return np.stack([*ways, mirrored, *_beside()])


def _beside() -> list[NDArray[np.int64]]:
    """Read each letter as its neighbour on the keyboard."""
    row = numbers_of("qwertyuiopasdfghjklzxcvbnm")
    ways = []
    for places in (1, -1):
        way = np.arange(LETTERS)
        way[row] = np.roll(row, places)
        ways.append(way)
    return ways


def read_otherwise(
    spelled: Words, texts: int, table: NDArray[np.float32], alone: NDArray[np.float64], known: NDArray[np.uint64]
) -> NDArray[np.float64]:
    """Measure by how many bits a letter another way to read texts is likelier than how they stand.

    Parameters
    ----------
    spelled : Words
        Different words of the texts.
    texts : int
        How many texts there are.
    table : (LETTERS³,) float32
        What the third letter of each trigram costs more than if it were drawn, in bits.
    alone : (LETTERS,) float64
        Logarithm (base 2) of each letter's chance.
    known : (n_known,) uint64
        Words that several texts of the pool have, by `Words.hashes`; ascending.

    Returns
    -------
    (texts,) float64
        0 where no other way finds more of the pool's words, or hardly any.
    """
    found = np.zeros(texts)
    if not len(spelled.owners):
        return found
    letters = spelled.texts().astype(np.int64) * LETTERS + spelled.keys % LETTERS
    seen = np.bincount(letters, minlength=texts * LETTERS).reshape(texts, LETTERS)
    ways = _ways()
    likely = seen @ alone[ways].T
    tried = np.argsort(-likely, axis=1, kind="stable")[:, :_TRIED]
    owners, of_words = spelled.texts(), np.bincount(spelled.owners, minlength=texts)
    as_it_stands = np.bincount(owners, table[spelled.keys], minlength=texts)
    heard = _heard(spelled, texts, known)
    for way in tried.T:
        read = Words(_read(spelled.keys, ways[way], owners), spelled.lengths, spelled.owners)
        words = _heard(read, texts, known)
        gain = as_it_stands - np.bincount(owners, table[read.keys], minlength=texts)
        enough = (words >= np.maximum(_FEWEST_WORDS, _SHARE * of_words)) & (words > heard)
        found = np.maximum(found, np.where(enough, gain / np.maximum(seen.sum(1), 1), 0.0))
    return found


def _heard(spelled: Words, texts: int, known: NDArray[np.uint64]) -> NDArray[np.int64]:
    return np.bincount(spelled.owners[places_of(spelled.hashes(), known) >= 0], minlength=texts)


def _read(keys: NDArray[np.int32], ways: NDArray[np.int64], owners: NDArray[np.int32]) -> NDArray[np.int32]:
    """Put for each letter of trigrams what it stands for in its text; `ways` is (texts, LETTERS)."""
    first, second, third = (ways[owners, keys // LETTERS**place % LETTERS] for place in (2, 1, 0))
    return ((first * LETTERS + second) * LETTERS + third).astype(np.int32)
