"""The examples by which a recipe tells a domain, or what is none of it."""

from pathlib import Path

import polars as pl

from quality.preambles import about
from quality.sources import read
from tasks import cards
from tasks.check import Pinned
from tasks.fates import tell_unread


def examples(pinned: Pinned | None, what: str, preambles: pl.DataFrame) -> pl.Series:
    """Read the texts of examples, without the pool's preambles (`tasks.pool.Pool.preambles`).

    Rows that can't be read are told, and none are given where no file is.
    """
    if pinned is None:
        return pl.Series([], dtype=pl.String)
    with cards.warnings_of("quality.sources.pool"):
        given = read(pinned.sources, base=Path(pinned.base), copies=pinned.copies)
    tell_unread(what, given.quarantined)
    return about(given.records, preambles)
