"""A Prefect server elsewhere that does not answer is told in one sentence, by a run as by the doctor."""

import os
import re
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings

from flows import team_health
from flows.up import NotUp, _place, _server
from tasks import health, prefect_server
from tasks.models import ModelFiles

WINNOW = Path(sys.executable).parent / "winnow"
NOBODY = "http://127.0.0.1:1/api"
TOLD = f"no answer from {NOBODY} (ConnectError)"


def test_a_server_that_does_not_answer_is_told_without_its_login() -> None:
    with (
        temporary_settings({PREFECT_API_URL: "http://me:S3CRET@127.0.0.1:1/api"}),
        pytest.raises(prefect_server.NoServer) as told,
    ):
        prefect_server.ensure_answers()
    assert str(told.value) == f"Prefect's server: {TOLD}. {prefect_server.ADVICE}"


def test_the_doctor_tells_it_in_the_same_words() -> None:
    with temporary_settings({PREFECT_API_URL: NOBODY}):
        assert health._server() == health.Check("prefect", "error", TOLD, prefect_server.ADVICE)


@pytest.mark.parametrize("address", ["no address", "http://127.0.0.1:port/api", "ftp://127.0.0.1/api"])
def test_what_is_no_address_is_told_too(address: str) -> None:
    with temporary_settings({PREFECT_API_URL: address}):
        assert f"no answer from {address} (" in str(prefect_server.unanswered())


def test_a_server_that_answers_and_no_server_pass(prefect_server_url: str) -> None:
    with temporary_settings({PREFECT_API_URL: prefect_server_url}):
        prefect_server.ensure_answers()
    with temporary_settings({PREFECT_API_URL: f"{prefect_server_url}/nowhere"}):
        assert "(HTTPStatusError)" in str(prefect_server.unanswered())
    with temporary_settings(restore_defaults={PREFECT_API_URL}):
        assert prefect_server.url() is None
        prefect_server.ensure_answers()


def test_the_address_of_its_pages_is_taken_for_no_server_that_is_down(prefect_server_url: str) -> None:
    told = f"Its address ends with /api: set PREFECT_API_URL to {prefect_server_url}."
    for pages in (prefect_server_url.removesuffix("/api"), prefect_server_url.removesuffix("api")):
        with temporary_settings({PREFECT_API_URL: pages}):
            assert health._server().advice == told
            with pytest.raises(prefect_server.NoServer, match=re.escape(told)):
                prefect_server.ensure_answers()


def test_a_server_whose_database_is_away_is_told_and_not_started_anew(
    prefect_server_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Forgetful(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response({"/api/health": 200, "/api/ready": 503}.get(self.path, 404))
            self.end_headers()
            self.wfile.write(b"true")

        def log_message(self, *_: object) -> None:
            pass

    assert prefect_server.lost_database(prefect_server_url) is None
    with HTTPServer(("127.0.0.1", 0), Forgetful) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_address[1]}/api"
        lost, advice = f"the server at {address} can't reach its database", "Start its database again"
        monkeypatch.setenv("PREFECT_API_URL", address)
        with temporary_settings({PREFECT_API_URL: address}):
            assert health._server().found == lost
            assert health._server().advice.startswith(advice)
            assert team_health.checks() == []
            with (
                pytest.raises(prefect_server.NoServer, match=f"{lost}. {advice}"),
                _server(address, None, Path("server.log")),
            ):
                pass
        server.shutdown()


def test_another_program_that_answers_everything_is_no_server() -> None:
    class Polite(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"hello")

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Polite) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_address[1]}/api"
        assert prefect_server.silence(address) == f"what answers at {address} is no Prefect server"
        with pytest.raises(NotUp, match=f"Port {server.server_address[1]} of 127.0.0.1 can't be listened on"):
            _place(address, "fault")
        server.shutdown()


def test_an_address_on_this_machine_without_its_api_is_told() -> None:
    with pytest.raises(prefect_server.NoServer, match="Its address ends with /api: set PREFECT_API_URL to http://127"):
        _place("http://127.0.0.1:1", "fault")


@pytest.fixture
def prefect_server_url(prefect_server: None) -> str:
    return str(PREFECT_API_URL.value())


@pytest.mark.parametrize("command", [("run",), ("curate",), ("examine", "--adapter", ".")])
def test_a_run_ends_at_once_with_one_sentence(tmp_path: Path, tiny_base: ModelFiles, command: tuple[str, ...]) -> None:
    (tmp_path / "rows.jsonl").write_text('{"question": "Why?", "answer": "Because."}\n')
    recipe = f"name: x\nsources: [{{path: rows.jsonl}}]\nmodel: {{base: '{tiny_base.folder}'}}\n"
    (tmp_path / "recipe.yaml").write_text(recipe)
    began = time.monotonic()
    done = subprocess.run(
        [WINNOW, command[0], tmp_path / "recipe.yaml", *command[1:], "--home", tmp_path / "home"],
        capture_output=True, text=True, timeout=100, cwd=tmp_path, env=os.environ | {"PREFECT_API_URL": NOBODY},
    )  # fmt: skip
    assert time.monotonic() - began < 60
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"winnow: Prefect's server: {TOLD}. {prefect_server.ADVICE}\n"
