"""Letters of few keys, of a row of keys, or of neighbours on a keyboard: "fghjfd", "asdkjh", "qwerqwer".

A beaten keyboard gives letters that are not drawn from all, and so seem likelier words than they are. Its letters are
told in fewer bits by what was struck: by which keys these are, where they are few (their choice, and one of them each
time), by a row, or by that each key lies beside the last one half of the time. What is spelled in words gains nothing
by it, since hardly a word keeps to a row.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from quality.screening.alphabets import LETTERS, Words, kinds, numbers_of, scripts

if TYPE_CHECKING:
    from numpy.typing import NDArray

FEWEST_KINDS = 7
"""Kinds of letters, ends of words among them: the bases of a gene and the notes of a song are fewer."""
ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "йцукенгшщзх", "фывапролджэ", "ячсмитьбю")
"""Rows of keys, Latin and Cyrillic, from left to right."""
# What a hand that rests on a keyboard strikes: a row, the middle one and the one above, or any.
_STRUCK = (
    ROWS[0], ROWS[1], ROWS[1] + ROWS[0], "".join(ROWS[:3]),
    ROWS[3], ROWS[4], ROWS[4] + ROWS[3], "".join(ROWS[3:]),
)  # fmt: skip
_STRAY = 0.03  # share of the letters that lie beside the row
_BESIDE = 0.5  # share of the letters whose key lies beside the one before
_END = 2  # of the three kinds of letters


def struck(spelled: Words, drawn: NDArray[np.float64], texts: int) -> NDArray[np.float64]:
    """Tell how many bits fewer keys that were struck take for a text's letters than letters that were drawn.

    Parameters
    ----------
    spelled : Words
        Words of the texts.
    drawn : (LETTERS,) float64
        Logarithm (base 2) of each letter's chance to be drawn.
    texts : int
        How many texts there are.

    Returns
    -------
    (texts,) float64
        0 where drawing them explains as much.
    """
    pairs = spelled.keys % LETTERS**2
    is_letter = kinds()[pairs % LETTERS] != _END
    pairs, owners = pairs[is_letter], spelled.texts()[is_letter].astype(np.int64)
    sizes = np.bincount(owners, minlength=texts)
    told = [np.bincount(owners, costs[pairs], minlength=texts) for costs in _costs()]
    seen = np.unique(owners * LETTERS + pairs % LETTERS)
    kinds_seen = np.bincount(seen // LETTERS, minlength=texts)
    few = _choices()[kinds_seen] + sizes * np.log2(np.maximum(kinds_seen, 1))
    few[kinds_seen < FEWEST_KINDS] = np.inf
    by_drawing = -np.bincount(owners, drawn[pairs % LETTERS], minlength=texts)
    # Which of the ways it was takes bits as well.
    best = np.minimum.reduce([few, *told]) + math.log2(1 + len(told))
    gain: NDArray[np.float64] = np.maximum(by_drawing - best, 0)
    return gain


@lru_cache(maxsize=1)
def _choices() -> NDArray[np.float64]:
    """Tell how many bits it takes to name so many letters of an alphabet: (LETTERS,) float64."""
    most = int(np.bincount(scripts()).max())
    return np.array([math.log2(max(1, math.comb(most, count))) for count in range(LETTERS)])


@lru_cache(maxsize=1)
def _costs() -> list[NDArray[np.float64]]:
    """Tell what each letter costs behind the one before it, by each way to strike keys: (LETTERS²,) float64, bits."""
    sizes = np.bincount(scripts())[scripts()] - 1.0
    ways = []
    for keys in _STRUCK:
        share = _STRAY / sizes
        share[numbers_of(keys)] = (1 - _STRAY) / len(keys)
        ways.append(np.tile(share, LETTERS))
    beside = np.zeros((LETTERS, LETTERS))
    for row in map(numbers_of, ROWS):
        beside[row[1:], row[:-1]] = beside[row[:-1], row[1:]] = 1.0
    near = beside.sum(1, keepdims=True)
    # No key lies beside the end of a word.
    ways.append(np.where(near > 0, _BESIDE * beside / np.maximum(near, 1) + (1 - _BESIDE) / sizes, 1 / sizes).ravel())
    return [-np.log2(share) for share in ways]
