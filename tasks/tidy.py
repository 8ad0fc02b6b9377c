"""Tidy: take out of the home what killed processes left, and of the store what no run has asked for in a while.

Whoever asks for that again has it computed anew.
"""

import contextlib
import os
import shutil
import time
from pathlib import Path
from stat import S_ISDIR
from typing import NamedTuple

from quality import whole
from tasks import store

DAYS = 30
"""After so many days something in the store counts as forgotten."""

_SWEPT = ("champions", "declined", "exams", "report", "runs", "store", "unfinished", "watched")
_CHECKPOINTS = "scratch"
_CHECKPOINTS_DAYS = 14
_DAY = 24 * 3600  # seconds


class UnderWay(ValueError):
    """A run is under way, and may be about to use what would be taken away."""


class Shelf(NamedTuple):
    """What lies in one folder of the store, and how much of it was forgotten; sizes in bytes."""

    kind: str
    entries: int
    size: int
    forgotten: int
    forgotten_size: int


def sweep() -> list[Path]:
    """Remove what killed processes left half-written in this home, and working folders that nobody came back to.

    What a living process writes is left alone.
    """
    swept = [part for place in _SWEPT for part in whole.sweep(store.home() / place)]
    for desk in (store.home() / "store" / _CHECKPOINTS).glob("*/*"):
        seen: list[os.stat_result] = []
        with contextlib.suppress(OSError):  # what can't be looked into may be worked on
            seen = [] if desk.is_symlink() else _seen(desk)
        if seen and time.time() - max(one.st_mtime for one in seen) > _CHECKPOINTS_DAYS * _DAY:
            shutil.rmtree(desk, ignore_errors=True)
            swept.append(desk)
    return swept


def look(days: int = DAYS) -> list[Shelf]:
    """Return what the store of this home holds, kind by kind, the largest first; nothing is changed.

    Parameters
    ----------
    days : int
        From how many days without being written or asked for something counts as forgotten.
    """
    shelves = [_shelf(folder, days) for folder in _folders()]
    return sorted((one for one in shelves if one.entries), key=lambda one: (-one.size, one.kind))


def tidy(days: int = DAYS) -> list[Shelf]:
    """Remove what was forgotten, and return what the store held before, as `look` does.

    An entry goes whole or not at all: whoever is killed meanwhile leaves no half of one that reads as whole.

    Raises
    ------
    UnderWay
        When a run of this home is under way.
    StoreError
        When the home may not be written to.
    """
    _ensure_idle()
    held = look(days)
    for folder in (store.home() / "store" / one.kind for one in held if one.forgotten):
        with store.writing(folder), whole.part_folder(folder) as gone:
            for entry in _entries(folder):
                if _is_forgotten(_seen(entry), days):
                    with contextlib.suppress(FileNotFoundError):  # another who tidies may have been faster
                        entry.rename(gone / entry.name)
    return held


def _folders() -> list[Path]:
    root = store.home() / "store"
    found = sorted(root.iterdir()) if root.is_dir() else []
    return [folder for folder in found if folder.is_dir() and folder.name != _CHECKPOINTS]


def _shelf(folder: Path, days: int) -> Shelf:
    found = {entry: _seen(entry) for entry in _entries(folder)}
    sizes = {entry: sum(one.st_size for one in seen if not S_ISDIR(one.st_mode)) for entry, seen in found.items()}
    forgotten = [entry for entry, seen in found.items() if _is_forgotten(seen, days)]
    return Shelf(folder.name, len(sizes), sum(sizes.values()), len(forgotten), sum(sizes[one] for one in forgotten))


def _entries(folder: Path) -> list[Path]:
    """List what lies in a folder of the store; a link is a person's, and without it nothing would be freed."""
    return [one for one in folder.iterdir() if not one.name.startswith(whole.PREFIX) and not one.is_symlink()]


def _seen(entry: Path) -> list[os.stat_result]:
    """Return what the system tells of an entry and of what is in it; a run may take some of that away meanwhile."""
    found: list[os.stat_result] = []
    ahead = [entry]
    while ahead:
        place = ahead.pop()
        with contextlib.suppress(FileNotFoundError, NotADirectoryError, PermissionError):
            found.append(place.lstat())
            if S_ISDIR(found[-1].st_mode):
                with os.scandir(place) as inside:
                    ahead += [Path(one.path) for one in inside]
    return found


def _is_forgotten(seen: list[os.stat_result], days: int) -> bool:
    """Say whether nothing of an entry was written or read in so many days.

    To look into a folder, as this does, counts as reading it: of folders only the writing tells.
    """
    since = time.time() - days * _DAY
    return not any(one.st_mtime >= since or (one.st_atime >= since and not S_ISDIR(one.st_mode)) for one in seen)


def _ensure_idle() -> None:
    folder = store.home() / "runs"
    for run in folder.iterdir() if folder.is_dir() else ():
        if run.is_dir() and not (run / "manifest.json").is_file():
            raise UnderWay(
                f"The run {run.name} is under way: tidy up when it has ended, since it may need what is kept."
            )
