"""A run killed at any step goes on from there, and ends as if nothing had happened."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from prefect.exceptions import TerminationSignal

from tasks import runs, unfinished

WINNOW = Path(sys.executable).parent / "winnow"
STEPS = [
    "ingest", "check_template", "screen", "protect", "dedupe", "skim", "dedupe_meaning", "keep_domain", "seal_exam",
    "decontaminate", "compare_answers", "weigh", "choose", "audit_canaries", "validate", "split", "check_news", "examine 1", "check_power",
    "gather_general", "fine_tune", "choose_scale", "early_warning", "examine_champion", "examine 2", "examine 3", "examine 4", "examine 5", "judge",
    "probe", "trace", "report",
]  # fmt: skip
UNCACHED = ("seal_exam", "check_news", "check_power", "examine_champion")
DEATHS = {  # the moments at which a step dies, where it isn't just while it writes its first file
    "check_template": ["finished"],  # it writes nothing
    "protect": ["finished"],  # it writes nothing where nothing is personal
    "skim": ["finished"],  # it writes nothing where rows are few
    "keep_domain": ["progress", "writing"],
    "seal_exam": ["writing", "finished"],
    "compare_answers": ["finished"],  # it writes nothing when nothing is removed
    "weigh": ["finished"],  # it writes nothing unless it is asked to
    "choose": ["finished"],
    "audit_canaries": ["finished"],
    "fine_tune": ["progress", "writing", "finished"],
    "check_news": ["finished"],  # it writes nothing
    "check_power": ["finished"],  # nor does it
    "choose_scale": ["finished"],  # nor does it where little was forgotten
    "examine_champion": ["finished"],  # nor does it where nobody was promoted
    "trace": ["finished"],
    "judge": ["finished"],  # nor does it
    "report": ["started", "writing", "committing"],
}

needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks for processes in /proc")


@pytest.fixture
def start(
    world, home: Path, prefect_server: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str, str], tuple[int, list[str]]]]:
    """Starts the run once more, to die at a moment; returns its exit code and the steps that were not cached."""
    from prefect.settings import PREFECT_API_URL

    log, told = home.parent / "steps.txt", home.parent / "told.txt"
    environment = os.environ | {
        "PREFECT_API_URL": str(PREFECT_API_URL.value()),
        "PREFECT_LOCAL_STORAGE_PATH": str(home / "store" / "results"),
    }
    arguments = ["run", world.recipe, "--home", home, "--set", "tune.checkpoint_every_steps=2"]
    arguments += ["--set", "renew.min_new_rows=0"]
    with subprocess.Popen(
        [sys.executable, Path(__file__).with_name("dying.py"), log, told, *arguments],
        env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
    ) as dying:  # fmt: skip
        assert dying.stdin
        assert dying.stdout

        def once(kind: str, step: str) -> tuple[int, list[str]]:
            name, _, count = step.partition(" ")
            dying.stdin.write(f"{kind} {name} {count or 1}\n")
            code = int(dying.stdout.readline())
            assert code in (-signal.SIGKILL, 0, 2, 3), told.read_text()
            return code, log.read_text().split()

        yield once
        dying.stdin.close()


def _parts(home: Path) -> set[tuple[Path, int]]:
    """Half-written files and locks of runs; another file may have the same path again."""
    found = [*home.rglob(".part-*"), *home.glob("runs/*/.lock")]
    return {(path, path.stat().st_ctime_ns) for path in found}


def test_a_run_killed_at_every_step_goes_on_and_ends_like_one_never_killed(
    start, world, winnow: Callable[..., Any], home: Path, tmp_path: Path
) -> None:
    done, left = 0, set()
    for at, step in enumerate(STEPS):
        for kind in DEATHS.get(step, ["writing"]):
            code, ran = start(kind, step)
            assert code == -signal.SIGKILL, f"{step} was never {kind}"
            goes_on = [name.split()[0] for name in STEPS[: at + 1] if name in UNCACHED or name in STEPS[done:]]
            assert ran == ["check", "check_method", "check_contract", "check_champion", *goes_on], (
                "it goes on from the last finished step"
            )
            assert runs.finished() == [], "what has no manifest never happened"
            (folder,) = (home / "runs").iterdir()
            with pytest.raises(ValueError, match="no finished run"):
                runs.find(folder.name)
            assert not left & _parts(home), "what was left behind is swept"
            assert any(path.name.startswith(".part-") for path, _ in _parts(home)) == (
                kind in ("writing", "committing")
            )
            done, left = at, _parts(home)
    assert start("finished", "report")[0] == -signal.SIGKILL
    (again,) = (home / "runs").iterdir()
    assert runs.finished() == [again], "what has a manifest is done"
    lost = unfinished.every()
    assert [one.state for one in lost] == ["Crashed"] * sum(len(DEATHS.get(step, ["writing"])) for step in STEPS)
    assert len({again.name, *(one.run for one in lost)}) == len(lost) + 1

    unkilled = tmp_path / "unkilled"
    same = ("--set", "tune.checkpoint_every_steps=2", "--set", "renew.min_new_rows=0")
    assert winnow("run", world.recipe, *same, home=unkilled).code in (0, 2, 3)
    (whole,) = (unkilled / "runs").iterdir()
    ended, expected = runs.manifest(again), runs.manifest(whole)
    assert ended["state"] == expected["state"] in ("Accepted", "Rejected", "Inconclusive")
    cached = {name for name, seconds in ended["clock"].items() if seconds is None}
    assert cached == {name.split()[0] for name in STEPS} - {*UNCACHED, "report"}
    assert pl.read_parquet(again / "receipts.parquet").equals(pl.read_parquet(whole / "receipts.parquet"))
    assert ended["digests"] == expected["digests"]
    assert ended["files"].keys() == expected["files"].keys()
    for same in ("dataset/train.parquet", "dataset/validation.parquet", "adapter/adapter_model.safetensors"):
        assert ended["files"][same] == expected["files"][same]

    assert start("writing", "history")[0] == -signal.SIGKILL
    assert start("never", "report")[0] == 0
    states = sorted(runs.manifest(run)["state"] for run in runs.finished())
    assert states == sorted([ended["state"], "Unchanged", "Unchanged"])
    assert (home / "report" / "history" / f"{ended['name']}.html").is_file()
    assert _parts(home) == set()
    assert not any((home / "store" / "scratch" / "training").iterdir())


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


def _servers(processes: list[int]) -> list[int]:
    """Return those that run Prefect's server; libraries start others for an instant, while they are imported."""
    found = []
    for pid in processes:
        with contextlib.suppress(OSError):
            if "server.py" in Path(f"/proc/{pid}/cmdline").read_text():
                found.append(pid)
    return found


