"""All that became of a recipe: every run, what it gained and lost or why it came to no end, and its champions."""

import contextlib
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from evals.verdict import Comparison, Verdict
from tasks import champions, declined, run_files, run_settings, runs, unfinished
from tasks.champions import Entry, LedgerError
from tasks.declined import Declined
from tasks.unfinished import Unfinished

log = logging.getLogger(__name__)

_LONGEST = 200  # characters of why a manifest can't be read
_ORDER = ("fail", "undecided", "pass", "informative")

_Note = TypeVar("_Note")

Mark = Literal["", "champion", "earlier champion", "rolled back", "declined"]


class Change(BaseModel):
    """What a suite says of a candidate; the one that a verdict hangs on."""

    model_config = ConfigDict(frozen=True)

    suite: str
    unit: str
    mean: float
    lower: float
    upper: float
    line: float | None = Field(description="What the mean must lie above.")


class Record(BaseModel):
    """A run, in a line; what it did not measure is none."""

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)

    run: str
    started: AwareDatetime
    state: str
    reason: str
    seconds: float | None
    rows: int | None = Field(default=None, description="Rows read.")
    kept: int | None = Field(default=None, description="Rows of the training set, validation included.")
    method: str | None = None
    scale: float | None = Field(default=None, description="What the adapter was turned down to.")
    tokens: int | None = Field(default=None, description="Tokens trained on.")
    gain: Change | None = Field(default=None, description="The domain's, over the base.")
    worst: Change | None = Field(default=None, description="The retention suite that comes closest to its line.")
    since: Change | None = Field(
        default=None, description="The same, measured from the original base: what all promotions together may cost."
    )
    mark: Mark = ""
    damaged: str = Field(default="", description="Why the verdict could not be read.")


class History(BaseModel):
    """The runs of a recipe, oldest first, and its champions."""

    model_config = ConfigDict(frozen=True)

    name: str
    records: tuple[Record, ...]
    entries: tuple[Entry, ...] = ()
    declined: tuple[Declined, ...] = ()
    ledger_damaged: str = ""
    passed_over: tuple[str, ...] = Field(
        default=(), description="Which runs, or decisions, can't be told of, and why, one sentence each."
    )

    @property
    def champion(self) -> Entry | None:
        """The champion, if there is one."""
        return self.entries[-1] if self.entries else None


class Standing(BaseModel):
    """Where a recipe stands: how many runs it has, the newest, the newest that was judged, and the champion."""

    model_config = ConfigDict(frozen=True)

    name: str
    runs: int
    last: Record
    judged: Record | None = None
    champion: Entry | None = None
    ledger_damaged: str = ""


def standings() -> tuple[Standing, ...]:
    """Return where each recipe of this home stands, the one that ran last first; an id begins with its time."""
    folders: dict[str, list[Path]] = {}
    for folder in runs.finished(stopped=True):
        folders.setdefault(str(runs.manifest(folder)["name"]), []).append(folder)
    lost: dict[str, list[Unfinished]] = {}
    for run in unfinished.every():
        lost.setdefault(run.name, []).append(run)
    names = dict.fromkeys((*folders, *lost))
    found = [one for name in names if (one := _standing(name, folders.get(name, []), lost.get(name, []))) is not None]
    return tuple(sorted(found, key=lambda one: one.last.run, reverse=True))


def _standing(name: str, ended: list[Path], lost: list[Unfinished]) -> Standing | None:
    """Return where a recipe stands; None where no manifest of it can be read as one of a run, and no run is unfinished.

    Parameters
    ----------
    ended, lost
        Its runs, oldest first: those that have a directory, and those that came to no end.
    """
    entries, damaged = _noted(champions.history, name)
    marks = _marks(entries, _noted(declined.of, name)[0])
    newest = [one for one in (_newest(ended, marks), *map(_unfinished, lost[-1:])) if one is not None]
    if not newest:
        return None
    return Standing(
        name=name,
        runs=len(ended) + len(lost),
        last=max(newest, key=lambda one: one.run),
        judged=_newest([folder for folder in ended if (folder / "verdict.json").is_file()], marks),
        champion=entries[-1] if entries else None,
        ledger_damaged=damaged,
    )


def _unfinished(one: Unfinished) -> Record:
    return Record.model_validate(one.model_dump(exclude={"name"}))


def _newest(folders: Sequence[Path], marks: Mapping[str, Mark]) -> Record | None:
    return next((record for folder in reversed(folders) if (record := _told(folder, marks)) is not None), None)


def _told(folder: Path, marks: Mapping[str, Mark]) -> Record | None:
    """Return what there is to say of a run; None, with a warning, where its manifest holds what no run writes."""
    try:
        return _record(folder, marks.get(folder.name, ""))
    except (ValueError, OverflowError) as error:
        log.warning("%s", _why(folder, error))
        return None


def passed_over(name: str | None = None) -> tuple[str, ...]:
    """Say of each run whose manifest can't be read that it is passed over, and why, the oldest first.

    Of one recipe when `name` is given; a run that does not even tell its recipe may be any's.
    """
    told = []
    for folder in runs.committed():
        if name is not None and _recipe_of(folder) not in (name, None):
            continue
        try:
            _record(folder, "")
        except (ValueError, OverflowError) as error:
            told.append(_why(folder, error))
    return tuple(told)


