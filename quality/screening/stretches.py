"""Where in a text gibberish stands: the run of words that tells most for it, beside words that everybody has.

What tells for a drawing is summed over words, so that the run with the largest sum (Bentley, "Algorithm design
techniques", 1984) is what was drawn, and ends where writing begins. A name, or a sentence in a language that the pool
hardly knows, would make a run as well; what tells them apart is that a good part of the text is drawn, that hardly any
of its words is another text's, and that the rest is in the pool's own language: nearly all of its words are others',
and their letters follow each other as the pool's do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from quality.texts.ragged import offsets_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quality.screening.alphabets import Words

# Bits that a word tells by being in no other text, or in one: of ten words of an honest answer nine are, and of ten
# that were drawn or disfigured, none or one (2^5 = 32: each in the place of three that the other would have).
_UNHEARD = 5.0
_DRAWN = 0.7  # bits a letter that are no evidence: names and rare words have them
_DOUBT = 60  # letters without evidence that are added: a run is the best of many, so that chance has its hand in it
_STRANGE, _GOOD_PART = 0.7, 0.25  # of the run's words; of all letters
# At a first look, by letters alone: bits of the run, bits a letter of the rest, and its letters.
_FIRST_LOOK, _WRITTEN_TOO, _BESIDE = 15.0, -0.8, 20
_FEWEST_BESIDE, _HEARD_BESIDE, _WRITTEN = 6, 0.7, -1.0  # words beside it; their share; bits a letter, at most


def may_hold_one(bits: NDArray[np.floating], spelled: Words, texts: int) -> NDArray[np.bool_]:
    """Tell at a first look which texts may hold such a run: (n_texts,) bool; `bits` as of `LetterModel.table`."""
    own, letters = _of_words(bits, spelled), (spelled.lengths - 1).astype(np.float64)
    gains, first, last = _best_runs(own, spelled.owners, texts)
    sizes = offsets_of(spelled.lengths - 1)
    run, whole = sizes[last + 1] - sizes[first], np.bincount(spelled.owners, letters, minlength=texts)
    written = np.bincount(spelled.owners, own, minlength=texts) - gains <= _WRITTEN_TOO * (whole - run)
    told: NDArray[np.bool_] = (gains > _FIRST_LOOK) & (run >= _GOOD_PART * whole) & (whole - run >= _BESIDE) & written
    return told


def stretches(bits: NDArray[np.float64], spelled: Words, heard: NDArray[np.bool_], texts: int) -> NDArray[np.float64]:
    """Measure by how many bits a letter drawing explains the run that tells most for it, beside known words.

    Parameters
    ----------
    bits : (n_trigrams,) float64
        What the third letter of each trigram costs more than if it were drawn.
    spelled : Words
        Words of the texts, in their order.
    heard : (n_words,) bool
        Which of them other texts have.
    texts : int
        How many texts there are.

    Returns
    -------
    (texts,) float64
        0 where no run is long enough, or no known words stand beside it.
    """
    letters = (spelled.lengths - 1).astype(np.float64)
    own = _of_words(bits, spelled)
    told = own + np.where(heard, -_UNHEARD, _UNHEARD)
    gains, first, last = _best_runs(told - _DRAWN * letters, spelled.owners, texts)
    places = np.arange(len(spelled.owners))
    within = (places >= first[spelled.owners]) & (places <= last[spelled.owners])

    def summed(which: NDArray[np.bool_], of: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
        return np.bincount(spelled.owners[which], None if of is None else of[which], minlength=texts).astype(float)

    size, known = summed(within, letters), summed(~within & heard)
    strange = summed(within & ~heard) >= _STRANGE * summed(within)
    long = size >= _GOOD_PART * summed(np.ones(len(own), np.bool_), letters)
    written = summed(~within, own) <= _WRITTEN * summed(~within, letters)
    beside = (known >= _FEWEST_BESIDE) & (known >= _HEARD_BESIDE * summed(~within)) & written
    return np.where((gains > 0) & strange & long & beside, (gains + _DRAWN * size) / (size + _DOUBT), 0.0)


def _of_words(bits: NDArray[np.floating], spelled: Words) -> NDArray[np.float64]:
    if not len(spelled.owners):
        return np.zeros(0)
    return np.add.reduceat(bits.astype(np.float64), offsets_of(spelled.lengths)[:-1])


def _best_runs(
    told: NDArray[np.float64], owners: NDArray[np.int32], texts: int
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
    """Find each text's run of words with the largest sum: their sums, first and last places; 0, 0, -1 if none."""
    gains, first, last = np.zeros(texts), np.zeros(texts, np.int64), np.full(texts, -1, np.int64)
    if not len(told):
        return gains, first, last
    behind = np.cumsum(told)
    # Each text lies so far below the one before that no run reaches back into it.
    fall = float(np.ptp(np.append(behind, 0.0))) + 1
    behind = behind - fall * owners
    before = behind - told
    places = np.arange(len(told))
    lowest = np.minimum.accumulate(before)
    begins = np.maximum.accumulate(np.where(before == lowest, places, 0))
    gain = behind - lowest
    starts = np.flatnonzero(np.append(True, owners[1:] != owners[:-1]))
    best = np.maximum.reduceat(gain, starts)
    of_text = np.repeat(best, np.diff(np.append(starts, len(told))))
    at = np.flatnonzero(gain == of_text)
    ends = at[np.searchsorted(owners[at], owners[starts])]
    held = owners[starts]
    gains[held], first[held], last[held] = best, begins[ends], ends
    return gains, first, last
