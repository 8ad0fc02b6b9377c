"""Candidates that a person declined, and why: `$WINNOW_HOME/declined/<name>.json`, to which is only ever added."""

import json
from datetime import UTC, datetime
from pathlib import Path

from pydantic import AwareDatetime, BaseModel, ConfigDict, TypeAdapter, ValidationError

from tasks import store
from tasks.champions import LedgerError, locked
from tasks.places import folder_name


class Declined(BaseModel):
    """A run that was accepted, and that a person did not make the champion."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    run: str
    when: AwareDatetime
    why: str
    who: str


_ALL = TypeAdapter(tuple[Declined, ...])


def note(name: str, run: str, why: str, who: str, *, now: datetime | None = None) -> None:
    """Add a decision; one that is noted already, of a flow that began anew, is not added again.

    Raises
    ------
    LedgerError
        When those before can't be read.
    """
    said = {"run": run, "why": " ".join(why.split()), "who": " ".join(who.split())}
    with locked():
        before = of(name)
        if any(one.model_dump(include=set(said)) == said for one in before):
            return
        file = _file(name)
        with store.writing(file.parent):
            file.parent.mkdir(parents=True, exist_ok=True)
        made = Declined.model_validate(said | {"when": now or datetime.now(UTC)})
        store.write_json(file, _ALL.dump_python((*before, made), mode="json"))


def of(name: str) -> tuple[Declined, ...]:
    """Return what was declined of a recipe, oldest first.

    Raises
    ------
    LedgerError
        When the file is damaged.
    """
    file = _file(name)
    if not file.is_file():
        return ()
    try:
        return _ALL.validate_python(json.loads(file.read_bytes()))
    except (ValidationError, OSError, ValueError) as error:
        problem = getattr(error, "strerror", None) or "it is no list of decisions"
        raise LedgerError(
            f"{file} can't be read as what was declined of “{name}” ({problem}). Restore it from a copy, or move it "
            "away."
        ) from error


def _file(name: str) -> Path:
    return store.home() / "declined" / f"{folder_name(name)}.json"
