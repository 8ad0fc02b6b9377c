"""Prefect's server elsewhere, as PREFECT_API_URL names it: whether it answers, told before a run waits for it."""

import os
import time
from collections.abc import Callable

from prefect.context import refresh_global_settings_context
from prefect.settings import PREFECT_API_URL

from quality.sources.addresses import public

ADVICE = "Start it with `winnow up` (on this machine) or `prefect server start`, or unset PREFECT_API_URL."
_WAKE = "Start its database again; the server itself need not be."

_PATIENCE_SECONDS = 5
_PAUSE_SECONDS = 0.1
_ASKS_WHO = (401, 403)  # it is there; whether the login is right, Prefect's own client finds out


_own: set[str] = set()


class NoServer(ValueError):
    """No Prefect server answers where PREFECT_API_URL says there is one."""


def named() -> str | None:
    """Return the address that PREFECT_API_URL names; None where every run starts a server of its own."""
    address = PREFECT_API_URL.value()
    return None if address in _own else address


def use(address: str) -> None:
    """Let Prefect use a server of this process's own."""
    _own.add(address)
    adopt(address)


def adopt(address: str) -> None:
    """Let Prefect, here and in programs that are started from here, use a server that stays."""
    os.environ["PREFECT_API_URL"] = address
    refresh_global_settings_context()  # settings are read once, and threads look here


def wait_for(address: str, patience: float, ended: Callable[[], int | None]) -> int | None:
    """Wait until a server that was just started answers.

    Parameters
    ----------
    address : str
        Of its API.
    patience : float
        How long it may take (seconds).
    ended : callable
        Gives the exit code of its process, or None as long as it runs.

    Returns
    -------
    int or None
        None when it answers; else its exit code, or -1 if it takes too long.
    """
    import httpx

    end = time.monotonic() + patience
    with httpx.Client(trust_env=False) as client:  # no proxy leads to this very machine
        while time.monotonic() < end:
            if (code := ended()) is not None:
                return code
            try:
                if client.get(f"{address}/health").is_success:
                    return None
            except httpx.TransportError:
                pass
            time.sleep(_PAUSE_SECONDS)
    return -1


def url() -> str | None:
    """Return the server's address as it may be told, without a login; None where every run starts its own."""
    address = named()
    return public(address) if address else None


def ensure_answers() -> None:
    """Ask the server that PREFECT_API_URL names for its health, if it names one.

    Raises
    ------
    NoServer
        Nothing answers there, or something that is no Prefect server.
    """
    if fault := unanswered():
        raise NoServer(f"Prefect's server: {fault}. {advice()}")


def unanswered() -> str | None:
    """Say in a few words what keeps the server from serving a run; None where nothing does, or none is named."""
    address = named()
    return (silence(address) or lost_database(address)) if address else None


def advice() -> str:
    """Say what to do about a server that doesn't serve a run: of its pages' address, the API's is meant."""
    address = (named() or "").rstrip("/")
    if lost_database(address):
        return _WAKE
    api = f"{address}/api"
    return f"Its address ends with /api: set PREFECT_API_URL to {public(api)}." if silence(api) is None else ADVICE


def silence(address: str) -> str | None:
    """Say in a few words what keeps a server at an address from answering; None where it answers."""
    import httpx

    try:
        answer = httpx.get(f"{address.rstrip('/')}/health", timeout=_PATIENCE_SECONDS)
        if answer.status_code not in _ASKS_WHO:
            answer.raise_for_status()
            answer.json()
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return f"no answer from {public(address)} ({type(error).__name__})"
    except ValueError:
        return f"what answers at {public(address)} is no Prefect server"
    return None


def lost_database(address: str) -> str | None:
    """Say in a few words that a server which answers can't reach its database; None where it can, or doesn't tell."""
    import httpx

    try:
        answer = httpx.get(f"{address.rstrip('/')}/ready", timeout=_PATIENCE_SECONDS)
    except (httpx.HTTPError, httpx.InvalidURL):
        return None
    lost = answer.status_code == httpx.codes.SERVICE_UNAVAILABLE
    return f"the server at {public(address)} can't reach its database" if lost else None
