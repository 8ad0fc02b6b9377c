"""Runs that an error, a person or a kill ended: `$WINNOW_HOME/unfinished/<name>.json`, to which is only ever added.

Their directories are gone, or hold but evidence; this is what a recipe's history tells of them.
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import TYPE_CHECKING, Literal

import yaml
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from tasks import run_ids
from tasks.interrupts import is_cancelled, stop_behind
from tasks.notes import Notes

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

log = logging.getLogger(__name__)

KEPT = "Finished steps are kept, and a training its last checkpoint: started again, a run goes on from there."
"""What a run that was stopped in the middle leaves for the next."""

_BY_PERSON = f"Cancelled. {KEPT}"
_BY_SIGNAL = f"A signal ended its process: of the worker, a service manager or the system. {KEPT}"
_KILLED = f"Its process is gone and left no word: killed, out of memory, or with its machine. {KEPT}"
_LONGEST = 1000  # characters of a reason

State = Literal["Failed", "Cancelled", "Crashed"]


class Unfinished(BaseModel):
    """A run that came to no answer, and why."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(description="Of its recipe.")
    run: str
    started: AwareDatetime
    state: State
    reason: str
    seconds: float | None = Field(ge=0, description="How long it ran; none where nothing tells.")


_NOTES = Notes("unfinished", Unfinished, "the runs that came to no end")


def note(name: str, run: str, started: datetime, seconds: float, error: BaseException) -> None:
    """Note what ended a run; where that can't be written, say so, as the error is to be told in any case."""
    state, reason = _ending(error)
    _add(Unfinished(name=name, run=run, started=started, state=state, reason=reason, seconds=round(seconds, 1)))


def note_killed(folder: Path) -> None:
    """Note a run whose process left no word, by what it wrote when it began; one that wrote nothing is not told of."""
    started = run_ids.begun(folder.name)
    try:
        name = yaml.safe_load((folder / "config.yaml").read_text(encoding="utf-8"))["name"]
    except (OSError, ValueError, TypeError, KeyError, yaml.YAMLError):
        return
    if started is not None and isinstance(name, str):
        _add(Unfinished(name=name, run=folder.name, started=started, state="Crashed", reason=_KILLED, seconds=None))


def of(name: str) -> tuple[Unfinished, ...]:
    """Return the runs of a recipe that came to no end, oldest first.

    Raises
    ------
    LedgerError
        When the file is damaged.
    """
    return _NOTES.of(name)


def every() -> Sequence[Unfinished]:
    """Return those of all recipes."""
    return _NOTES.every()


def _ending(error: BaseException) -> tuple[State, str]:
    """Return what became of a run that an error ended, and why in a sentence."""
    if stop := stop_behind(error):
        by_person = type(stop).__name__ == "KeyboardInterrupt" or is_cancelled()
        return ("Cancelled", _BY_PERSON) if by_person else ("Crashed", _BY_SIGNAL)
    told, kind = " ".join(str(error).split())[:_LONGEST], type(error).__name__
    if told and not isinstance(error, ValueError | OSError):  # Winnow's own are sentences, which need no class
        told = f"{kind}: {told}"
    return "Failed", told or kind


def _add(made: Unfinished) -> None:
    try:
        _NOTES.add(made.name, made, is_same=lambda one: one.run == made.run)
    except (OSError, ValueError) as problem:
        log.warning("The history of %s will not tell of the run %s: %s", made.name, made.run, problem)
