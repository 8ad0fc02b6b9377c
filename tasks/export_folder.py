"""The folder that an export goes to: free before, and then there whole or not at all.

An empty folder that is there is filled in its own place, once all is written: somebody may stand in it, or it may be a
disk of its own, mounted there. A kill in the instant in which its files are moved there leaves some of them, beside
what is hidden there of the rest.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from quality import whole
from quality.sources.locations import leads_nowhere
from tasks import store
from tasks.run_adapter import NotExported

_DESK = ".winnow-export"  # in a folder that is filled in its own place


def ensure_free(into: Path) -> None:
    """Make sure that a folder to be written is not there yet, or is empty.

    Raises
    ------
    FileExistsError
        It holds something, or is a file.
    """
    if nowhere := leads_nowhere(into):
        raise FileExistsError(f"{into} {nowhere}. Make that folder, or name a new one.")
    if into.exists() and not into.is_dir():
        raise FileExistsError(f"{into} is a file. Name a new folder, so that nothing of yours is overwritten.")
    if into.exists() and any(one.name != _DESK for one in into.iterdir()):
        raise FileExistsError(f"{into} is not empty. Name a new folder, so that nothing of yours is overwritten.")


def ensure_writable(into: Path) -> None:
    """Make a folder that is written to in its own place, where it is missing.

    Raises
    ------
    NotExported
        It can't be made, or not be written to.
    """
    try:
        store.ensure_writable(into)
    except OSError as error:
        raise NotExported(_refused(into, error)) from error


@contextmanager
def beside(into: Path) -> Iterator[Path]:
    """Yield a folder on the disk of `into`, to fill and to `put` there; what a killed export left goes first."""
    desk = into / _DESK if into.is_dir() else into.parent / f".{into.name}-export"
    try:
        desk.mkdir(parents=True, exist_ok=True)
        whole.sweep(desk)
        with whole.part_folder(desk) as part:
            yield part
    except Exception as error:
        if store.has_no_room(error):
            raise NotExported(
                f"The disk is full: {into} could not be written. Free some space, or name another."
            ) from error
        if isinstance(error, OSError) and not desk.is_dir():
            raise NotExported(_refused(into, error)) from error
        raise
    finally:
        if desk.is_dir() and not any(desk.iterdir()):
            desk.rmdir()


def put(part: Path, into: Path) -> None:
    """Move what was written to where it was asked for: all of it, or where one file can't be moved, none.

    Raises
    ------
    FileExistsError
        Somebody put something there meanwhile.
    """
    ensure_free(into)
    if not into.is_dir():
        part.replace(into)
        return
    with ExitStack() as moved:
        for one in sorted(part.iterdir()):
            one.replace(into / one.name)
            moved.callback((into / one.name).replace, one)
        moved.pop_all()


def _refused(into: Path, error: OSError) -> str:
    return f"winnow can't write to {into} ({error.strerror or error}). Name another folder with --into DIR."
