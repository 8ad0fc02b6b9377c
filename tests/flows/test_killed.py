"""A run killed in the middle of a step goes on from there, and ends as if nothing had happened."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tasks import runs

WINNOW = Path(sys.executable).parent / "winnow"
STEPS = {  # what lies in the home once a step has begun
    "keep_domain": "store/embeddings/*/*.parquet",
    "fine_tune": "store/scratch/training/*",
    "report": "runs/*/receipts.parquet",
}


needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks for processes in /proc")


def _start(recipe: Path, home: Path) -> subprocess.Popen[bytes]:
    home.mkdir(parents=True, exist_ok=True)
    with (home.parent / "told.txt").open("wb") as told:
        return subprocess.Popen(
            [WINNOW, "run", recipe, "--home", home],
            stdout=told,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a background job ignores Ctrl-C
        )


def _stop_when(sign: str, stop: Callable[[int], None], recipe: Path, home: Path) -> tuple[int, list[int]]:
    """Start a run and stop it once there is such a file; return its exit code and the processes it had started."""
    run = _start(recipe, home)
    while not any(home.glob(sign)):
        assert run.poll() is None, (home.parent / "told.txt").read_text()
        time.sleep(0.01)
    children = [pid for pid, parent in _parents().items() if parent == run.pid]
    stop(run.pid)
    return run.wait(timeout=60), children


def _parents() -> dict[int, int]:
    """Return the parent of every process that has not ended."""
    found = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = stat.read_text().rpartition(") ")[2].split()[:2]
        except OSError:
            continue
        if state != "Z":
            found[int(stat.parent.name)] = int(parent)
    return found


def _all_end(processes: list[int], seconds: float = 10) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if not _parents().keys() & set(processes):
            return True
        time.sleep(0.05)
    return False


@needs_proc
def test_a_run_killed_in_three_steps_goes_on_and_ends_like_one_never_killed(
    world, winnow: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    home, unkilled = (tmp_path / name / "home" for name in ("killed", "unkilled"))
    monkeypatch.setenv("WINNOW_HOME", str(home))
    for step in STEPS:
        _, left = _stop_when(STEPS[step], lambda run: os.kill(run, signal.SIGKILL), world.recipe, home)
        assert not any(home.glob(f"store/results/{step}-*")), f"{step} had ended before the kill"
        assert left, "a run on its own starts a Prefect server"
        assert _all_end(left), "a killed run leaves no process behind"
        (folder,) = (home / "runs").iterdir()
        assert runs.finished() == [], "what has no manifest never happened"
        with pytest.raises(ValueError, match="no finished run"):
            runs.find(folder.name)
    goes_on = _start(world.recipe, home)
    assert goes_on.wait() == winnow("run", world.recipe, home=unkilled).code != 1, (
        home.parent / "told.txt"
    ).read_text()
    (again,) = (home / "runs").iterdir()
    (whole,) = (unkilled / "runs").iterdir()
    ended, expected = runs.manifest(again), runs.manifest(whole)
    assert ended["state"] == expected["state"] in ("Accepted", "Rejected", "Inconclusive")
    cached = {name for name, seconds in ended["clock"].items() if seconds is None}
    assert {"ingest", "screen", "dedupe", "keep_domain", "decontaminate", "split", "fine_tune", "examine"} <= cached
    assert pl.read_parquet(again / "receipts.parquet").equals(pl.read_parquet(whole / "receipts.parquet"))
    assert ended["digests"] == expected["digests"]
    assert ended["files"].keys() == expected["files"].keys()
    assert not any((home / "store" / "scratch" / "training").iterdir())


@needs_proc
def test_ctrl_c_ends_a_run_at_once_with_a_sentence_and_nothing_left(
    world, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    home = tmp_path / "home"
    # The terminal sends it to every process of the group, the server included.
    code, left = _stop_when("store/results/dedupe-*", lambda run: os.killpg(run, signal.SIGINT), world.recipe, home)
    told = (tmp_path / "told.txt").read_text()
    assert code == 130, told
    assert told.endswith("Stopped. Finished steps are kept: the same command goes on from here.\n")
    assert "Traceback" not in told
    assert left
    assert _all_end(left)
    assert not any((home / "runs").iterdir())
