"""Prefect's server as `winnow up` starts it: what its database was too busy for is done again, here.

SQLite refuses to write in a transaction that read before another wrote. It is rolled back, and Prefect's server answers
503. Prefect's client asks again; a browser does not, so that the click on Submit under a form would be lost.
"""

import asyncio
import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_PAUSES_SECONDS = (0.05, 0.1, 0.2, 0.4, 0.8, 1.2)
"""Between two tries: what writes beside it needs some hundredths of a second."""

_PATIENCE_SECONDS = 3.0
_MOST_BYTES = 4 << 20
"""Of a request that is kept for another try: it is read before anybody's login is looked at."""

_BUSY = 503
_READS = ("GET", "HEAD", "OPTIONS")


class Patient:
    """A web application (ASGI) that is asked again where it answers a request to change something by 503.

    It is asked at most seven times, and not again after three seconds (a try may itself take long, where the database
    is locked); the last answer goes out, whatever it is. That is for applications which may be asked again
    when they answer so, as Prefect's client asks its server.
    """

    def __init__(self, app: "ASGIApp") -> None:
        self._app = app

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Answer one request; those that only read, and sockets, go through as they are."""
        if scope["type"] != "http" or scope["method"] in _READS:
            await self._app(scope, receive, send)
            return
        body, is_whole = await _read(receive)
        end = time.monotonic() + _PATIENCE_SECONDS
        for pause in _PAUSES_SECONDS if is_whole else ():
            if time.monotonic() + pause > end:
                break
            if await self._answers(scope, body, receive, send):
                return
            await asyncio.sleep(pause)
        await self._app(scope, _replayed(body, receive), send)

    async def _answers(self, scope: "Scope", body: "list[Message]", receive: "Receive", send: "Send") -> bool:
        """Ask once; an answer of 503 is kept back."""
        busy = False

        async def unless_busy(message: "Message") -> None:
            nonlocal busy
            busy = busy or message.get("status") == _BUSY
            if not busy:
                await send(message)

        try:
            await self._app(dict(scope), _replayed(body, receive), unless_busy)
        except Exception:  # Starlette raises what it answered an error for, so that a server may log it
            if not busy:
                raise
        return not busy


async def _read(receive: "Receive") -> "tuple[list[Message], bool]":
    """Return the parts of a request's body, and whether that is all of it: not of one that is too long to keep."""
    parts = [await receive()]
    read = len(parts[0].get("body", b""))
    while parts[-1].get("more_body") and read <= _MOST_BYTES:
        parts.append(await receive())
        read += len(parts[-1].get("body", b""))
    return parts, not parts[-1].get("more_body")


def _replayed(body: "list[Message]", receive: "Receive") -> "Receive":
    kept: Iterator[Message] = iter(body)

    async def again() -> "Message":
        part = next(kept, None)
        return part if part is not None else await receive()

    return again


def main(host: str, port: int) -> None:
    """Serve Prefect's API and pages until a signal ends it, as `prefect server start` does."""
    import uvicorn
    from prefect.server.api.server import create_app
    from prefect.settings import get_current_settings

    of = get_current_settings().server.api
    uvicorn.run(
        Patient(create_app(final=True)),
        host=host,
        port=port,
        timeout_keep_alive=of.keepalive_timeout,
        ws_ping_interval=of.websocket_ping_interval,
        ws_ping_timeout=of.websocket_ping_timeout,
    )


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
