"""Watch where recipes read their rows from, and say when a file landed or changed."""

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from flows.recipe import Recipe
from quality.sources.addresses import is_address, local_path
from quality.sources.locations import matches
from tasks import store
from tasks.places import folder_name

Seen = dict[str, tuple[int, int]]
"""Size in bytes and time of change (nanoseconds) of every file, by its path."""


class Watched(NamedTuple):
    """A recipe whose files are watched."""

    name: str
    patterns: tuple[str, ...]


def watched(recipes: Iterable[Recipe]) -> list[Watched]:
    """Return what is watched of recipes: those that ask for it, and their sources that lie on this machine's disks."""
    found = []
    for recipe in recipes:
        places = [source.path for source in recipe.sources if source.path is not None and not is_address(source.path)]
        if recipe.deploy.watch and places:
            found.append(Watched(recipe.name, tuple(map(local_path, places))))
    return found


class Watcher:
    """Tells which recipes have new rows, again and again until their run is started (`started`).

    What it was started for is kept in the home, so that nothing that landed is missed: neither what landed while nobody
    watched, nor while no run could start.
    """

    def __init__(self, what: Iterable[Watched]) -> None:
        self._what = list(what)
        self._before: dict[str, Seen] = {}

    def look(self) -> list[str]:
        """Return the names of recipes where a file landed, changed or went, and has stood still since the last look.

        A file that is still being written changes from look to look, and is waited for. The first look ever at a
        recipe takes what lies there for known.
        """
        return [one.name for one in self._what if self._is_news(one)]

    def started(self, name: str) -> None:
        """Take what the last look saw of a recipe for known: a run of it starts."""
        _keep(name, self._before[name])

    def _is_news(self, one: Watched) -> bool:
        try:
            now = dict(_files(one.patterns))
        except OSError:  # a mount that does not answer: what lies there is not known, and did not go
            return False
        still = self._before.get(one.name) == now
        self._before[one.name] = now
        known = _known(one.name)
        if known is None:
            _keep(one.name, now)
            return False
        return known != now and still


def _files(patterns: Iterable[str]) -> Iterator[tuple[str, tuple[int, int]]]:
    for pattern in patterns:
        for path in _found(Path(pattern).expanduser()):
            try:
                seen = path.stat()
            except OSError:  # gone since
                continue
            if path.is_file() and not path.name.startswith("."):
                # Names are bytes; written down as they are, one that is no UTF-8 would read otherwise for good.
                yield os.fsencode(path).decode(errors="backslashreplace"), (seen.st_size, seen.st_mtime_ns)


def _found(place: Path) -> Iterable[Path]:
    """Find what rows are read from: of a folder what is in it, and in folders below only where a glob says so."""
    if place.is_dir():
        return place.iterdir()
    return [place] if place.exists() else matches(place, Path())


def _file(name: str) -> Path:
    return store.home() / "watched" / f"{folder_name(name)}.json"


def _known(name: str) -> Seen | None:
    try:
        read = json.loads(_file(name).read_text(encoding="utf-8"))
        return {path: (size, changed) for path, (size, changed) in read.items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return None


def _keep(name: str, seen: Seen) -> None:
    file = _file(name)
    with store.writing(file.parent):
        file.parent.mkdir(parents=True, exist_ok=True)
    store.write_json(file, seen)
