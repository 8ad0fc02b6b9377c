"""Candidates that a person declined, and why: `$WINNOW_HOME/declined/<name>.json`, to which is only ever added."""

from datetime import UTC, datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict

from tasks.notes import Notes


class Declined(BaseModel):
    """A run that was accepted, and that a person did not make the champion."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    run: str
    when: AwareDatetime
    why: str
    who: str


_NOTES = Notes("declined", Declined, "what was declined")


def note(name: str, run: str, why: str, who: str, *, now: datetime | None = None) -> None:
    """Add a decision; one that is noted already, of a flow that began anew, is not added again.

    Raises
    ------
    LedgerError
        When those before can't be read.
    """
    said = {"run": run, "why": " ".join(why.split()), "who": " ".join(who.split())}
    made = Declined.model_validate(said | {"when": now or datetime.now(UTC)})
    _NOTES.add(name, made, is_same=lambda one: one.model_dump(include=set(said)) == said)


def of(name: str) -> tuple[Declined, ...]:
    """Return what was declined of a recipe, oldest first.

    Raises
    ------
    LedgerError
        When the file is damaged.
    """
    return _NOTES.of(name)
