"""Notes on the runs of a recipe: `$WINNOW_HOME/<shelf>/<name>.json`, a list to which is only ever added."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from tasks import store
from tasks.champions import LedgerError, locked
from tasks.places import folder_name

N = TypeVar("N", bound=BaseModel)


class Notes(Generic[N]):
    """Where notes of one kind lie.

    Parameters
    ----------
    folder : str
        Below the home.
    kind : type
        What a note is.
    told : str
        What the notes are, in words, before “of” and the recipe's name.
    """

    def __init__(self, folder: str, kind: type[N], told: str) -> None:
        self._folder, self._told = folder, told
        self._all: TypeAdapter[tuple[N, ...]] = TypeAdapter(tuple[kind, ...])  # type: ignore[valid-type]

    def add(self, name: str, made: N, *, is_same: Callable[[N], bool]) -> None:
        """Add a note, unless one is there that is the same.

        Raises
        ------
        LedgerError
            When those before can't be read.
        """
        with locked():
            before = self.of(name)
            if any(is_same(one) for one in before):
                return
            file = self._file(name)
            with store.writing(file.parent):
                file.parent.mkdir(parents=True, exist_ok=True)
            store.write_json(file, self._all.dump_python((*before, made), mode="json"))

    def of(self, name: str) -> tuple[N, ...]:
        """Return the notes on a recipe, oldest first.

        Raises
        ------
        LedgerError
            When the file is damaged.
        """
        return self._read(self._file(name), name)

    def every(self) -> tuple[N, ...]:
        """Return the notes on all recipes, those of a damaged file left out: who asks for that recipe is told."""
        found: list[N] = []
        for file in sorted((store.home() / self._folder).glob("*.json")):
            try:
                found += self._read(file, file.stem)
            except LedgerError:
                continue
        return tuple(found)

    def _read(self, file: Path, name: str) -> tuple[N, ...]:
        if not file.is_file():
            return ()
        try:
            return self._all.validate_python(json.loads(file.read_bytes()))
        except (ValidationError, OSError, ValueError) as error:
            problem = getattr(error, "strerror", None) or "it is no list of notes"
            read = f"{file} can't be read as {self._told} of “{name}” ({problem})."
            raise LedgerError(f"{read} Restore it from a copy, or move it away.") from error

    def _file(self, name: str) -> Path:
        return store.home() / self._folder / f"{folder_name(name)}.json"
