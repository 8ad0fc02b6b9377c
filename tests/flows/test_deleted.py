"""When a run that a worker started takes itself for deleted, by what the server answers."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from flows.deleted import DELETED

ID = "3f1c1b8e-5d0c-4d0c-9e0b-0d3f3a1f6c11"
THERE, GONE, REFUSED = (200, json.dumps([{"id": ID, "flow_id": ID}])), (200, "[]"), (401, "{}")
RUN = """
import atexit, os, signal, sys, threading, time
from flows import deleted, orphaned
deleted._EVERY = 0.05
orphaned._PATIENCE = 1.0
if "WAITS" in os.environ:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    atexit.register(time.sleep, 600)
    atexit.register(print, "on its way out", flush=True)
deleted.end_when_deleted()
sys.stdin.readline()
print(*(one.name for one in threading.enumerate()))
"""


class Server:
    """Answers each look for the run, one answer after the other and the last one again and again."""

    answers: list[tuple[int, str]]
    asked = 0

    def __init__(self) -> None:
        self.often = threading.Event()
        """It has given each answer, and the last one ten times more."""

    def answer(self) -> tuple[int, str]:
        status, told = self.answers[min(self.asked, len(self.answers) - 1)]
        self.asked += 1
        if self.asked == len(self.answers) + 10:
            self.often.set()
        return status, told


@pytest.fixture
def watched() -> Iterator[tuple[Server, Callable[..., subprocess.Popen[str]]]]:
    """A server, and what starts a process that watches it for its run."""
    server = Server()

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.say(*server.answer())

        def say(self, status: int, told: str) -> None:
            self.send_response(status)
            self.send_header("content-length", str(len(told)))
            self.end_headers()
            self.wfile.write(told.encode())

        def log_message(self, *_: object) -> None:
            pass

    def start(**env: str) -> subprocess.Popen[str]:
        plain = {key: value for key, value in os.environ.items() if not key.startswith("PREFECT_")}
        plain |= {"PREFECT_API_URL": f"http://127.0.0.1:{listening.server_address[1]}/api"}
        plain |= {"PREFECT_CLIENT_MAX_RETRIES": "0", "PREFECT_LOGGING_TO_API_ENABLED": "false"}
        plain |= {"PREFECT_CLIENT_CSRF_SUPPORT_ENABLED": "false"}
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen([sys.executable, "-c", RUN], env=plain | env, text=True, **pipes)

    with HTTPServer(("127.0.0.1", 0), Answers) as listening:
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        yield server, start
        listening.shutdown()


def test_it_ends_when_the_server_knows_of_no_such_run_twice_in_a_row(watched):
    server, start = watched
    server.answers = [THERE, GONE, THERE, GONE, REFUSED, GONE]
    run = start(PREFECT__FLOW_RUN_ID=ID)
    assert run.wait(60) == -signal.SIGTERM
    assert server.asked == len(server.answers) + 1
    assert DELETED in run.communicate()[1]


def test_it_ends_even_where_something_waits_on_the_way_out(watched):
    """As Prefect does for the turn of a training that another has."""
    server, start = watched
    server.answers = [GONE]
    run = start(PREFECT__FLOW_RUN_ID=ID, WAITS="yes")
    assert run.wait(60) == 128 + signal.SIGKILL
    told = run.communicate()
    assert "on its way out" in told[0]
    assert DELETED in told[1]


@pytest.mark.parametrize("last", [REFUSED, (403, "{}"), (404, "{}"), (500, "{}"), (200, "<p>Log in.</p>"), THERE])
def test_a_server_that_refuses_to_tell_or_cannot_ends_nothing(watched, last):
    server, start = watched
    server.answers = [GONE, last]
    run = start(PREFECT__FLOW_RUN_ID=ID)
    assert server.often.wait(60)
    threads, told = run.communicate("go\n", 60)
    assert run.returncode == 0
    assert "end_when_deleted" in threads
    assert DELETED not in told


def test_what_no_worker_started_is_not_watched(watched):
    server, start = watched
    server.answers = [GONE]
    run = start()
    threads, _ = run.communicate("go\n", 60)
    assert run.returncode == 0
    assert "MainThread" in threads
    assert "end_when_deleted" not in threads
