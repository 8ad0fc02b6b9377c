"""Which `winnow up` of a home, a machine and a server has the worker: the first; another deploys, and ends.

A second worker would take runs that end with it, and files that are watched twice would start two.
"""

import fcntl
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from flows.console import Terminal
from tasks import store

console = Terminal()

_ENDING = "ending"


def lock_of(logs: Path, address: str) -> Path:
    """Return the file that the first one holds, of a server's address; a home may lie on a disk of several machines."""
    place = re.sub(r"\W+", "-", address.replace("localhost", "127.0.0.1").partition("://")[2].rpartition("@")[2])
    return logs / f"up-{socket.gethostname()}-{place.strip('-')}.lock"


@contextmanager
def first(lock: Path) -> Iterator[bool]:
    """Say whether no other holds the lock; none will as long as this one does. One that is ending is waited for."""
    with store.writing(lock):
        stream = lock.open("a+")
    with stream:
        got = _try(stream)
        if not got and lock.read_text() == _ENDING:
            with console.status("waiting for a `winnow up` that is ending"):
                fcntl.flock(stream, fcntl.LOCK_EX)
            got = True
        if got:
            stream.truncate(0)
        yield got


def end(lock: Path) -> None:
    """Tell whoever comes from now on that this one is ending: its worker may take a while for that."""
    lock.write_text(_ENDING)


def _try(stream: IO[str]) -> bool:
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
