"""The champion of a recipe and its ledger: `$WINNOW_HOME/champions/<name>.json`.

Entries are only ever added, one for each promotion and each rollback, and the file is swapped whole: who reads it finds
the old champion or the new one, never half of either. `current` names the run whose adapter is in use, and
`champions/<name>/current` is that adapter, for a serving system (`tasks.champion_folder`). The base of the first entry
is the *original base*, from which forgetting is counted over all promotions (`evals.champion`); a recipe of another
name has a ledger of its own.
"""

import contextlib
import fcntl
import json
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

from tasks import store
from tasks.places import folder_name

_HEX = r"^[0-9a-f]{32}$"


class Entry(BaseModel):
    """A run whose adapter became the champion, and why."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    action: Literal["promoted", "rolled back"] = Field(description="rolled back: it was the champion before.")
    run: str = Field(min_length=1, description="Id of the run that judged the adapter.")
    adapter: str = Field(pattern=_HEX, description="Digest of the adapter's files.")
    path: str = Field(description="Folder of the adapter, relative to the home.")
    base: str = Field(description="The base model it belongs to, as its recipe named it.")
    base_content: str = Field(pattern=_HEX, description="Digest of the base model's files.")
    exam: str = Field(pattern=_HEX, description="Digest of the exam it was judged on.")
    decision: Literal["SHIP"] = Field(description="What the run's verdict says.")
    when: AwareDatetime = Field(description="When it became the champion (UTC).")
    why: str = Field(min_length=1, description="Why, as the person who did it said.")
    who: str | None = Field(default=None, min_length=1, description="Who did it, as they gave their name.")
    exported: str | None = Field(
        default=None,
        pattern=_HEX,
        description="Digest of the export that was checked with it, if one was: base and adapter as one model.",
    )

    @property
    def folder(self) -> store.Folder:
        """The adapter's files."""
        return store.Folder(path=self.path, digest=self.adapter)

    @model_validator(mode="after")
    def _is_in_the_home(self) -> "Entry":
        plain = PurePosixPath(self.path)
        if plain.is_absolute() or ".." in plain.parts or not plain.parts:
            raise ValueError(f"the adapter of {self.run} lies outside of the home")
        return self


class Ledger(BaseModel):
    """All that happened to the champion of a recipe, oldest first, and which one it is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    current: str
    entries: tuple[Entry, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _adds_up(self) -> "Ledger":
        if standing(self.entries)[-1].run != self.current:
            raise ValueError(f"its last entry is of another run than “current”, {self.current}")
        return self


class LedgerError(ValueError):
    """A ledger that is damaged, or of another recipe; the message says what to do."""


def current(name: str) -> Entry | None:
    """Return the champion of a recipe: the entry by which it became it, or None where there is none.

    Raises
    ------
    LedgerError
        When the ledger is damaged or of another recipe.
    """
    entries = history(name)
    return entries[-1] if entries else None


def names() -> list[str]:
    """Return the recipes that have a ledger, as their files are named."""
    return sorted(file.stem for file in (store.home() / "champions").glob("*.json"))


def history(name: str) -> tuple[Entry, ...]:
    """Return all entries of a recipe's ledger, oldest first; the first one's base is the original base.

    Raises
    ------
    LedgerError
        When the ledger is damaged or of another recipe.
    """
    file = _file(name)
    if not file.is_file():
        return ()
    try:
        ledger = Ledger.model_validate(json.loads(file.read_text(encoding="utf-8")))
    except ValidationError as error:
        first = error.errors()[0]
        at = ".".join(map(str, first["loc"]))
        raise _damaged(file, name, ": ".join(part for part in (at, first["msg"]) if part)) from error
    except (OSError, ValueError) as error:
        raise _damaged(file, name, getattr(error, "strerror", None) or "it is not JSON") from error
    if ledger.name != name:
        raise _damaged(file, name, f"it is that of “{ledger.name}”")
    return ledger.entries


def standing(entries: Sequence[Entry]) -> list[Entry]:
    """Return the promotions that were not rolled back, oldest first; the last is of the champion.

    Raises
    ------
    ValueError
        When an entry goes back to a run that was not promoted, or was rolled back itself.
    """
    left: list[Entry] = []
    for entry in entries:
        if entry.action == "promoted":
            left.append(entry)
            continue
        while left and left[-1].run != entry.run:
            left.pop()
        if not left:
            raise ValueError(f"it goes back to {entry.run}, which was no champion then")
    return left


def altered(entry: Entry) -> str:
    """Say what is wrong with a champion's adapter; nothing where its files are those that were promoted."""
    place = store.locate(entry.folder)
    if not place.is_dir():
        return f"its adapter is not at {place} any more"
    return "" if store.folder_digest(place) == entry.adapter else f"its adapter at {place} was altered since"


def write(name: str, entries: tuple[Entry, ...]) -> None:
    """Swap a recipe's ledger for one with these entries; call it within `locked`."""
    ledger = Ledger(name=name, current=entries[-1].run, entries=entries)
    store.write_json(_file(name), ledger.model_dump(mode="json"))


@contextlib.contextmanager
def locked() -> Iterator[None]:
    """Let one promotion at a time read and write: of two at once, the second sees what the first did."""
    folder = store.home() / "champions"
    with store.writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / ".lock").open("w")
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _file(name: str) -> Path:
    return store.home() / "champions" / f"{folder_name(name)}.json"


def _damaged(file: Path, name: str, problem: str) -> LedgerError:
    return LedgerError(
        f"{file} can't be read as the ledger of “{name}” ({problem}). Restore it from a copy. Without it the champion, "
        "and what was lost since the original base, is unknown; moved away, the next promotion begins a new one."
    )
