"""Programs that `winnow up` starts, and that end with it, however it ends.

A program is started by this very file, which holds one end of a pipe and the program's process: when the other end is
closed, because `winnow up` stopped or was killed, it ends the program, and kills it if that takes too long.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

GRACE_SECONDS = 40
"""How long a program may take to end; a worker waits for its runs, which keep a checkpoint."""

_OFTEN, _OFTEN_SECONDS = 4, 300.0


class Child:
    """A running program; its lines go to a file."""

    def __init__(self, command: Sequence[str], env: Mapping[str, str], log: Path) -> None:
        self.log = log
        self._command, self._env = [sys.executable, "-P", __file__, *command], dict(env)
        self._starts: list[float] = []
        self._start()

    def ended(self) -> int | None:
        """Return its exit code; None as long as it runs."""
        return self._process.poll()

    def again(self) -> bool:
        """Start it again; not where it was started too often of late, which another start would not mend."""
        now = time.monotonic()
        self._starts = [at for at in self._starts if now - at < _OFTEN_SECONDS]
        if len(self._starts) >= _OFTEN:
            return False
        self._start()
        return True

    def _start(self) -> None:
        self._starts.append(time.monotonic())
        with self.log.open("ab") as lines:
            self._process = subprocess.Popen(  # noqa: S603 - this file, and a program of Prefect
                self._command,
                env=self._env,
                stdin=subprocess.PIPE,
                stdout=lines,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C reaches its whole group, and is meant for winnow alone
            )

    def stop(self) -> None:
        """End it, and wait until it is gone."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait()


def _hold(command: Sequence[str]) -> int:
    """Run a program until it ends, or until whoever started this closes the pipe; return its exit code."""
    program = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)  # noqa: S603
    threading.Thread(target=_end_with_parent, args=(program,), daemon=True).start()
    code = program.wait()
    return code if code >= 0 else 128 - code  # of one that a signal ended, as shells tell it


def _end_with_parent(program: "subprocess.Popen[bytes]") -> None:
    os.read(0, 1)  # nothing is ever written: it returns when the other end is closed
    program.send_signal(signal.SIGTERM)
    try:
        program.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(program.pid, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(_hold(sys.argv[1:]))
