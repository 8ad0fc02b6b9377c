"""The server that a run starts for itself: Prefect uses it, and is not loaded as a server into the run as well."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from flows import server
from tasks import prefect_server

RUN = """
import sys
from pathlib import Path
from flows.environment import settle
settle(Path(sys.argv[1]))
from flows.server import ensure_server
from prefect import flow, task
from prefect.client.orchestration import get_client
from tasks import prefect_database, prefect_server

@task
def one():
    return 1

@flow
def few():
    return one() + one()

ensure_server()
ensure_server()  # a second run in this process uses the first one's
assert few() == 2
with get_client(sync_client=True) as client:
    print(*(state.type.value for state in (run.state for run in client.read_flow_runs())))
print(prefect_server.url(), prefect_database.file())
print(sorted(name for name in sys.modules if name.startswith("prefect.server.api")))
"""


def test_a_run_uses_the_server_it_started_and_does_not_load_it_itself(tmp_path: Path) -> None:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PREFECT_")}
    root = {"PYTHONPATH": str(Path(__file__).parents[2]), "PREFECT_HOME": str(tmp_path / "prefect")}
    done = subprocess.run(
        [sys.executable, "-c", RUN, str(tmp_path / "home")],
        capture_output=True, text=True, timeout=200, check=False, env=environment | root, cwd=tmp_path,
    )  # fmt: skip
    assert done.stdout.splitlines() == ["COMPLETED", f"None {tmp_path}/prefect/prefect.db", "[]"], done.stderr


class Ended:
    """A process that has ended."""

    def __init__(self, code: int) -> None:
        self.code = code

    def poll(self) -> int:
        return self.code


@pytest.mark.parametrize(("code", "tries"), [(3, 5), (1, 1)])
def test_a_port_that_is_taken_is_tried_elsewhere_and_another_end_is_told(
    monkeypatch: pytest.MonkeyPatch, code: int, tries: int
) -> None:
    from prefect.settings import PREFECT_API_URL, temporary_settings

    started: list[int] = []
    monkeypatch.setattr(server, "_started", lambda: (started.append(1), ("http://127.0.0.1:9/api", Ended(code)))[1])
    monkeypatch.setattr(server.atexit, "register", lambda *_: None)
    with (
        temporary_settings(restore_defaults={PREFECT_API_URL}),
        pytest.raises(RuntimeError, match=rf"Prefect API server did not start: it ended with code {code}\."),
    ):
        server.ensure_server()
    assert len(started) == tries


def test_a_server_that_gives_no_answer_is_not_waited_for_longer_than_asked() -> None:
    assert prefect_server.wait_for("http://127.0.0.1:9/api", 0.3, lambda: None) == -1
