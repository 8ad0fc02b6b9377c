"""Which `winnow up` of a home, a machine and a server has the worker: the first; another deploys, and ends.

A second worker would take runs that end with it, and files that are watched twice would start two.
"""

import fcntl
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

import xxhash

from flows.console import Terminal
from quality.sources.addresses import public
from tasks import store

console = Terminal()

LOOPBACK = ("127.0.0.1", "localhost", "::1")

_ENDING = "ending"
_PORTS = {"http": 80, "https": 443}


def lock_of(logs: Path, address: str) -> Path:
    """Return the file that the first one holds, of a server's address; a home may lie on a disk of several machines."""
    parts = urlsplit(public(address))
    host = "127.0.0.1" if parts.hostname in LOOPBACK else parts.hostname
    one = f"{host}:{parts.port or _PORTS.get(parts.scheme)}{parts.path.rstrip('/')}"
    return logs / f"up-{socket.gethostname()}-{xxhash.xxh64_hexdigest(one.encode())}.lock"


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
    except OSError:  # a disk without locks: nobody is kept from anything
        return True
    return True
