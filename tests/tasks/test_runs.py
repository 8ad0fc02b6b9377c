"""Run directories: the manifest commits, a killed run is swept, a living one is left alone."""

import os
import pickle
import signal
import subprocess
import sys
import time
from datetime import datetime, tzinfo
from pathlib import Path

import pytest

from tasks import cards, runs, store, unfinished


def test_a_run_without_commit_never_happened(home: Path) -> None:
    with runs.open_run("x", "name: x") as run:
        folder = run.folder
        assert folder.is_dir()
    assert not folder.exists()
    assert runs.finished() == []


def test_a_run_that_raises_leaves_nothing(home: Path) -> None:
    with pytest.raises(RuntimeError), runs.open_run("x", "") as run:
        raise RuntimeError
    assert not run.folder.exists()


def test_a_committed_run_is_found_by_its_beginning_and_name(home: Path) -> None:
    with runs.open_run("x", "name: x") as run:
        (run.folder / "a.txt").write_text("hello")
        run.clock["ingest"] = 1.25
        run.commit(state="Accepted", reason="because", facts={"more": 1})
    assert runs.finished("x") == [run.folder]
    assert runs.finished("y") == []
    assert runs.find(run.folder.name[:10]) == run.folder
    manifest = runs.manifest(run.folder)
    assert (manifest["state"], manifest["more"], manifest["clock"]) == ("Accepted", 1, {"ingest": 1.25})
    assert set(manifest["files"]) == {"a.txt", "config.yaml"}
    assert not (run.folder / ".lock").exists()


def test_a_run_named_whole_is_meant_though_another_begins_with_its_name(home: Path) -> None:
    made = []
    for _ in range(2):
        with runs.open_run("x", "name: x") as run:
            run.commit(state="Accepted", reason="", facts={})
        made.append(run.folder)
    other = made[0].with_name(f"{made[0].name}-2")
    if other != made[1]:  # a second had passed
        made[1].rename(other)
    assert [runs.find(made[0].name), runs.find(other.name)] == [made[0], other]
    with pytest.raises(ValueError, match="More than one run begins with"):
        runs.find(made[0].name[:-1])


def test_the_newest_run_is_the_newest_that_has_receipts(home: Path) -> None:
    made = []
    for files in (["receipts.parquet"], ["receipts.parquet"], []):  # the last: a lone examination
        with runs.open_run("x", "") as run:
            for file in files:
                (run.folder / file).touch()
            run.commit(state="Accepted", reason="", facts={})
        made.append(run.folder)
    assert runs.find() == made[1]


def test_a_recipes_name_means_its_newest_run(home: Path) -> None:
    made = []
    for name, files in (("a", ["receipts.parquet"]), ("a", ["receipts.parquet"]), ("a", []), ("b", []), ("2", [])):
        with runs.open_run(name, "") as run:
            for file in files:
                (run.folder / file).touch()
            run.commit(state="Accepted", reason="", facts={})
        made.append(run.folder)
    assert runs.find("a") == made[1]  # the third was examined alone, as that of b was, which has no other
    assert runs.find("b") == made[3]
    assert runs.find("2") == made[4]  # though the ids of all begin with a 2
    assert runs.find(made[0].name) == made[0]
    with pytest.raises(ValueError, match="no finished run “c”"):
        runs.find("c")


def test_of_verdicts_a_recipes_name_means_its_newest_run_that_judged(home: Path) -> None:
    made = []
    for files in (["verdict.json"], ["verdict.json"], ["receipts.parquet"]):  # examined alone twice, then curated
        with runs.open_run("a", "") as run:
            for file in files:
                (run.folder / file).touch()
            run.commit(state="Accepted", reason="", facts={})
        made.append(run.folder)
    assert [runs.find(name, holding="verdict.json") for name in ("a", None)] == [made[1], made[1]]
    assert [runs.find(name) for name in ("a", None)] == [made[2], made[2]]
    with runs.open_run("a", "") as run:  # an ablation
        (run.folder / "arms.parquet").touch()
        run.commit(state="Ablated", reason="", facts={})
    assert [runs.find(name, holding="") for name in ("a", None)] == [run.folder, run.folder]
    assert [runs.find(name) for name in ("a", None)] == [made[2], made[2]]


