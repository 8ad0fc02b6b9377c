"""What was judged of pairs of texts in earlier runs, so that only pairs with a new or changed text are judged.

For judgements that depend on the texts of a pair alone, wherever these stand and whatever the pool around them. A pair
is known again by a hash of its texts. Whenever a pair is new, what was not asked for is forgotten, so that texts that
are gone take their pairs with them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from quality.lsh.basis import named_by
from quality.lsh.kept_state import KeptState
from quality.lsh.shingles import mix, stable_hash
from quality.texts.sorted_numbers import places_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from quality.lsh.index_files import Arrays

    Places = NDArray[np.integer]
    Judge = Callable[[Places], pl.DataFrame]

# Pairs of one kind that are kept, at 8 bytes and those of the judgement each (30 at most); others are judged anew.
MOST_PAIRS = 2_000_000
_SPREAD = np.uint64(0x9E3779B97F4A7C15)  # the golden ratio, odd


class JudgedPairs:
    """Judgements of pairs, each kind in a folder of its own under one, which may be removed at any time.

    What is damaged is judged anew; if nothing can be written, nothing is kept. Two processes may use it at once.

    Parameters
    ----------
    folder : Path, optional
        Made when something is written. None keeps nothing.
    made_by : str
        Tells apart what may not be mixed: a digest of the code that judges.
    """

    def __init__(self, folder: Path | None = None, made_by: str = "") -> None:
        self._folder, self._made_by = folder, made_by
        self._kinds: dict[tuple[str, object], _Kind] = {}

    def of(
        self, kind: str, judge: Judge, left: Places, right: Places, *texts: pl.Series, settings: object = None
    ) -> pl.DataFrame:
        """Return what `judge` says of each pair; it is asked about new pairs alone.

        Parameters
        ----------
        kind : str
            Names the judgement, and its folder.
        judge : callable
            Given places of pairs, (k,) int64, returns a frame without nulls, a line for each: Boolean, UInt8, UInt32,
            UInt64, Float32 or Float64.
        left, right : (n_pairs,) int
            Positions in `texts`.
        texts : pl.Series of String
            All that is judged of each side.
        settings : object
            What the judgement depends on beside the texts.
        """
        if self._folder is None:
            return judge(np.arange(len(left)))
        key = kind, settings
        if key not in self._kinds:
            self._kinds[key] = _Kind(KeptState(self._folder / kind / named_by(settings, basis=self._made_by)))
        return self._kinds[key].of(pair_keys(left, right, *texts), judge)

    def keep(self) -> None:
        """Write down what was asked for since this object was made, where any of it is new."""
        for kind in self._kinds.values():
            kind.keep()


def pair_keys(left: Places, right: Places, *texts: pl.Series) -> NDArray[np.uint64]:
    """Hash pairs by their texts, (n_pairs,) uint64: other texts, or the same on other sides, are another pair."""
    rows, places = np.unique(np.concatenate([left, right]), return_inverse=True)
    keys = np.zeros(len(rows), np.uint64)
    for of_rows in texts:
        some = of_rows.gather(rows)
        keys = mix(keys * _SPREAD + np.where(some.is_null().to_numpy(), np.uint64(0), stable_hash(some.fill_null(""))))
    return mix(keys[places[: len(left)]] * _SPREAD + keys[places[len(left) :]])


class _Judged(NamedTuple):
    """Pairs, ascending and distinct, (n,) uint64, and a line of what was judged of each."""

    pairs: NDArray[np.uint64]
    told: pl.DataFrame


class _Kind:
    def __init__(self, state: KeptState) -> None:
        self._state = state
        self._known = state.load(_read)
        self._asked: list[_Judged] = []
        self._changed = False

    def of(self, pairs: NDArray[np.uint64], judge: Judge) -> pl.DataFrame:
        if self._known is None:
            told, self._changed = judge(np.arange(len(pairs))), True
            self._known = _distinct([_Judged(pairs, told)])
        else:
            at = places_of(pairs, self._known.pairs)
            new = np.flatnonzero(at < 0)
            told = self._known.told[np.maximum(at, 0)] if len(self._known.pairs) else self._known.told
            if len(new):
                fresh = judge(new)
                at[new] = np.arange(len(new)) + len(self._known.pairs)
                told, self._changed = pl.concat([self._known.told, fresh])[at], True
                self._known = _distinct([self._known, _Judged(pairs[new], fresh)])
        self._asked.append(_Judged(pairs, told))
        return told

    def keep(self) -> None:
        if not self._changed:
            return
        asked = _distinct(self._asked)
        told = asked.told[:MOST_PAIRS]
        kinds = {name: str(kind) for name, kind in told.schema.items()}
        plain = told.with_columns(pl.selectors.boolean().cast(pl.UInt8))
        arrays = {f"told {name}": plain[name].to_numpy() for name in plain.columns}
        self._state.keep({"pairs": asked.pairs[:MOST_PAIRS], **arrays}, kinds)
        self._changed = False


def _distinct(parts: list[_Judged]) -> _Judged:
    pairs, firsts = np.unique(np.concatenate([part.pairs for part in parts]), return_index=True)
    return _Judged(pairs, pl.concat([part.told for part in parts])[firsts])


def _read(arrays: Arrays, kinds: dict[str, str]) -> _Judged:
    told = pl.DataFrame({name: arrays[f"told {name}"] for name in kinds})
    truths = [name for name, kind in kinds.items() if kind == "Boolean"]
    return _Judged(arrays["pairs"], told.with_columns(pl.col(truths).cast(pl.Boolean)))
