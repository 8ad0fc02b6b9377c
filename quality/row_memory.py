"""What was measured of single rows in earlier runs, so that only new rows are measured.

For measures that depend on one row's texts alone. What is kept is one file of numbers, hashes of texts among them: it
appears whole or not at all, is passed over where it is damaged, and holds the rows of the last pool, and as many others
at most. Who measures the same rows several times in one process keeps them there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from quality.lsh.kept_state import KeptState
from quality.lsh.shingles import stable_hash

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from quality.lsh.index_files import Arrays

    Measure = Callable[..., pl.DataFrame]

# How columns begin that rows are known again by: a hash of each text, and its size in bytes.
_KEY = "key "


class RowMemory:
    """Measures of rows, under one folder, which may be removed at any time.

    Parameters
    ----------
    folder : Path, optional
        As of `quality.lsh.kept_state.KeptState`; None keeps them in this object alone.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
        self._held: pl.DataFrame | None = None

    def of(self, measure: Measure, *texts: pl.Series) -> pl.DataFrame:
        """Return what `measure` returns for these rows, which it is asked about new rows alone.

        Parameters
        ----------
        measure : callable
            Given the same texts of some rows, returns a frame of numbers without nulls, a line for each: UInt8,
            UInt32, UInt64, Float32 or Float64.
        texts : pl.Series of String
            One or several of each row, without nulls; as many from run to run.
        """
        keys = _keys(texts)
        state = None if self.folder is None else KeptState(self.folder)
        loaded = self._held if state is None else state.load(_read)
        kept = keys.clear() if loaded is None else loaded
        known = kept.select(*keys.columns, place=pl.int_range(pl.len(), dtype=pl.UInt32))
        places = keys.join(known, on=keys.columns, how="left", maintain_order="left")["place"]
        new = places.is_null().arg_true()
        if len(new) or kept.is_empty():
            told = measure(*(of_rows.gather(new) for of_rows in texts))
            measured = pl.concat([keys[new], told], how="horizontal")
            places = places.scatter(new, np.arange(kept.height, kept.height + len(new), dtype=np.uint32))
            kept = pl.concat([kept, measured]) if kept.height else measured
            rows = _bounded(kept, places, keys.columns)
            if state is None:
                self._held = rows
            else:
                state.keep({name: rows[name].to_numpy() for name in rows.columns}, rows.columns)
        return kept.drop(keys.columns)[places]


def _read(arrays: Arrays, columns: list[str]) -> pl.DataFrame:
    return pl.DataFrame({name: arrays[name] for name in columns})


def _keys(texts: Sequence[pl.Series]) -> pl.DataFrame:
    hashes = {f"{_KEY}{at}": pl.Series(stable_hash(of_rows), dtype=pl.UInt64) for at, of_rows in enumerate(texts)}
    sizes = {f"{_KEY}{at} size": of_rows.str.len_bytes().cast(pl.UInt64) for at, of_rows in enumerate(texts)}
    return pl.DataFrame(hashes | sizes)


def _bounded(rows: pl.DataFrame, present: pl.Series, keys: Sequence[str]) -> pl.DataFrame:
    """Leave each row once: all of them, or where most are absent now, those present."""
    if rows.height > 2 * len(present):
        rows = rows[present]
    return rows.unique(keys, keep="first", maintain_order=True)