def test_an_unknown_run_is_told_with_what_there_is(home: Path) -> None:
    with pytest.raises(ValueError, match="no finished run with receipts.parquet under"):
        runs.find()
    with runs.open_run("x", "") as run:
        run.commit(state="Accepted", reason="", facts={})
    with pytest.raises(ValueError, match=run.folder.name):
        runs.find("1999")
    for nothing in ("", " "):
        with pytest.raises(ValueError, match="An empty name was given for a run"):
            runs.find(nothing)


def test_the_newest_runs_are_listed_from_the_newest_on(home: Path) -> None:
    for name in ("a", "b", "c"):
        with runs.open_run(name, "") as run:
            run.commit(state="Accepted", reason="", facts={})
    with pytest.raises(ValueError, match=r"The newest are: \S+-c, \S+-b, \S+-a\."):
        runs.find("1999")


def test_a_killed_run_is_swept_and_a_living_one_is_not(home: Path) -> None:
    code = "from tasks import runs, store; import time\nwith runs.open_run('k', ''): print('open', flush=True); time.sleep(60)"
    child = subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "WINNOW_HOME": str(home)},
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "open\n"
    (folder,) = (home / "runs").iterdir()
    assert runs.sweep() == []
    child.send_signal(signal.SIGKILL)
    child.wait()
    assert folder.exists()
    assert runs.sweep() == [folder.name]
    assert not folder.exists()


def test_a_directory_in_the_instant_before_its_lock_is_left_for_a_minute(home: Path) -> None:
    (home / "runs" / "fresh").mkdir(parents=True)
    (home / "runs" / "old").mkdir()
    past = time.time() - 120
    os.utime(home / "runs" / "old", (past, past))
    assert runs.sweep() == ["old"]


def test_a_run_killed_just_after_its_commit_is_done_and_loses_its_lock(home: Path) -> None:
    with runs.open_run("x", "") as run:
        run.commit(state="Accepted", reason="", facts={})
        assert runs.sweep() == []
        assert (run.folder / ".lock").exists()
    (run.folder / ".lock").touch()
    assert runs.sweep() == []
    assert not (run.folder / ".lock").exists()
    assert runs.finished() == [run.folder]


def test_a_run_that_opens_sweeps_what_killed_writers_left_in_the_home(home: Path) -> None:
    litter = [
        home / "exams" / "garden" / ".part-a.parquet",
        home / "store" / "tables" / ".part-b.parquet",
        home / "store" / "embeddings" / "model" / ".part-c",
        home / "store" / "adapters" / ".part-d" / "weights",
    ]
    for path in litter:
        path.parent.mkdir(parents=True)
        path.touch()
    with runs.open_run("x", ""):
        assert not any(path.name.startswith(".part-") for path in home.rglob("*"))


def test_a_name_with_slashes_stays_inside_runs(home: Path) -> None:
    with runs.open_run("../../etc/x", "") as run:
        assert run.folder.parent == home / "runs"


def _committed(name: str, *files: str) -> Path:
    with runs.open_run(name, "") as run:
        for file in files:
            (run.folder / file).touch()
        run.commit(state="Accepted", reason="", facts={})
    return run.folder


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "is not JSON"),
        ('{"name": "x", "sta', "is not JSON"),
        ("[]", "holds no keys"),
        ("{}", "has no good “name”"),
        (
            '{"name": "x", "state": "Accepted", "reason": 3, "versions": {"winnow": "0.0"}}',
            "written by winnow 0.0, and",
        ),
    ],
)
def test_a_damaged_manifest_is_told_and_hides_no_other_run(
    home: Path, caplog: pytest.LogCaptureFixture, content: str, told: str
) -> None:
    sound, damaged = _committed("x", "receipts.parquet"), _committed("x", "receipts.parquet")
    (damaged / "manifest.json").write_text(content)
    assert runs.finished("x") == runs.finished() == [sound]
    assert f"{damaged.name} is passed over" in caplog.text
    assert runs.find() == sound
    assert runs.find(damaged.name) == damaged, "who asks for it is told what is wrong with it"
    with pytest.raises(runs.DamagedRun, match=f"{damaged / 'manifest.json'} .*{told}.*Restore it") as raised:
        runs.manifest(damaged)
    assert "\n" not in str(raised.value)
    with runs.open_run("x", ""):
        assert damaged.exists(), "committed once, and so not swept"


