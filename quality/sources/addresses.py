"""Addresses of objects that lie elsewhere, as a recipe writes them: s3://bucket/pool/*.jsonl.

Nothing is fetched here. Whoever reads gives the local copies of the objects, each with the name that origins
use. A login (`user:password@`) or a query (`?X-Amz-Signature=…`) never leaves the recipe: what is logged,
stored or told is the address without them.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from quality.sources.faults import UnknownFormatError, printable

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_LOGIN = re.compile(r"[^/@]*@|[^/@:]+:(?!\d+(?:/|$))[^@]*@")  # the second: secrets that hold a slash
_CONTAINER = re.compile(r"[^/@:]*@")  # abfs://container@account/…: a name, no secret
_QUERY = re.compile(r"\?[^/]*=.*", re.DOTALL)
_WEB_QUERY = re.compile(r"[?#].*", re.DOTALL)
_LOCAL = ("file", "local")
_WEB = ("http", "https")
_AZURE = ("abfs", "abfss", "az")


@dataclass(frozen=True)
class Copy:
    """The local copy of an object that a source's address names.

    Attributes
    ----------
    address : str
        The address as the source's `path` gives it.
    shown : str
        What the object is called in origins and messages.
    file : str
        Where its bytes lie; the name ends as the object's does.
    """

    address: str
    shown: str
    file: str


def is_address(place: str) -> bool:
    """Say whether a place is an address of something elsewhere (`s3://…`), and not a path."""
    return scheme(place) not in ("", *_LOCAL)


def local_path(place: str) -> str:
    """Return the path that `file://…` stands for; any other place as it is."""
    return _SCHEME.sub("", place, count=1).removeprefix("localhost") if scheme(place) in _LOCAL else place


def scheme(address: str) -> str:
    """Return what stands before `://`, in small letters."""
    match = _SCHEME.match(address)
    return match.group(1).casefold() if match else ""


def public(place: str) -> str:
    """Return an address without login and query; anything else as it is.

    Examples
    --------
    >>> public("https://me:secret@data.example/pool/rows.jsonl?X-Amz-Signature=ab12")
    'https://data.example/pool/rows.jsonl'
    >>> public("abfs://pool@account.dfs.core.windows.net/part-?.jsonl")
    'abfs://pool@account.dfs.core.windows.net/part-?.jsonl'
    """
    match = _SCHEME.match(place)
    return place if match is None else match.group() + split(place)[2]


def split(address: str) -> tuple[str, str, str, str]:
    """Return an address's scheme as it is written, its login, what may be told of it (host and path), and its query.

    Examples
    --------
    >>> split("https://me:secret@data.example/pool/rows.jsonl?X-Amz-Signature=ab12")
    ('https', 'me:secret', 'data.example/pool/rows.jsonl', 'X-Amz-Signature=ab12')
    """
    match = _SCHEME.match(address)
    assert match is not None, "not an address"
    rest, login, kind = address[match.end() :], "", scheme(address)
    query = (_WEB_QUERY if kind in _WEB else _QUERY).search(rest)
    if query is not None:
        rest = rest[: query.start()]
    secret = None if kind in _AZURE and _CONTAINER.match(rest) else _LOGIN.match(rest)
    if secret is not None:
        rest, login = rest[secret.end() :], secret.group()[:-1]
    return match.group(1), login, rest, query.group()[1:] if query else ""


def shown_address(address: str) -> str:
    """Name an object in origins: bucket (or host) and path."""
    match = _SCHEME.match(address)
    return printable(public(address)[match.end() if match else 0 :].lstrip("/"))


def copies_of(address: str, copies: Sequence[Copy]) -> list[tuple[Path, str]]:
    """Return file and name of every copy that was made for an address.

    Raises
    ------
    UnknownFormatError
        There is none.
    """
    found = [(Path(copy.file), copy.shown) for copy in copies if copy.address == address]
    if not found:
        raise UnknownFormatError(
            f"path: {public(address)} is an address, and no copy of it is at hand: fetch it first, or name a file"
        )
    return found
