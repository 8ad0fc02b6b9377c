"""How far earlier candidates' differences from the same base scores spread: what foresight goes by, if it can."""

from collections.abc import Mapping
from itertools import takewhile
from pathlib import Path
from typing import Any

import polars as pl

from evals.foresight import spreads
from evals.power import Spread
from evals.sitting import Sitting
from evals.verdict import Verdict
from tasks import run_files, run_settings, runs

_ASIDE = {"threads", "monitor"}  # settings of tune that leave the adapter as it is


def earlier_spreads(
    name: str, scores: pl.DataFrame, recipe: Mapping[str, Any], before: Path | None = None
) -> dict[str, Spread]:
    """Return by suite the spread that the newest run found that asked it on the same base scores.

    Only runs that trained as `recipe` asks for count: who trains longer, or hotter, moves further from the base. A
    candidate that was rejected early was not asked the rest, of which an older one tells.

    Parameters
    ----------
    name
        Of the recipe.
    scores
        The base's, schema `evals.items.SCORES`.
    recipe
        Its settings, as runs keep them.
    before
        Only runs before this one count; by default all finished ones.
    """
    finished = takewhile(lambda folder: before is None or folder.name != before.name, runs.finished(name))
    suites, known = set(scores["suite"]), dict[str, Spread]()
    for folder in reversed(list(finished)):
        if suites <= known.keys():
            break
        if _trained_so(folder, recipe):
            known = _found(folder, scores) | known
    return known


def _trained_so(folder: Path, recipe: Mapping[str, Any]) -> bool:
    """Say whether a run trained by a recipe's settings; one whose own can't be read any more did not."""
    try:
        return _shaping(run_settings.recipe(folder)) == _shaping(recipe)
    except runs.DamagedRun:
        return False


def _shaping(recipe: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in (recipe.get("tune") or {}).items() if key not in _ASIDE}


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
