"""Of two `winnow up` of one home, one has the worker."""

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from flows import first_up

HOLDS = """
import sys, time
from pathlib import Path
from flows import first_up
with first_up.first(Path(sys.argv[1])) as got:
    print(got, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    return first_up.lock_of(tmp_path, "http://127.0.0.1:4200/api")


def test_each_server_has_a_first_of_its_own_and_no_password_is_in_a_name(tmp_path: Path) -> None:
    different = (
        "http://127.0.0.1:4200/api", "http://127.0.0.1:4201/api", "https://firm.example/api",
        "https://firm.example/team-a/api", "https://firm.example/team/a/api",
    )  # fmt: skip
    same = ("http://localhost:4200/api/", "http://[::1]:4200/api", "https://ada:secret@firm.example:443/api")
    names = {address: first_up.lock_of(tmp_path, address).name for address in (*different, *same)}
    assert len(set(names.values())) == 5
    assert names[same[0]] == names[same[1]] == names[different[0]]
    assert names[same[2]] == names[different[2]]


def test_another_is_told_as_long_as_the_first_is_on_even_if_that_is_killed(lock: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLDS, lock], stdin=-1, stdout=-1, text=True) as holder:
        assert holder.stdout.readline() == "True\n"
        for _ in range(2):
            with first_up.first(lock) as got:
                assert not got
        holder.kill()
    with first_up.first(lock) as got:
        assert got


def test_one_that_is_ending_is_waited_for(lock: Path) -> None:
    seen: list[tuple[str, bool]] = []

    def come() -> None:
        with first_up.first(lock) as got:
            seen.append(("came", got))

    with first_up.first(lock):
        first_up.end(lock)
        waiting = threading.Thread(target=come)
        waiting.start()
        time.sleep(0.5)
        assert seen == []
        seen.append(("ended", True))
    waiting.join(10)
    assert seen == [("ended", True), ("came", True)]
    with first_up.first(lock), first_up.first(lock) as other:
        assert not other, "what was said of the one that ended is said no more"
