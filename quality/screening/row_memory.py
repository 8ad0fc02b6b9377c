"""What was measured of single rows in earlier runs, so that only new rows are measured.

For measures that depend on one row's texts alone. What is kept is one file of numbers: it appears whole or not at all,
is passed over where it is damaged, and holds the rows of the last pool, and as many others at most.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from quality.lsh.kept_state import KeptState
from quality.lsh.shingles import stable_hash

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from quality.lsh.index_files import Arrays

    Measure = Callable[[pl.Series, pl.Series], pl.DataFrame]

# Rows are known again by the hashes of both texts, and by the size of both in bytes.
_KEY = ("key_prompt", "key_answer", "key_size")


class RowMemory:
    """Measures of rows, under one folder, which may be removed at any time.

    Parameters
    ----------
    folder : Path
        As of `quality.lsh.kept_state.KeptState`.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def of(self, measure: Measure, prompts: pl.Series, answers: pl.Series) -> pl.DataFrame:
        """Return what `measure` returns for these rows, which it is asked about new rows alone.

        Parameters
        ----------
        measure : callable
            Given some rows' prompts and answers, returns a frame of Float64 without nulls, a line for each.
        prompts, answers : pl.Series of String
            Without nulls.
        """
        keys = _keys(prompts, answers)
        state = KeptState(self.folder)
        loaded = state.load(_read)
        kept = pl.DataFrame(schema=dict.fromkeys(_KEY, pl.UInt64)) if loaded is None else loaded
        known = kept.select(*_KEY, place=pl.int_range(pl.len(), dtype=pl.UInt32))
        places = keys.join(known, on=_KEY, how="left", maintain_order="left")["place"]
        new = places.is_null().arg_true()
        if len(new) or kept.is_empty():
            told = measure(prompts.gather(new), answers.gather(new))
            measured = pl.concat([keys[new], told], how="horizontal")
            places = places.scatter(new, np.arange(kept.height, kept.height + len(new), dtype=np.uint32))
            kept = pl.concat([kept, measured]) if kept.height else measured
            rows = _bounded(kept, places)
            state.keep({name: rows[name].to_numpy() for name in rows.columns}, rows.columns)
        return kept.drop(_KEY)[places]


def _read(arrays: Arrays, columns: list[str]) -> pl.DataFrame:
    return pl.DataFrame({name: arrays[name] for name in columns})


def _keys(prompts: pl.Series, answers: pl.Series) -> pl.DataFrame:
    sizes = prompts.str.len_bytes().cast(pl.UInt64) * 2**32 + answers.str.len_bytes()
    hashes = [pl.Series(stable_hash(texts), dtype=pl.UInt64) for texts in (prompts, answers)]
    return pl.DataFrame(dict(zip(_KEY, [*hashes, sizes], strict=True)))


def _bounded(rows: pl.DataFrame, present: pl.Series) -> pl.DataFrame:
    """Leave each row once: all of them, or where most are absent now, those present."""
    if rows.height > 2 * len(present):
        rows = rows[present]
    return rows.unique(_KEY, keep="first", maintain_order=True)
