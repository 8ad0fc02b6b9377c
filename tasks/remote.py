"""Objects in stores elsewhere: which ones an address names, and one sentence where that can't be told.

Logins come from the environment, as the store's own package finds them (fsspec). An error's own text may quote a
signed address, and so none is passed on: what is told is the address without login and query, and why.
"""

import errno
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar

import fsspec
from fsspec.callbacks import Callback

from quality.sources.addresses import public, scheme, shown_address
from quality.sources.faults import MissingSourceError, NotInstalledError, SourceError, UnknownFormatError
from quality.sources.formats import Kinds

log = logging.getLogger(__name__)

T = TypeVar("T")

PACKAGES = {
    "s3": "s3fs", "s3a": "s3fs", "gs": "gcsfs", "gcs": "gcsfs", "az": "adlfs", "abfs": "adlfs", "abfss": "adlfs",
    "http": "aiohttp", "https": "aiohttp", "memory": "fsspec",
}  # fmt: skip
"""What reads the addresses of a scheme."""

WAITS = (0.5, 1.0, 2.0)
"""Seconds to wait before each further try."""

_VERSION = (
    "etag", "generation", "md5hash", "content-md5", "digest", "last-modified", "last_modified", "lastmodified",
    "updated", "mtime", "modified", "created",
)  # fmt: skip
"""What tells an object's version, best first. One is enough: a listing tells less than a look at the object."""

_HOPELESS = (ImportError, FileNotFoundError, NotADirectoryError, PermissionError, ValueError)
_AGAIN = (408, 425, 429)
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class RemoteSourceError(SourceError):
    """A store elsewhere can't be reached, or doesn't let us read."""


@dataclass(frozen=True)
class Object:
    """One object of a store.

    Attributes
    ----------
    shown : str
        Bucket (or host) and path: its name in origins.
    size : int or None
        Bytes, where the store tells.
    version : str
        What the store tells about its version (etag, or time of change); empty where it tells nothing.
    download : Callable
        Writes its bytes to a file, and reports the bytes written so far.
    """

    shown: str
    size: int | None
    version: str
    download: Callable[[Path, Callable[[int], None]], None]

    @property
    def name(self) -> str:
        """File name."""
        return PurePosixPath(self.shown).name


def find(address: str, kinds: Kinds) -> list[Object]:
    """Return the objects that an address stands for, sorted: one, a glob's matches, or all directly in a folder.

    Raises
    ------
    SourceError
        There is none, none that winnow reads, the store can't be reached, or its package is not installed.
    """
    store = ask(address, lambda: _open(address))
    found = ask(address, lambda: _listed(store, address))
    told = public(address)
    read = [name for name in sorted(found) if kinds.reads(Path(_shown(name, address)))]
    unknown = sorted(PurePosixPath(_shown(name, address)).name for name in found.keys() - read)
    if unknown and not read:
        names = ", ".join(unknown[:5])
        raise UnknownFormatError(f"path: {told} has only files of unknown kinds ({names}); winnow reads {kinds.told}")
    if unknown:
        log.warning("%s: left out files of unknown kinds: %s", told, ", ".join(unknown))
    if not found:
        raise MissingSourceError(f"path: nothing is at {told}: check the bucket or host, and the path")
    return [_object(store, address, name, found[name]) for name in read]


def ask(address: str, question: Callable[[], T]) -> T:
    """Ask a store something, again where the connection fails, and turn what it says into a sentence.

    Raises
    ------
    SourceError
        The store gave no answer, or said no.
    """
    for wait in (*WAITS, None):
        try:
            return question()
        except SourceError:
            raise
        except Exception as error:
            if isinstance(error, OSError) and error.errno in _NO_ROOM:
                raise
            fault = _cause(error)
        if wait is None or _final(fault):
            break
        log.info("%s: %s; trying again", public(address), _reason(fault))
        time.sleep(wait)
    raise _sentence(address, fault)  # outside of `except`: the store's own error may hold a login


def _open(address: str) -> Any:  # noqa: ANN401 - fsspec has no types
    """Open the store of an address, with nothing remembered from an earlier look."""
    kind = scheme(address)
    if kind not in PACKAGES:
        known = ", ".join(f"{name}://" for name in PACKAGES if name != "memory")
        raise UnknownFormatError(f"path: winnow doesn't read {public(address)}; it reads files, and {known}")
    options = _web_options() if PACKAGES[kind] == "aiohttp" else {}
    store = fsspec.filesystem(kind, skip_instance_cache=True, use_listings_cache=False, **options)
    if not options and public(address) != address:
        raise UnknownFormatError(
            f"path: {public(address)} comes with a login or a query, which {kind}:// has no use for: leave it out, "
            f"{PACKAGES[kind]} finds logins in the environment"
        )
    return store


