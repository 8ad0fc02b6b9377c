"""How far a run came: one that was stopped has what its stages had written by then, and nothing of the later ones."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from quality.reasons import STAGES
from tasks import runs, stop

_ORDER = [*STAGES]
# Where a stop keeps a run from leaving a file: the first stage behind which it is there.
_NEEDS = {
    "attributes/screen.parquet": "screen",
    **dict.fromkeys(("exam.parquet", "reserve.parquet", "suites.json"), "decontaminate"),
    **dict.fromkeys(("attributes/decontaminated.parquet", "attributes/unsure.parquet"), "decontaminate"),
}


def stopped_at(facts: Mapping[str, Any]) -> str | None:
    """Return the stage that stopped a run, as its manifest says; None for a run that came to its end.

    Runs from before the stage was told were stopped by their contract.
    """
    if facts.get("state") != runs.STOPPED:
        return None
    stage = facts.get("stage", stop.STAGE)
    return stage if stage in STAGES else stop.STAGE


def reached(facts: Mapping[str, Any], stage: str) -> bool:
    """Tell whether a run came as far as a stage, the one that stopped it included."""
    last = stopped_at(facts)
    return last is None or _ORDER.index(stage) <= _ORDER.index(last)


def run_reached(folder: Path, stage: str) -> bool:
    """Tell it of a run's folder; one whose manifest can't be read says nothing of a stop."""
    try:
        return reached(runs.manifest(folder), stage)
    except runs.DamagedRun:
        return True


def is_left(name: str, facts: Mapping[str, Any]) -> bool:
    """Tell whether a run came far enough to leave a file."""
    stage = stopped_at(facts)
    if stage is None:
        return True
    if name == "contract.json":
        return stage == "validate"
    return not name.startswith("dataset/") and reached(facts, _NEEDS.get(name, "ingest"))
