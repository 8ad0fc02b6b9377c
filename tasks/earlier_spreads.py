"""How far earlier candidates' differences from the same base scores spread: what foresight goes by, if it can."""

from itertools import takewhile
from pathlib import Path

import polars as pl

from evals.foresight import spreads
from evals.power import Spread
from evals.sitting import Sitting
from evals.verdict import Verdict
from tasks import run_files, run_settings, runs
from tasks.training.settings import INDIFFERENT, Tune


def earlier_spreads(name: str, scores: pl.DataFrame, tune: Tune, before: Path | None = None) -> dict[str, Spread]:
    """Return by suite the spread that the newest run found that asked it on the same base scores.

    Only runs that trained by the same settings count: who trains longer, or hotter, moves further from the base. A
    candidate that was rejected early was not asked the rest, of which an older one tells.

    Parameters
    ----------
    name
        Of the recipe.
    scores
        The base's, schema `evals.items.SCORES`.
    tune
        How the candidate is trained.
    before
        Only runs before this one count; by default all finished ones.
    """
    finished = takewhile(lambda folder: before is None or folder.name != before.name, runs.finished(name))
    suites, known = set(scores["suite"]), dict[str, Spread]()
    for folder in reversed(list(finished)):
        if suites <= known.keys():
            break
        if _trained_so(folder, tune):
            known = _found(folder, scores) | known
    return known


def _trained_so(folder: Path, tune: Tune) -> bool:
    """Say whether a run trained by these settings, but for what changes nothing; not if its own can't be read."""
    try:
        own = run_settings.of_training(folder, "tune", Tune)
    except runs.DamagedRun:
        return False
    return own.model_dump(exclude=set(INDIFFERENT)) == tune.model_dump(exclude=set(INDIFFERENT))


def _found(folder: Path, scores: pl.DataFrame) -> dict[str, Spread]:
    """Return the spreads of a run's differences from the same base scores; nothing where it had others, or none."""
    file = folder / "scores.parquet"
    if not file.is_file():
        return {}
    found = pl.read_parquet(file)
    if not found.filter(model="base").equals(scores):
        return {}
    verdict = _verdict(folder)
    return spreads(found if verdict is None else Sitting.of(verdict).asked(found))


def _verdict(folder: Path) -> Verdict | None:
    """Return the verdict of an earlier run, which need not be readable any more."""
    try:
        return run_files.verdict(folder)
    except runs.DamagedRun:
        return None