def _web_options() -> dict[str, Any]:
    """Ask for the bytes as they lie (a packed file stays packed), and wait for slow servers, not for dead ones."""
    import aiohttp

    timeout = aiohttp.ClientTimeout(total=None, sock_connect=30, sock_read=60)
    headers = {"Accept-Encoding": "identity"}
    return {
        "client_kwargs": {"headers": headers, "auto_decompress": False, "timeout": timeout, "trust_env": True},
    }


def _listed(store: Any, address: str) -> dict[str, Mapping[str, Any]]:  # noqa: ANN401
    """Return what is known about every object that an address stands for, by its name in the store."""
    place = store._strip_protocol(address)
    web = PACKAGES[scheme(address)] == "aiohttp"
    if any(mark in (public(place) if web else place) for mark in ("*", "[", *(() if web else "?"))):
        found = {name: info for name, info in store.glob(place, detail=True).items() if info["type"] == "file"}
        if found := _seen(found, place):
            return found
    try:
        info = store.info(place)
    except FileNotFoundError as error:
        if _cause(error) is not error:
            raise
        return {}
    if info["type"] == "directory" or (web and public(place).endswith("/")):
        inside = {thing["name"]: thing for thing in store.ls(place, detail=True)}
        return _seen({name: thing for name, thing in inside.items() if thing["type"] == "file"}, place)
    return {place: info}


def _seen(found: dict[str, Mapping[str, Any]], place: str) -> dict[str, Mapping[str, Any]]:
    """Leave out hidden files, and the empty objects that stand for folders in some stores."""
    named = {name: info for name, info in found.items() if name.rstrip("/") != place.rstrip("/") and name[-1:] != "/"}
    return {name: info for name, info in named.items() if not PurePosixPath(name).name.startswith(".")}


def _object(store: Any, address: str, name: str, info: Mapping[str, Any]) -> Object:  # noqa: ANN401
    if not _version(info):
        info = ask(address, lambda: store.info(name))

    def download(target: Path, told: Callable[[int], None]) -> None:
        progress = Callback(hooks={"told": lambda size, value, **_: told(value)})
        store.get_file(name, str(target), callback=progress)

    return Object(_shown(name, address), info.get("size"), _version(info), download)


def _shown(name: str, address: str) -> str:
    return shown_address(name if "://" in name else f"{scheme(address)}://{name}")


def _version(info: Mapping[str, Any]) -> str:
    told = {key.casefold(): value for key, value in info.items() if value}
    best = next((told[key] for key in _VERSION if key in told), "")
    return str(best.timestamp() if isinstance(best, datetime) else best)


def _cause(error: Exception) -> Exception:
    """Return what really happened: over http, fsspec calls every failure a missing file."""
    cause = error.__cause__
    web = isinstance(cause, Exception) and type(cause).__module__.startswith("aiohttp")
    return cause if isinstance(error, FileNotFoundError) and web and isinstance(cause, Exception) else error


def _status(fault: Exception) -> int | None:
    status = getattr(fault, "status", None)
    return status if isinstance(status, int) else None


def _final(fault: Exception) -> bool:
    status = _status(fault)
    if status is not None:
        return 400 <= status < 500 and status not in _AGAIN
    return isinstance(fault, _HOPELESS) or _refused(fault)


def _refused(fault: Exception) -> bool:
    denied = isinstance(fault, PermissionError) or "Credential" in type(fault).__name__
    return denied or _status(fault) in (401, 403, 407)


def _reason(fault: Exception) -> str:
    status = _status(fault)
    return f"the server answers {status}" if status is not None else type(fault).__name__


def _sentence(address: str, fault: Exception) -> SourceError:
    told, package = public(address), PACKAGES.get(scheme(address), "fsspec")
    if isinstance(fault, ImportError):
        return NotInstalledError(
            f"path: {told} is read with {package}, which is not installed: install it with "
            f"`python -m pip install {package}`"
        )
    if isinstance(fault, FileNotFoundError) or _status(fault) in (404, 410):
        return MissingSourceError(f"path: nothing is at {told}: check the bucket or host, and the path")
    if _refused(fault):
        return RemoteSourceError(
            f"path: {told} may not be read ({_reason(fault)}): check the login that {package} finds in the environment"
        )
    return RemoteSourceError(
        f"path: {told} could not be read ({_reason(fault)}, after {len(WAITS) + 1} tries): check the address and the "
        "connection, and run again"
    )
