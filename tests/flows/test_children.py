"""Programs that `winnow up` starts: how it tells that one ended, and how often it starts it again."""

import os
import sys
import time
from pathlib import Path

from flows.children import Child

DIES = "import os, signal; print('up', flush=True); os.kill(os.getpid(), signal.SIGKILL)"


def ended(child: Child) -> int:
    end = time.monotonic() + 60
    while (code := child.ended()) is None:
        assert time.monotonic() < end
        time.sleep(0.05)
    return code


def test_a_program_that_was_killed_is_told_as_shells_tell_it_and_started_again_some_times(tmp_path: Path) -> None:
    child = Child([sys.executable, "-c", DIES], dict(os.environ), tmp_path / "log")
    codes, again = [ended(child)], 0
    while child.again():
        again += 1
        codes.append(ended(child))
    child.stop()
    assert (codes, again) == ([137] * 4, 3)
    assert (tmp_path / "log").read_text().count("up") == 4
