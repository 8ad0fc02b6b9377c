"""A run whose worker was killed: what it prints is read by nobody from then on."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

RUN = """
import logging, sys, threading, time
from prefect.logging.configuration import setup_logging
setup_logging()
from flows.orphaned import end_with_the_worker
end_with_the_worker()
print("up", file=sys.stderr, flush=True)
sys.stdin.readline()
logs = threading.Thread(target=logging.getLogger("prefect").info, args=["It has the slot."])
logs.start()
logs.join()
print("goes on", file=open(sys.argv[1], "w"), flush=True)
"""


@pytest.fixture
def run(tmp_path: Path):
    """A process that logs in a thread when it is told to, as a worker starts one, or as a person does."""

    def start(**env: str) -> tuple[subprocess.Popen[str], Path]:
        plain = {key: value for key, value in os.environ.items() if not key.startswith("PREFECT_")}
        plain |= {"PREFECT_LOGGING_TO_API_ENABLED": "false", "PREFECT_LOGGING_LEVEL": "INFO"}
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
        ran = subprocess.Popen([sys.executable, "-c", RUN, tmp_path / "on"], env=plain | env, text=True, **pipes)
        while "up" not in ran.stderr.readline():
            assert ran.poll() is None
        return ran, tmp_path / "on"

    return start


def test_it_ends_by_a_signal_whichever_thread_finds_out(run):
    ran, on = run(PREFECT__FLOW_RUN_ID="3f1c1b8e-5d0c-4d0c-9e0b-0d3f3a1f6c11")
    ran.stderr.close()
    ran.stdin.write("go\n")
    ran.stdin.close()
    assert ran.wait(60) == -signal.SIGTERM
    assert not on.exists()


def test_what_no_worker_started_is_left_to_itself(run):
    ran, on = run()
    ran.stderr.close()
    ran.stdin.write("go\n")
    ran.stdin.close()
    assert ran.wait(60) >= 0
    assert on.exists()


def test_a_run_that_is_read_goes_on(run):
    ran, on = run(PREFECT__FLOW_RUN_ID="3f1c1b8e-5d0c-4d0c-9e0b-0d3f3a1f6c11")
    _, told = ran.communicate("go\n", 60)
    assert ran.returncode == 0
    assert on.exists()
    assert "It has the slot." in told