def _all_end(processes: list[int], seconds: float = 10) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if not _parents().keys() & set(processes):
            return True
        time.sleep(0.05)
    return False


@needs_proc
@pytest.mark.parametrize("wait", [0, 0.5, 1, 2, "until a step has ended"])
def test_a_killed_run_leaves_no_server_however_early_it_dies(
    wait: float | str, world, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    run = _start(world.recipe, home)

    def children() -> list[int]:
        return [pid for pid, parent in _parents().items() if parent == run.pid]

    while not _servers(children()) or (isinstance(wait, str) and not any(home.glob("store/results/ingest-*"))):
        assert run.poll() is None, (home.parent / "told.txt").read_text()
        time.sleep(0.01)
    time.sleep(0 if isinstance(wait, str) else wait)
    os.kill(run.pid, signal.SIGSTOP)  # so that it starts nothing between the look and the kill
    left = children()
    os.kill(run.pid, signal.SIGKILL)
    run.wait()
    assert left
    assert _all_end(left)


@needs_proc
@pytest.mark.parametrize(
    "stop",
    [
        lambda run: os.killpg(run, signal.SIGINT),  # as a terminal does, to the server as well
        lambda run: os.kill(run, signal.SIGTERM),  # as a service manager does
    ],
    ids=["Ctrl-C", "SIGTERM"],
)
def test_ctrl_c_ends_a_run_at_once_with_a_sentence_and_nothing_left(
    stop: Callable[[int], None], world, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    home = tmp_path / "home"
    code, left = _stop_when("store/results/dedupe-*", stop, world.recipe, home)
    told = (tmp_path / "told.txt").read_text()
    assert code == 130, told
    assert told.endswith("Stopped. Finished steps are kept: the same command goes on from here.\n")
    assert "Traceback" not in told
    assert left
    assert _all_end(left)
    assert not any((home / "runs").iterdir())


@pytest.mark.parametrize("stop", [KeyboardInterrupt(), TerminationSignal(signal.SIGTERM)], ids=["Ctrl-C", "SIGTERM"])
def test_a_stop_while_prefect_sets_up_a_task_is_told_as_one(
    stop: BaseException, world, winnow: Callable[..., Any], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from prefect import task_engine

    set_up = task_engine._create_task_run_locally

    def interrupted(task: Any, **arguments: Any) -> Any:
        if task.name == "dedupe":
            raise stop  # Prefect answers it with an error of its own: it knows no task run yet
        return set_up(task=task, **arguments)

    monkeypatch.setattr(task_engine, "_create_task_run_locally", interrupted)
    ended = winnow("run", world.recipe)
    assert ended.code == 130
    assert ended.told == "Stopped. Finished steps are kept: the same command goes on from here.\n"
    assert not any((home / "runs").iterdir())
