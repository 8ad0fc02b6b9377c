"""Near-duplicates of a pool that was seen before, but for some rows: only what is new is read, hashed and compared.

The results equal those of `quality.neardup` in every bit. Nothing of an earlier run's result is carried on: who
is dropped is decided anew. Only what depends on one text alone (its shingles' digest, its band keys) or on two (whether
they share a small bucket, and their similarity) is remembered. So rows may come, go and change places, and a row that
leaves releases what it suppressed.

What depends on the whole pool is done over: hashing each text, to know it again, and the rounds over large buckets,
whose texts' shingles and comparisons are remembered.
"""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import polars as pl

from quality.lsh.basis import basis, named_by
from quality.lsh.index_shelf import Held, keep, load
from quality.neardup import DEFAULT, NearDup, removals, with_copies
from quality.neardup_run import Run

logger = logging.getLogger(__name__)

# Absent documents that are remembered, at some 250 bytes each: see `NearDupIndex`.
MOST_ABSENT = 2_000_000
# Whatever decides a digest, a band key or a similarity, or how these are written down.
_BASIS = (
    "lsh.band_index", "lsh.buckets", "lsh.companions", "lsh.index_files", "lsh.index_segment", "lsh.index_shelf",
    "lsh.jaccard", "lsh.kernel_numba", "lsh.kernel_numpy", "lsh.minhash", "lsh.remembered", "lsh.shingles",
    "neardup_index", "neardup_run", "texts.characters", "texts.normalise", "texts.ragged", "texts.sorted_numbers",
    "texts.unspaced", "texts.words",
)  # fmt: skip
# Polars knows what Unicode's letters are and how they fold.
_PACKAGES = ("polars", "polars-hash")


class NearDupIndex:
    """What is known of texts seen before, under one folder; it may be removed at any time.

    Settings that find other pairs, and other versions of the code, have an index each. If it can't be written, the
    result is the same and is not remembered; what is damaged is computed again; two processes may use it at once. Of
    indexes that lie side by side the four last used stay.

    Parameters
    ----------
    folder : Path
        Made when something is written.
    most_absent : int
        Documents remembered beside those of the pool at hand. When there are more, half as many are kept: those last
        seen.
    """

    def __init__(self, folder: Path, *, most_absent: int = MOST_ABSENT) -> None:
        self.folder = folder
        self.most_absent = most_absent

    def near_duplicates(self, texts: pl.Series, settings: NearDup = DEFAULT) -> pl.DataFrame:
        """Find the rows to drop, exactly as `quality.neardup.near_duplicates` does.

        Parameters
        ----------
        texts : pl.Series of String
            In priority order.
        settings : NearDup
            Threshold and effort.

        Returns
        -------
        pl.DataFrame
            `row: UInt32, witness: UInt32, jaccard: Float64`, ascending by row.
        """
        return removals(*self._compare(texts, settings))

    def near_pairs(self, texts: pl.Series, settings: NearDup = DEFAULT) -> pl.DataFrame:
        """List pairs of near-duplicates, exactly as `quality.neardup.near_pairs` does.

        Parameters
        ----------
        texts : pl.Series of String
            In priority order.
        settings : NearDup
            Threshold and effort.

        Returns
        -------
        pl.DataFrame
            `left: UInt32, right: UInt32, jaccard: Float64`, left < right, ascending.
        """
        return with_copies(*self._compare(texts, settings))

    def _compare(self, texts: pl.Series, settings: NearDup) -> tuple[pl.DataFrame, pl.DataFrame]:
        texts = texts.cast(pl.String)
        folder = self.folder / _name(settings)
        held = load(folder, settings.bands)
        run = Run(texts, settings, held)
        found, changed = run.compare(), run.changed
        del run  # and the shingles of all new texts with it
        if changed:
            _forget(held, self.most_absent)
            keep(folder, held)
        return found


def _forget(held: Held, most_absent: int) -> None:
    absent = np.flatnonzero(held.seen < held.run)
    if len(absent) <= most_absent:
        return
    newest = absent[np.argsort(held.seen[absent], kind="stable")][len(absent) - most_absent // 2 :]
    stays = held.seen == held.run
    stays[newest] = True
    held.forget(stays)


def _name(settings: NearDup) -> str:
    """Name the index of all settings that find the same candidates and compare them alike."""
    chosen = (settings.words, settings.bands, settings.rows, settings.threshold)
    return named_by(*chosen, basis=basis(_BASIS, _PACKAGES))
