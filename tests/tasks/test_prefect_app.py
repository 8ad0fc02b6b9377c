"""A click that finds the server's database busy is done a moment later; what only reads goes through as it is."""

import asyncio
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from tasks import prefect_app
from tasks.prefect_app import Patient

PAUSES = prefect_app._PAUSES_SECONDS


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prefect_app, "_PAUSES_SECONDS", (0.0,) * 6)


class Busy:
    """An application that answers 503 some times, and what it was sent afterwards; it changes its scope, as routers do."""

    def __init__(self, times: int) -> None:
        self.times, self.asked = times, []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            part = await receive()
            body, more = body + part.get("body", b""), part.get("more_body", False)
        self.asked.append((scope["path"], body))
        scope["path"] = "/elsewhere"
        status = 503 if len(self.asked) <= self.times else 201
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", b"text/plain")]})
        await send({"type": "http.response.body", "body": str(status).encode() + body, "more_body": False})
        if status == 503:
            raise ConnectionError("as Starlette raises what it answered for")


def answer(app: Any, method: str = "POST", body: Any = b"yes", *, raised: bool = False) -> httpx.Response:
    async def asked() -> httpx.Response:
        here = httpx.ASGITransport(app, raise_app_exceptions=raised)
        async with httpx.AsyncClient(transport=here, base_url="http://here") as client:
            return await client.request(method, "/resume", content=body)

    return asyncio.run(asked())


async def in_two_parts() -> Any:
    yield b"pro"
    yield b"mote"


@pytest.mark.parametrize("method", ["POST", "PATCH", "PUT", "DELETE"])
def test_what_a_busy_server_did_not_do_is_asked_again_with_the_same_body(method: str) -> None:
    app = Busy(times=3)
    said = answer(Patient(app), method, in_two_parts())
    assert (said.status_code, said.text) == (201, "201promote")
    assert app.asked == [("/resume", b"promote")] * 4


def test_what_stays_busy_says_so_in_the_end() -> None:
    app = Busy(times=100)
    said = answer(Patient(app))
    assert (said.status_code, said.text) == (503, "503yes")
    assert len(app.asked) == 7


def test_no_try_begins_after_three_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(0, 100, 2))
    monkeypatch.setattr(prefect_app, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    app = Busy(times=100)
    assert answer(Patient(app)).status_code == 503
    assert len(app.asked) == 2


def test_seven_tries_that_fail_at_once_all_have_their_turn() -> None:
    assert len(PAUSES) == 6
    assert sum(PAUSES) < prefect_app._PATIENCE_SECONDS


@pytest.mark.parametrize("kind", ["websocket", "lifespan"])
def test_sockets_and_the_servers_own_life_go_through_as_they_are(kind: str) -> None:
    passed: list[Any] = []

    async def app(*asked: Any) -> None:
        passed.extend(asked)

    asked = ({"type": kind, "path": "/events/in"}, object(), object())
    asyncio.run(Patient(app)(*asked))
    assert all(one is other for one, other in zip(passed, asked, strict=True))


def test_what_is_too_long_to_keep_is_asked_once_and_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prefect_app, "_MOST_BYTES", 2)
    app = Busy(times=100)
    assert answer(Patient(app), body=in_two_parts()).text == "503promote"
    assert len(app.asked) == 1


def test_the_server_is_a_patient_one(monkeypatch: pytest.MonkeyPatch) -> None:
    import uvicorn

    served: dict[str, Any] = {}
    monkeypatch.setattr(uvicorn, "run", lambda app, **options: served.update(options, app=app))
    prefect_app.main("127.0.0.1", 4299)
    assert isinstance(served["app"], Patient)
    assert (served["host"], served["port"]) == ("127.0.0.1", 4299)


def test_what_only_reads_is_asked_once() -> None:
    app = Busy(times=100)
    assert answer(Patient(app), "GET").status_code == 503
    assert len(app.asked) == 1


def test_other_faults_are_told_at_once() -> None:
    async def broken(scope: Any, receive: Any, send: Any) -> None:
        asked.append(1)
        await send({"type": "http.response.start", "status": 500, "headers": []})
        await send({"type": "http.response.body", "body": b""})
        raise ValueError("of its own")

    asked: list[int] = []
    with pytest.raises(ValueError, match="of its own"):
        answer(Patient(broken), raised=True)
    assert answer(Patient(broken)).status_code == 500
    assert asked == [1, 1]


def test_who_goes_away_amid_a_request_is_noticed() -> None:
    told = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        told.extend([await receive(), await receive()])

    async def gone() -> Any:
        return {"type": "http.disconnect"}

    asyncio.run(Patient(app)({"type": "http", "method": "POST", "path": "/"}, gone, None))
    assert [part["type"] for part in told] == ["http.disconnect"] * 2
