"""Prefect's server elsewhere, as PREFECT_API_URL names it: whether it answers, told before a run waits for it."""

from prefect.settings import PREFECT_API_URL

from quality.sources.addresses import public

ADVICE = "Start it with `prefect server start`, or unset PREFECT_API_URL."

_PATIENCE_SECONDS = 5
_ASKS_WHO = (401, 403)  # it is there; whether the login is right, Prefect's own client finds out


class NoServer(ValueError):
    """No Prefect server answers where PREFECT_API_URL says there is one."""


def url() -> str | None:
    """Return the server's address as it may be told, without a login; None where every run starts its own."""
    named = PREFECT_API_URL.value()
    return public(named) if named else None


def ensure_answers() -> None:
    """Ask the server that PREFECT_API_URL names for its health, if it names one.

    Raises
    ------
    NoServer
        Nothing answers there, or something that is no Prefect server.
    """
    if fault := unanswered():
        raise NoServer(f"Prefect's server: {fault}. {ADVICE}")


def unanswered() -> str | None:
    """Say in a few words what keeps the server from answering; None where it answers, or none is named."""
    named = PREFECT_API_URL.value()
    if not named:
        return None
    import httpx

    try:
        answer = httpx.get(f"{named.rstrip('/')}/health", timeout=_PATIENCE_SECONDS)
        if answer.status_code not in _ASKS_WHO:
            answer.raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return f"no answer from {url()} ({type(error).__name__})"
    return None
