"""Judge a finished run by another gate, from its verdict alone: nothing is scored anew."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from evals.champion import rejudge as decide
from evals.comparing import refuse_idle
from evals.foresight import Foresight, foresee
from evals.repairing import at_scale, explained
from evals.unrepaired import NOT_TRAINED_AGAIN
from evals.verdict import Gate, Verdict
from tasks import run_files, run_settings, runs
from tasks.earlier_spreads import earlier_spreads
from tasks.sealed_suites import units_of
from tasks.training.settings import Tune


class NotJudged(ValueError):
    """The run holds no verdict."""


def rejudge(folder: Path, changes: Mapping[str, float], margins: Mapping[str, float]) -> tuple[Verdict, Verdict]:
    """Return a run's verdict, and the one that a changed gate gives.

    Parameters
    ----------
    folder
        A finished run.
    changes
        Values of `evals.verdict.Gate`, by key.
    margins
        Margins of single suites, beside those that the gate has.

    Raises
    ------
    NotJudged
        If the run has no verdict: it only curated, or was stopped, or was none that judges.
    ValueError
        If a value is out of bounds, or a margin is of an unknown suite, or as wide as all that a suite can lose.
    """
    before = run_files.verdict(folder)
    if before is None:
        facts = runs.manifest(folder)
        ended = f"it ended {facts['state']} ({facts['reason'].removesuffix('.')})"
        why = "it curated and trained nothing" if facts["state"] == "Curated" else ended
        raise NotJudged(f"The run {folder.name} was not judged: {why}.")
    try:
        gate = Gate.model_validate(
            before.gate.model_dump() | dict(changes) | {"margins": before.gate.margins | dict(margins)}
        )
    except ValidationError as error:
        first = error.errors()[0]
        at = ".".join(map(str, first["loc"]))
        raise ValueError(f"gate.{at}: {first['msg']} (given: {first['input']!r}).") from error
    if gate != before.gate:
        margins = {one.suite: gate.margins.get(one.suite, gate.margin) for one in before.retention}
        refuse_idle(margins, {one.suite: one.unit for one in before.retention})
    found = at_scale(decide(before, gate), before.scale)
    # What was tried by the run's own gate, or can't be tried of an adapter from elsewhere, stays so.
    own = before.unrepaired
    stays = own is not None and (gate == before.gate or own.why == "trained_elsewhere")
    return before, explained(found, gate, own if stays else NOT_TRAINED_AGAIN)


def foresight(folder: Path, gate: Gate) -> tuple[Foresight, ...]:
    """Tell what a run's exam could see by a gate before training: from the base's scores, and an earlier candidate's.

    It serves for suites that the candidate was asked in part or not at all. Nothing is told where the run's scores, the
    account of its suites, or its recipe can't be read.
    """
    try:
        scores = run_files.scores(folder).filter(model="base")
        units = units_of(run_files.suites(folder) or ())
        tune = run_settings.of_training(folder, "tune", Tune)
    except runs.DamagedRun:
        return ()
    known = earlier_spreads(str(runs.manifest(folder)["name"]), scores, tune, before=folder)
    return foresee(scores, gate, known, units=units)
