"""The texts of a pool for who compares pairs of its rows: what many of them show together, each found once."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from quality.lsh.shingles import mix, stable_hash
from quality.meaning.pair_memory import PairMemory
from quality.meaning.pair_signs import signs_of, whole
from quality.neardup import near_pairs
from quality.neardup_index import NearDupIndex
from quality.prompts.edited import usual_among, words_in_order
from quality.prompts.one_subject import Subjects
from quality.prompts.slots import PromptSlots

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Literal

    import polars as pl
    from numpy.typing import NDArray

    from quality.meaning.pair_signs import Agreement
    from quality.neardup import NearDup

    Places = NDArray[np.integer]

_SPREAD = np.uint64(0x9E3779B97F4A7C15)  # the golden ratio, odd


class PoolTexts:
    """Prompts and answers of a pool.

    Parameters
    ----------
    prompts, answers : pl.Series of String
        In priority order.
    kept : Path, optional
        Folder where what rows and pairs of rows tell by themselves is kept for the next run; it may be removed at any
        time. Results don't depend on it.
    """

    def __init__(self, prompts: pl.Series, answers: pl.Series, kept: Path | None = None) -> None:
        self.prompts, self.answers = prompts, answers
        self._kept = kept
        self._memories: dict[Agreement, PairMemory] = {}

    def signs(self, left: Places, right: Places, agreement: Agreement) -> NDArray[np.uint8]:
        """Tell what pairs of rows, by position, show by themselves: see `quality.meaning.pair_signs.signs_of`."""
        if self._kept is None:
            return signs_of(left, right, self.prompts, self.answers, agreement)
        if agreement not in self._memories:
            self._memories[agreement] = PairMemory(self._kept / "signs", agreement)
        return self._memories[agreement].signs(
            mix(self._keys[left] * _SPREAD + self._keys[right]),
            lambda some: signs_of(left[some], right[some], self.prompts, self.answers, agreement),
        )

    def alike(self, of: Literal["rows", "answers"], settings: NearDup) -> pl.DataFrame:
        """List pairs of rows that share 5-grams, as a whole or in their answers: see `quality.neardup.near_pairs`."""
        texts = self.answers if of == "answers" else self.rows
        if self._kept is None:
            return near_pairs(texts, settings)
        return NearDupIndex(self._kept / f"alike-{of}").near_pairs(texts, settings)

    def asked(self, left: Places, right: Places) -> list[tuple[list[str], list[str]]]:
        """List the words of both prompts of pairs of rows, by position."""
        rows, places = np.unique(np.stack([left, right], axis=1), return_inverse=True)
        spelled = self.spelled.gather(rows).to_list()
        return [(spelled[one], spelled[other]) for one, other in places.reshape(-1, 2).tolist()]

    @cached_property
    def rows(self) -> pl.Series:
        """Prompt and answer in one text each."""
        return whole(self.prompts, self.answers)

    @cached_property
    def spelled(self) -> pl.Series:
        """Words of each prompt, folded."""
        return words_in_order(self.prompts)

    @cached_property
    def usual(self) -> frozenset[str]:
        """Words of templates: see `quality.prompts.edited.usual_words`."""
        return usual_among(self.spelled)

    @cached_property
    def slots(self) -> PromptSlots:
        """Places of templates that many prompts fill in otherwise."""
        return PromptSlots(self.spelled)

    @cached_property
    def subjects(self) -> Subjects:
        """What prompts name in templates of their own."""
        return Subjects(self.spelled, self.usual)

    @cached_property
    def _keys(self) -> NDArray[np.uint64]:
        asked, said = map(_hashes, (self.prompts, self.answers))
        return mix(asked * _SPREAD + said)


def _hashes(texts: pl.Series) -> NDArray[np.uint64]:
    hashes = np.where(texts.is_null().to_numpy(), np.uint64(0), stable_hash(texts.fill_null("")))
    return mix(hashes)