def test_a_run_that_lost_its_receipts_is_not_passed_over_for_an_older_one(home: Path) -> None:
    _committed("x", "receipts.parquet")
    robbed = _committed("x", "receipts.parquet")
    (robbed / "receipts.parquet").unlink()
    assert runs.find() == robbed


def test_a_lock_that_can_not_be_opened_keeps_no_other_folder_from_being_swept(home: Path) -> None:
    past = time.time() - 120
    for name in ("a", "b", "c"):
        (home / "runs" / name).mkdir(parents=True)
        os.utime(home / "runs" / name, (past, past))
    (home / "runs" / "b" / ".lock").mkdir()
    (home / "runs" / "stray.txt").touch()
    assert sorted(runs.sweep()) == ["a", "c"]


def test_what_a_run_goes_by_is_pinned_in_its_manifest_beside_what_it_made(home: Path) -> None:
    runs.pin(base="of no run")
    with runs.open_run("x", "name: x") as run:
        runs.pin(base="b", code="c")
        run.commit(state="Curated", reason="done", facts={"digests": {"train": "t"}})
    config = store.file_digest(run.folder / "config.yaml")
    assert runs.manifest(run.folder)["digests"] == {"config": config, "base": "b", "code": "c", "train": "t"}


def test_a_damaged_run_is_told_the_same_by_another_process(tmp_path: Path) -> None:
    told = runs.DamagedRun(tmp_path / "manifest.json", "is missing")
    again = pickle.loads(pickle.dumps(told))
    assert (type(again), str(again), again.file) == (runs.DamagedRun, str(told), told.file)


