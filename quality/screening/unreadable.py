"""Answers that nobody can read, told from their form alone: whatever way their letters came to be what they are."""

from __future__ import annotations

import polars as pl

from quality.screening.digests import without_digests
from quality.screening.disfigured import disfigured
from quality.screening.drawn_scripts import drawn_scripts
from quality.screening.key_walks import key_walks
from quality.screening.residue import residue
from quality.screening.riddled import riddled


def unreadable(prompts: pl.Series, answers: pl.Series) -> pl.Series:
    """Tell answers that are disfigured or riddled, drawn from scripts, walks over keys, or codes of glyphs.

    Parameters
    ----------
    prompts, answers : pl.Series of String
        One of each per row, without nulls.

    Returns
    -------
    pl.Series of Boolean
        In the order of the rows.
    """
    read = answers.to_frame("text").select(without_digests(pl.col("text"))).to_series()
    told = drawn_scripts(answers)
    for tell in (disfigured, key_walks, residue, riddled):
        told |= tell(prompts, read)
    return told
