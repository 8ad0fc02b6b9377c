"""Prefect's database, where a run starts a server of its own: whether it can be written to, told at once.

A server that can't write says nothing of it: it is waited for two minutes in vain, or it answers 500 to whatever a run
tells it. So the file is tried before a server is started, and again when a run ends in either way.
"""

from pathlib import Path

from prefect.settings import PREFECT_API_DATABASE_CONNECTION_URL

from quality import whole
from tasks import prefect_server
from tasks.store import StoreError, has_no_room

_ROOM = 8 << 20
"""Bytes that the database must be able to grow by: a new one takes 5 MB, a run less than one."""

_WRITTEN = 1 << 20
_ADVICE = "Choose a folder you may write to with PREFECT_HOME=DIR."


def file() -> Path | None:
    """Return the database's file; None where a server elsewhere, or a database server, keeps it."""
    kind, _, place = (PREFECT_API_DATABASE_CONNECTION_URL.value() or "").partition("://")
    path = place.removeprefix("/").removeprefix("file:").partition("?")[0]
    if prefect_server.named() or not kind.startswith("sqlite") or not path or ":memory:" in path:
        return None
    return Path(path)


def ensure_writable() -> None:
    """Make sure that Prefect's database can be written to, by writing beside it as much as a run may need.

    Raises
    ------
    StoreError
        The sentence names the database, and says what to do.
    """
    database = file()
    if database is None:
        return
    try:
        _try(database)
    except OSError as error:
        if has_no_room(error):
            raise StoreError(
                f"There is no room for Prefect's database {database} ({error.strerror}). Free some space on its disk "
                "(or raise the limit of `ulimit -f`), or choose another folder with PREFECT_HOME=DIR."
            ) from error
        raise StoreError(f"Prefect can't write to its database {database} ({error.strerror}). {_ADVICE}") from error


def failure(error: BaseException) -> StoreError | None:
    """Return what a run should end with where Prefect's server failed; None where the error is another."""
    if not _is_the_servers(error):
        return None
    try:
        ensure_writable()
    except StoreError as told:
        return told
    kept = f"its database is {file()}" if file() else f"it runs at {prefect_server.url()}"
    return StoreError(
        f"Prefect's server failed ({type(error).__name__}); {kept}. See whether its disk has room and may be written "
        "to; finished steps are kept, so the next run goes on from here."
    )


def _try(database: Path) -> None:
    database.parent.mkdir(parents=True, exist_ok=True)
    kept = [path for path in (database, database.with_name(f"{database.name}-wal")) if path.exists()]
    for path in kept:
        path.open("r+b").close()
    with whole.part_file(database.parent) as probe, probe.open("wb") as stream:
        stream.write(bytes(_WRITTEN))
        stream.truncate(max((path.stat().st_size for path in kept), default=0) + _ROOM)


def _is_the_servers(error: BaseException) -> bool:
    """Say whether Prefect's server gave no answer, or one of its own fault."""
    status = getattr(getattr(error, "response", None), "status_code", 0)
    lost = ("Prefect API server", "Failed to reach API")
    return status >= 500 or (isinstance(error, RuntimeError) and any(said in str(error) for said in lost))
