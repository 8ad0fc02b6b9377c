"""Signs of pairs of rows, kept from run to run: a pair is known again by the hash of its texts, wherever they stand.

What two rows show by themselves is the same in every pool. So few pairs of a pool that was seen before, but for some
rows, are looked at anew. What a run did not ask for is forgotten, and rows that are gone take their pairs with them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from quality.lsh.basis import basis, named_by
from quality.lsh.kept_state import KeptState
from quality.texts.sorted_numbers import places_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from quality.lsh.index_files import Arrays

# Whatever decides a sign, or how signs are written down.
_BASIS = (
    "duplicates.contradictions", "lsh.index_files", "lsh.kept_state", "lsh.shingles", "meaning.pair_memory",
    "meaning.pair_signs", "meaning.pool_texts", "meaning.reworded_pairs", "meaning.told_alike",
    "prompts.bare_questions", "prompts.edited", "prompts.reworded", "prompts.turned",
    "texts.characters", "texts.counted", "texts.facts", "texts.function_words", "texts.inflected", "texts.letter_case",
    "texts.measures_exchanged", "texts.names", "texts.normalise", "texts.opposites", "texts.slips",
    "texts.sorted_numbers", "texts.spellings", "texts.told_otherwise", "texts.word_bags", "texts.word_diff",
    "texts.word_order", "texts.words",
)  # fmt: skip
# Polars knows what Unicode's letters are and how they fold.
_PACKAGES = ("polars", "polars-hash")


class _Signs(NamedTuple):
    """Pairs, ascending and distinct: (n,) uint64, and the signs of each: (n,) uint8."""

    pairs: NDArray[np.uint64]
    signs: NDArray[np.uint8]

    def joined(self, pairs: NDArray[np.uint64], signs: NDArray[np.uint8]) -> _Signs:
        """Add pairs, of which some may be there."""
        both, firsts = np.unique(np.concatenate([self.pairs, pairs]), return_index=True)
        return _Signs(both, np.concatenate([self.signs, signs])[firsts])


_NONE = _Signs(np.empty(0, np.uint64), np.empty(0, np.uint8))


class PairMemory:
    """Signs of pairs that the run before asked for, under one folder, which may be removed at any time.

    What is damaged, or was written by other code, is computed anew; if nothing can be written, nothing is kept. Two
    processes may use it at once.

    Parameters
    ----------
    folder : Path
        Made when something is written.
    *settings : object
        What signs depend on beside the texts.
    """

    def __init__(self, folder: Path, *settings: object) -> None:
        self._state = KeptState(folder / named_by(*settings, basis=basis(_BASIS, _PACKAGES)))
        self._before = self._state.load(_read) or _NONE
        self._asked, self._changed = _NONE, False

    def signs(
        self, pairs: NDArray[np.uint64], judge: Callable[[NDArray[np.int64]], NDArray[np.uint8]]
    ) -> NDArray[np.uint8]:
        """Tell the signs of pairs.

        Parameters
        ----------
        pairs : (n,) uint64
            Hashes of the texts of each.
        judge : callable
            Given places of pairs that are new, returns their signs.

        Returns
        -------
        (n,) uint8
        """
        at = places_of(pairs, self._before.pairs)
        signs = np.empty(len(pairs), np.uint8)
        signs[at >= 0] = self._before.signs[at[at >= 0]]
        new = np.flatnonzero(at < 0)
        if len(new):
            signs[new] = judge(new)
            self._changed = True
        self._asked = self._asked.joined(pairs, signs)
        if self._changed:
            self._state.keep(self._asked._asdict())
        return signs


def _read(arrays: Arrays, _: object) -> _Signs:
    return _Signs(arrays["pairs"], arrays["signs"])
