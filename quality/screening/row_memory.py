"""What was measured of single rows in earlier runs, so that only new rows are measured.

For measures that depend on one row's texts alone. What is kept is one file of numbers: it appears whole or not at all,
is passed over where it is damaged, and holds the rows of the last pool, and as many others at most.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from quality.lsh.index_files import (
    locked,
    mark_used,
    read_arrays,
    read_head,
    remove_others,
    retire,
    write_arrays,
    write_head,
)
from quality.lsh.shingles import stable_hash

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Measure = Callable[[pl.Series, pl.Series], pl.DataFrame]

logger = logging.getLogger(__name__)

_MOST_FOLDERS = 4
# Rows are known again by the hashes of both texts, and by the size of both in bytes.
_KEY = ("key_prompt", "key_answer", "key_size")


class RowMemory:
    """Measures of rows, under one folder, which may be removed at any time.

    Two processes may use it at once; of two that end at once the first is kept. If nothing can be written, nothing is.

    Parameters
    ----------
    folder : Path
        Made when something is written. Its name tells apart what may not be mixed: versions of the code, settings. Of
        such folders beside each other the four last used stay.
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
        kept, head = self._load()
        known = kept.select(*_KEY, place=pl.int_range(pl.len(), dtype=pl.UInt32))
        places = keys.join(known, on=_KEY, how="left", maintain_order="left")["place"]
        new = places.is_null().arg_true()
        if len(new) or kept.is_empty():
            told = measure(prompts.gather(new), answers.gather(new))
            measured = pl.concat([keys[new], told], how="horizontal")
            places = places.scatter(new, np.arange(kept.height, kept.height + len(new), dtype=np.uint32))
            kept = pl.concat([kept, measured]) if kept.height else measured
            self._keep(_bounded(kept, places), head)
        return kept.drop(_KEY)[places]

    def _load(self) -> tuple[pl.DataFrame, str]:
        none = pl.DataFrame(schema=dict.fromkeys(_KEY, pl.UInt64))
        with locked(self.folder, writing=False):
            head = read_head(self.folder)
            if not head:
                return none, ""
            mark_used(self.folder)
            try:
                arrays, notes = read_arrays(self.folder, head)
                if notes["of"] != self.folder.name:
                    raise ValueError("it was made with other settings or by other code")
                return pl.DataFrame({name: arrays[name] for name in notes["columns"]}), head
            except (OSError, ValueError, KeyError, TypeError) as error:
                logger.warning("What is kept of rows in %s is passed over (%s) and measured anew.", self.folder, error)
                return none, head

    def _keep(self, rows: pl.DataFrame, head: str) -> None:
        arrays = {name: rows[name].to_numpy() for name in rows.columns}
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with locked(self.folder, writing=True):
                if read_head(self.folder) != head:
                    logger.info("Another run has kept its rows meanwhile; they are left as they are.")
                    return
                name = write_arrays(self.folder, arrays, {"of": self.folder.name, "columns": rows.columns})
                write_head(self.folder, name)
                remove_others(self.folder, [name])
                retire(self.folder.parent, _MOST_FOLDERS)
        except OSError as error:
            logger.warning("Measures of rows are not kept: %s can't be written (%s).", self.folder, error)


def _keys(prompts: pl.Series, answers: pl.Series) -> pl.DataFrame:
    sizes = prompts.str.len_bytes().cast(pl.UInt64) * 2**32 + answers.str.len_bytes()
    hashes = [pl.Series(stable_hash(texts), dtype=pl.UInt64) for texts in (prompts, answers)]
    return pl.DataFrame(dict(zip(_KEY, [*hashes, sizes], strict=True)))


def _bounded(rows: pl.DataFrame, present: pl.Series) -> pl.DataFrame:
    """Leave each row once: all of them, or where most are absent now, those present."""
    if rows.height > 2 * len(present):
        rows = rows[present]
    return rows.unique(_KEY, keep="first", maintain_order=True)
