"""Logins and signatures of addresses: a recipe names variables of the environment, and holds no secret itself.

`https://${POOL_LOGIN}@host/rows.jsonl` or `https://host/rows.jsonl?${POOL_QUERY}`. A recipe's values are kept by
Prefect with every run, and so a login or query in clear is refused; the variables are filled in when an object is
fetched, in that process alone.
"""

import re
from collections.abc import Mapping

from quality.sources.addresses import public, split
from quality.sources.faults import SourceError

HARMLESS = frozenset(
    {
        "alt", "config", "dl", "download", "export", "format", "lang", "limit", "offset", "page", "raw", "ref", "rev",
        "rows", "split", "v", "version", "versionid",
    }
)  # fmt: skip
"""Parameters of a query that may stand in clear. Whatever else might be a secret, and many are named in no list."""

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_VARIABLES = re.compile(rf"(?:{_VARIABLE.pattern})+")
_BREAKS_LOGIN = re.compile(r"[\s\x00-\x1f\x7f/\\@?#]")
_BREAKS_QUERY = re.compile(r"[\s\x00-\x1f\x7f#]")


class LoginError(SourceError):
    """A login stands in clear, or can't be filled in; the message holds nothing of it."""


def refuse_clear(place: str) -> None:
    """Refuse an address with a login or query in clear; anything else passes.

    Raises
    ------
    LoginError
        What may stand there is said, and nothing of what does.
    """
    address = _address_in(place)
    if not address:
        return
    kind, login, rest, query = split(address)
    told = public(address)
    if _VARIABLE.search(rest):
        raise LoginError(
            f"{told} has a variable in its host or path, which receipts show: write these out; variables may stand for "
            "login and query alone"
        )
    if (login or query) and kind.casefold() not in ("http", "https"):
        raise LoginError(
            f"{told} comes with a login or a query, which {kind}:// has no use for: leave it out, logins are found in "
            "the environment"
        )
    if not _is_filled_later(login):
        raise LoginError(_told(told, "a login", f"{kind}://${{POOL_LOGIN}}@{rest}", "user:password"))
    if not all(map(_may_be_seen, filter(None, re.split("[&;]", query)))):
        clear = f"; of its parameters only {', '.join(sorted(HARMLESS))} may stand in clear"
        raise LoginError(_told(told, "a query", f"{told}?${{POOL_QUERY}}", "name=value&name=value") + clear)


def is_clear(place: str) -> bool:
    """Say whether a place holds a login or query in clear.

    Examples
    --------
    >>> is_clear("https://me:${PASSWORD}@data.example/rows.jsonl?download=true")
    False
    >>> is_clear("https://me:secret@data.example/rows.jsonl")
    True
    """
    try:
        refuse_clear(place)
    except LoginError:
        return True
    return False


def filled(address: str, environment: Mapping[str, str]) -> str:
    """Return an address with its variables filled in; it is for the store alone, and never for a message.

    Raises
    ------
    LoginError
        A variable is not set, or holds what would end the login or the query.
    """
    kind, login, rest, query = split(address)
    if not _VARIABLE.search(login + query):
        return address
    told = public(address)

    def value(name: str, breaks: re.Pattern[str]) -> str:
        held = environment.get(name, "")
        if not held:
            raise LoginError(f"{told}: the environment variable {name}, which its login or query names, is not set")
        if breaks.search(held):
            raise LoginError(
                f"{told}: the environment variable {name} holds a character that ends a login or query: write it as an "
                "address does, such as %40 for @ and %2F for /"
            )
        return held

    who = _VARIABLE.sub(lambda found: value(found.group(1), _BREAKS_LOGIN), login)
    what = _VARIABLE.sub(lambda found: value(found.group(1), _BREAKS_QUERY), query)
    return f"{kind}://{who}{'@' * bool(login)}{rest}{'?' * bool(query)}{what}"


def _address_in(place: str) -> str:
    """Return the address that a place is or holds (`simplecache::https://…`); a sentence is none."""
    place = place.strip()
    match = re.search(r"[A-Za-z][A-Za-z0-9+.-]*://", place)
    return place[match.start() :] if match and not re.search(r"\s", place) else ""


def _is_filled_later(login: str) -> bool:
    """Say whether a login holds no secret yet: a name may stand beside a password to come; alone it may be a token."""
    name, colon, password = login.partition(":")
    return not login or _VARIABLES.fullmatch(password if colon else name) is not None


def _may_be_seen(parameter: str) -> bool:
    name, equals, value = parameter.partition("=")
    if not equals:
        return _VARIABLES.fullmatch(name) is not None
    return name.casefold() in HARMLESS or not value or _VARIABLES.fullmatch(value) is not None


def _told(address: str, what: str, example: str, holds: str) -> str:
    return (
        f"{address} comes with {what} in clear, which Prefect would keep with the run: set an environment variable to "
        f"it ({holds}) and name that, as in {example}"
    )
