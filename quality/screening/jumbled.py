"""Words with their letters in another order, "esrever", "shfulfed": in no other text, and yet of known letters.

A word is jumbled where no other text has it, and its letters in some order are a word of several others. One such is a
slip of the finger; a text that is made of them was reversed or shuffled. Which language it was makes no difference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from quality.screening.alphabets import LETTERS, Words
from quality.texts.ragged import offsets_of
from quality.texts.sorted_numbers import places_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FEWEST_LETTERS = 5  # many short words are another short word in another order
_FEWEST_WORDS = 5  # jumbled ones, in a text that is made of them
_LEAST = 0.25  # of the longer words, known or not: in a language that the pool hardly knows, some are by chance
_WEIGHTS = np.random.default_rng(1729).integers(1 << 63, size=LETTERS, dtype=np.uint64) | np.uint64(1)


def letters_of(words: Words) -> NDArray[np.uint64]:
    """Hash words by their letters, whatever the order of these: (n_words,) uint64."""
    starts = offsets_of(words.lengths)[:-1]
    weights = _WEIGHTS[words.keys % LETTERS]
    return np.add.reduceat(weights, starts, dtype=np.uint64) if len(starts) else weights


def jumbled_shares(
    spelled: Words, texts: int, known: NDArray[np.uint64], letters: NDArray[np.uint64]
) -> NDArray[np.float64]:
    """Measure how many of the longer words that each text has of the pool, as they are or jumbled, are jumbled.

    Parameters
    ----------
    spelled : Words
        Words of the texts.
    texts : int
        How many texts there are.
    known, letters : (n_known,) uint64
        Words that several texts have, by `Words.hashes`, and the same by `letters_of`; both ascending
        and distinct.

    Returns
    -------
    (texts,) float64
        Shares; 0 where hardly any are.
    """
    long = spelled.take(np.flatnonzero(spelled.lengths > _FEWEST_LETTERS))
    is_word = places_of(long.hashes(), known) >= 0
    strange = long.take(np.flatnonzero(~is_word))
    told = strange.owners[places_of(letters_of(strange), letters) >= 0]
    jumbled, whole, all_ = (np.bincount(of, minlength=texts) for of in (told, long.owners[is_word], long.owners))
    many = jumbled >= np.maximum(_FEWEST_WORDS, _LEAST * all_)
    return np.where(many, jumbled / np.maximum(jumbled + whole, 1), 0.0)
