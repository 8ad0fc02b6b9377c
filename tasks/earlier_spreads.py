"""How far an earlier candidate's differences from the same base scores spread: what foresight goes by, if it can."""

from itertools import takewhile
from pathlib import Path

import polars as pl

from evals.foresight import spreads
from evals.power import Spread
from evals.sitting import Sitting
from evals.verdict import Verdict
from tasks import run_files, runs


def earlier_spreads(name: str, scores: pl.DataFrame, before: Path | None = None) -> dict[str, Spread]:
    """Return the spreads that the newest run on the same base scores found, by suite; nothing where no run did.

    Parameters
    ----------
    name
        Of the recipe.
    scores
        The base's, schema `evals.items.SCORES`.
    before
        The run before which that was; by default the newest of all finished runs counts.
    """
    finished = takewhile(lambda folder: before is None or folder.name != before.name, runs.finished(name))
    for folder in reversed(list(finished)):
        file = folder / "scores.parquet"
        if file.is_file():
            found = pl.read_parquet(file)
            if found.filter(model="base").equals(scores):
                verdict = _verdict(folder)
                return spreads(found if verdict is None else Sitting.of(verdict).asked(found))
    return {}


def _verdict(folder: Path) -> Verdict | None:
    """Return the verdict of an earlier run, which need not be readable any more."""
    try:
        return run_files.verdict(folder)
    except runs.DamagedRun:
        return None