def test_a_run_counts_as_the_newest_though_the_clock_was_set_back(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    made = []
    for month in (5, 6, 4, 3):

        class Clock(datetime):
            @classmethod
            def now(cls, tz: tzinfo | None = None, month: int = month) -> datetime:
                return datetime(2026, month, 1, 12, tzinfo=tz)

        monkeypatch.setattr("tasks.run_ids.datetime", Clock)
        listen = cards.listen(lambda event: said.append(event.text))
        with listen, cards.warnings_of("tasks.run_ids"), runs.open_run("x", "") as run:
            run.commit(state="Accepted", reason="x", facts={})
        made.append(run.folder)
        assert runs.find(holding="") == run.folder
        assert run.started.isoformat()[:19].replace("-", "").replace(":", "").replace("T", "-") == run.folder.name[:15]
    assert runs.finished("x") == made
    told = [text for text in said if "Set the clock" in text]
    assert len(told) == 2
    assert f"the clock shows 2026-04-01 12:00 UTC, and the newest run here, {made[1].name}, began later" in told[0]


def test_a_run_that_an_error_ends_behind_its_commit_keeps_its_manifest(home: Path) -> None:
    def ends(run: runs.Run) -> None:
        store.write_json(run.folder / runs.EVIDENCE, {})
        run.commit(state="Accepted", reason="it gains", facts={"books": {"in": 3}})
        raise OSError("no room for the page")

    with pytest.raises(OSError, match="no room"), runs.open_run("x", "name: x") as run:
        ends(run)
    facts = runs.manifest(run.folder)
    assert (facts["state"], facts["reason"], facts["books"]) == ("Accepted", "it gains", {"in": 3})
    assert unfinished.of("x") == ()


class TerminationSignal(BaseException):
    """Stands for Prefect's, which is known by its name."""


@pytest.mark.parametrize(
    ("error", "intent", "state", "reason"),
    [
        (ValueError("sources: no\nsuch file"), None, "Failed", "sources: no such file"),
        (ZeroDivisionError("by <zero>"), None, "Failed", "ZeroDivisionError: by <zero>"),
        (RuntimeError(), None, "Failed", "RuntimeError"),
        (KeyboardInterrupt(), None, "Cancelled", "Cancelled. Finished steps are kept"),
        (TerminationSignal(), "cancel", "Cancelled", "Cancelled. Finished steps are kept"),
        (TerminationSignal(), None, "Crashed", "A signal ended its process"),
    ],
)
def test_what_ends_a_run_before_its_end_is_noted(
    home: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException, intent: str | None, state: str, reason: str
) -> None:
    monkeypatch.setattr("prefect._internal.control_listener.get_intent", lambda: intent)
    with pytest.raises(type(error)), runs.open_run("x", "name: x") as run:
        raise error
    assert not run.folder.exists()
    (told,) = unfinished.of("x")
    assert (told.run, told.state) == (run.folder.name, state)
    assert told.reason.startswith(reason)
    assert told.reason.count("RuntimeError") <= 1
    assert told.seconds is not None
    assert told.seconds >= 0


def test_a_run_that_its_contract_stops_is_a_run_and_not_noted_as_unfinished(home: Path) -> None:
    def ends(run: runs.Run) -> None:
        run.stopped = ("the contract is broken", {})
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"), runs.open_run("x", "name: x") as run:
        ends(run)
    assert runs.manifest(run.folder)["state"] == runs.STOPPED
    assert unfinished.every() == ()


def test_a_look_that_leaves_no_run_leaves_no_note_either(home: Path) -> None:
    with pytest.raises(ValueError, match="no"), runs.open_run("x", "name: x", leaves=False):
        raise ValueError("no")
    assert unfinished.every() == ()


def test_a_run_that_is_killed_is_noted_by_the_next_one(home: Path) -> None:
    code = (
        "from tasks import runs; import os, signal\n"
        "with runs.open_run('k', 'name: a/k'): os.kill(os.getpid(), signal.SIGKILL)"
    )
    for _ in range(2):
        child = subprocess.run([sys.executable, "-c", code], env={**os.environ, "WINNOW_HOME": str(home)}, check=False)
        assert child.returncode == -signal.SIGKILL
    (left,) = (home / "runs").iterdir()
    (before,) = unfinished.of("a/k")
    assert runs.sweep_killed() == [left.name]
    assert runs.sweep_killed() == []
    noted = unfinished.of("a/k")
    assert noted[0] == before
    assert [(one.run, one.state, one.seconds) for one in noted[1:]] == [(left.name, "Crashed", None)]
    assert f"{noted[1].started:%Y%m%d-%H%M%S}" == left.name[:15]


def test_a_killed_run_that_two_processes_sweep_at_once_is_noted_once(home: Path) -> None:
    folder = home / "runs" / "20260101-000000-k"
    folder.mkdir(parents=True)
    store.write_text(folder / "config.yaml", "name: k\n")
    for _ in range(2):
        unfinished.note_killed(folder)
    assert [one.run for one in unfinished.of("k")] == [folder.name]


@pytest.mark.parametrize("config", [None, "", "[", "- k", "name: 3"])
def test_a_killed_run_that_wrote_no_name_is_told_of_nowhere(home: Path, config: str | None) -> None:
    folder = home / "runs" / "20260101-000000-k"
    folder.mkdir(parents=True)
    if config is not None:
        store.write_text(folder / "config.yaml", config)
    unfinished.note_killed(folder)
    assert unfinished.every() == ()


def test_where_the_note_cannot_be_written_the_error_is_told_all_the_same(
    home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (home / "unfinished").mkdir(parents=True)
    (home / "unfinished" / "x.json").write_text("{")
    with pytest.raises(ValueError, match="of the pool"), runs.open_run("x", "name: x") as run:
        raise ValueError("of the pool")
    assert f"will not tell of the run {run.folder.name}: {home / 'unfinished' / 'x.json'} can't be read" in caplog.text