def _why(folder: Path, error: Exception) -> str:
    if isinstance(error, runs.DamagedRun):
        return f"The run {folder.name} is passed over: {error}"
    return (
        f"The run {folder.name} is passed over: its manifest.json holds what no run writes "
        f"({' '.join(str(error).split())[:_LONGEST]}). Restore it from a copy of the run, or make the run again."
    )


def _recipe_of(folder: Path) -> str | None:
    """Return the name of a run's recipe, as its manifest says, or the recipe that it kept; None where neither does."""
    for read in (runs.manifest, run_settings.recipe):
        with contextlib.suppress(runs.DamagedRun):
            name = read(folder).get("name")
            return name if isinstance(name, str) else None
    return None


def _noted(read: Callable[[str], tuple[_Note, ...]], name: str) -> tuple[tuple[_Note, ...], str]:
    """Return what is noted of a recipe, or why that can't be told."""
    try:
        return read(name), ""
    except LedgerError as error:
        return (), str(error)


def of(name: str) -> History:
    """Return the history of a recipe; runs and ledgers that can't be read are told of, and hide nothing else.

    Raises
    ------
    ValueError
        When no run of that name ended in this home; the message lists the recipes that have some.
    """
    folders, passed = runs.finished(name, stopped=True), passed_over(name)
    lost, unread = _noted(unfinished.of, name)
    if not (folders or lost or any(_recipe_of(folder) == name for folder in runs.committed())):
        known = sorted({one.name for one in standings()})
        have = f"; runs are there of {', '.join(known)}" if known else ""
        told = f"No run of “{name}” has ended in this home{have}. Make one with `winnow run RECIPE`."
        raise ValueError(" ".join([told, *passed]))
    entries, damaged = _noted(champions.history, name)
    refused, unread_too = _noted(declined.of, name)
    marks = _marks(entries, refused)
    ended = [record for folder in folders if (record := _told(folder, marks)) is not None]
    if not (ended or lost):
        raise ValueError(f"No run of “{name}” in this home has a manifest that can be read. {' '.join(passed)}")
    return History(
        name=name,
        records=tuple(sorted([*ended, *map(_unfinished, lost)], key=lambda one: one.run)),
        entries=entries,
        declined=refused,
        ledger_damaged=damaged,
        passed_over=(*passed, *filter(None, (unread, unread_too))),
    )


def _marks(entries: tuple[Entry, ...], refused: tuple[Declined, ...]) -> dict[str, Mark]:
    """Say of every run that a person decided on what it is now; one that was promoted once is told as that."""
    standing = [entry.run for entry in champions.standing(entries)]
    marks: dict[str, Mark] = dict.fromkeys((one.run for one in refused), "declined")
    marks |= dict.fromkeys((entry.run for entry in entries), "rolled back")
    marks |= dict.fromkeys(standing, "earlier champion")
    return marks | dict.fromkeys(standing[-1:], "champion")


def _record(folder: Path, mark: Mark) -> Record:
    facts = runs.manifest(folder)
    books, training = _table(facts, "books"), _table(facts, "training")
    record = Record(
        run=folder.name,
        started=datetime.fromisoformat(facts["started"]),
        state=facts["state"],
        reason=facts["reason"],
        seconds=float(facts["seconds"]),
        rows=books.get("in"),
        kept=books.get("kept"),
        method=training.get("method"),
        scale=_turned_down(training),
        tokens=training.get("tokens"),
        mark=mark,
    )
    try:
        verdict = run_files.verdict(folder)
    except ValueError as error:
        return record.model_copy(update={"damaged": str(error)})
    if verdict is None:
        return record
    # Where it could not be compared with the original base, that of this run's base is no answer.
    origin = verdict if verdict.original is None else verdict.original.verdict
    return record.model_copy(
        update={
            "gain": _change(verdict.gain),
            "worst": _worst(verdict),
            "since": None if origin is None else _worst(origin),
        }
    )


def _turned_down(training: Mapping[str, Any]) -> Any:  # noqa: ANN401 - the record looks at it
    """Return the scale that an adapter has, where what the exam told turned it down: of what was trained."""
    scale, chosen = training.get("scale"), training.get("chosen_scale")
    return chosen * scale if isinstance(scale, int | float) and isinstance(chosen, int | float) else scale


def _worst(verdict: Verdict) -> Change | None:
    """Return the retention suite of the worst status; of several, the one whose mean lies the least above its line."""
    judged = [one for one in verdict.retention if one.line is not None]
    if not judged:
        return None
    return _change(min(judged, key=lambda one: (_ORDER.index(one.status), one.mean - (one.line or 0.0))))


def _change(found: Comparison) -> Change:
    return Change(
        suite=found.suite,
        unit=found.unit,
        mean=found.mean,
        lower=found.lower,
        upper=found.upper,
        line=found.line,
    )


def _table(facts: Mapping[str, Any], key: str) -> dict[str, Any]:
    found = facts.get(key)
    return found if isinstance(found, dict) else {}
