"""Files and folders that appear whole or not at all, and the sweep of what killed writers left behind.

What is being written is named `.part-…` and locked by its writer until it is moved into place. The kernel frees the
lock when the writer ends, however it ends, and asks for no process id, clock or host name, which containers that share
a home don't agree on. So a part that nobody holds is litter, at any age, and a part that somebody holds is left alone.
"""

import contextlib
import errno
import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

PREFIX = ".part-"


@contextlib.contextmanager
def part_file(folder: Path, suffix: str = "") -> Iterator[Path]:
    """Yield a new empty file in `folder`, to write and to move into place; what is still there at the end goes."""

    def make() -> Path:
        handle, name = tempfile.mkstemp(prefix=PREFIX, suffix=suffix, dir=folder)
        os.close(handle)
        return Path(name)

    with _claimed(make) as path:
        path.chmod(0o644)
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)


@contextlib.contextmanager
def part_folder(parent: Path) -> Iterator[Path]:
    """Yield a new folder in `parent`, to fill and to move into place; what is still there at the end goes."""
    with _claimed(lambda: Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))) as path:
        path.chmod(0o755)
        try:
            yield path
        finally:
            shutil.rmtree(path, ignore_errors=True)


def put(made: Path, target: Path) -> None:
    """Move a finished folder into place, unless one is there: of two who made the same, the first one's stays."""
    try:
        made.replace(target)
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            raise


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Let one at a time work in a folder; whoever comes meanwhile waits. On a disk without locks nobody does."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def sweep(root: Path) -> list[Path]:
    """Remove the parts under `root` whose writers are gone; return their paths."""
    return [path for path in _parts(root) if _removed(path)]


def _parts(root: Path) -> Iterator[Path]:
    for where, folders, files in os.walk(root):
        yield from (Path(where, name) for name in (*folders, *files) if name.startswith(PREFIX))
        folders[:] = [name for name in folders if not name.startswith(PREFIX)]


def _removed(path: Path) -> bool:
    try:
        handle = _open(path)
    except OSError:  # moved into place since it was seen, or not ours to touch
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # The lock is kept meanwhile: a writer that has just made this part waits for it, and then makes another.
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    except OSError:
        return False
    finally:
        os.close(handle)
    return True


@contextlib.contextmanager
def _claimed(make: Callable[[], Path]) -> Iterator[Path]:
    """Make a part and hold its lock. A sweep may come between the two; another part is made then."""
    while True:
        path = make()
        try:
            handle = _open(path)
        except FileNotFoundError:
            continue
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            if path.exists():
                yield path
                return
        finally:
            os.close(handle)


def _open(path: Path) -> int:
    """Open for locking: a file for writing, since network file systems lock nothing else; a folder as one can."""
    return os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
