"""Slots of trainings at once: each process has one of its own, and the killed give theirs back."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tasks.ablation.slots import call_off

pytestmark = pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="cores can't be shared out here")

CLAIM = """
import json, os, sys
from pathlib import Path
from tasks.ablation.slots import claim
try:
    claim(Path(sys.argv[1]), 2)
    print(json.dumps([sorted(os.sched_getaffinity(0)), os.environ.get("CUDA_VISIBLE_DEVICES")]), flush=True)
except RuntimeError as error:
    print(json.dumps(str(error)), flush=True)
sys.stdin.read()
"""


class Process:
    """A process that claims a slot and keeps it until it is ended."""

    def __init__(self, folder: Path, **environment: str) -> None:
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        self.child = subprocess.Popen([sys.executable, "-c", CLAIM, folder], env=os.environ | environment, **pipes)
        self.told = json.loads(self.child.stdout.readline())

    def end(self) -> None:
        self.child.kill()
        self.child.communicate()


@pytest.fixture
def started(tmp_path: Path) -> Iterator[list[Process]]:
    both = [Process(tmp_path, CUDA_VISIBLE_DEVICES="3,5") for _ in range(2)]
    yield both
    for one in both:
        one.end()


def test_processes_share_out_cores_and_gpus(started) -> None:
    cores = [set(one.told[0]) for one in started]
    every = os.sched_getaffinity(0)
    assert cores[0] | cores[1] == every
    assert not cores[0] & cores[1] or len(every) == 1
    assert [one.told[1] for one in started] == ["3", "5"]


def test_no_slot_is_taken_twice_and_the_killed_give_theirs_back(started, tmp_path: Path) -> None:
    third = Process(tmp_path)
    assert third.told.startswith("All 2 slots")
    third.end()
    started[0].end()
    fourth = Process(tmp_path, CUDA_VISIBLE_DEVICES="3,5")
    assert fourth.told == started[0].told
    fourth.end()


def test_processes_end_when_they_are_called_off(started, tmp_path: Path) -> None:
    call_off(tmp_path)
    assert [one.child.wait(20) for one in started] == [1, 1]


def test_a_process_ends_with_the_killed_one_that_began_it(tmp_path: Path) -> None:
    code = "import subprocess, sys; subprocess.run([sys.executable, '-c', *sys.argv[1:]], stdin=subprocess.PIPE)"
    begins = [sys.executable, "-c", code, CLAIM.replace("print(json", "print(os.getpid(), json"), tmp_path]
    parent = subprocess.Popen(begins, stdout=subprocess.PIPE)
    child = int(parent.stdout.readline().split()[0])
    parent.kill()
    parent.communicate()
    for _ in range(200):
        if not Path(f"/proc/{child}").exists():
            return
        time.sleep(0.1)
    pytest.fail("it is still there")
