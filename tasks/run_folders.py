"""Directories of runs as they are made: under a name of their own, and held while their process lives."""

import fcntl
import time
from collections.abc import Container
from datetime import datetime
from pathlib import Path

from tasks import run_ids, store


def fresh(name: str, started: datetime, taken: Container[str] = ()) -> Path:
    """Make the directory of a run that begins.

    Parameters
    ----------
    name : str
        The recipe's.
    started : datetime
        When it begins.
    taken : container of str
        Ids of runs whose directories are gone.

    Raises
    ------
    StoreError
        When the home can't be written to.
    """
    called = run_ids.id_of(name, started)
    with store.writing(root()):
        root().mkdir(parents=True, exist_ok=True)
    for suffix in ("", *(f"-{count}" for count in range(2, 1000))):
        folder = root() / f"{called}{suffix}"
        if folder.name in taken:
            continue
        with store.writing(folder):
            try:
                folder.mkdir()
            except FileExistsError:
                continue
            return folder
    raise store.StoreError(f"Too many runs opened under {root()} within one second.")


def is_held(folder: Path) -> bool:
    """Tell whether the process that made a run's directory may still be at work in it."""
    lock = folder / ".lock"
    try:
        if not lock.exists():
            # Between mkdir and the lock there is an instant; a fresh directory is left alone for a minute.
            return time.time() - folder.stat().st_mtime < 60
        with lock.open("r+") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:  # held; or gone since, or not ours to open: then it is not ours to sweep
        return True
    return False


def root() -> Path:
    """Return where the directories of all runs lie."""
    return store.home() / "runs"
