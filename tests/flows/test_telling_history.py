"""A recipe's history from the terminal."""

import os
import re
import shutil
from pathlib import Path

import pytest

from flows.telling_history import history
from tasks import health, run_history, runs, store
from tasks.reporting.history import history_markdown
from tasks.run_ids import short


def committed(name: str, state: str) -> str:
    with runs.open_run(name, f"name: {name}\n") as run:
        run.commit(state=state, reason="said [why]", facts={"books": {"in": 1_000, "kept": 900}})
        return run.folder.name


def test_the_newest_runs_are_printed_first_and_the_page_has_all(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flows.telling_history._MOST", 3)
    names = [committed("garden", "Curated") for _ in range(5)]
    history("garden")
    told = capsys.readouterr().out
    assert "5 runs of garden, and no champion yet." in told
    shown = [word for line in told.splitlines() for word in line.split() if word in names]
    assert shown == list(reversed(names[2:]))
    assert "and 2 before" in told
    page = (home / "report" / "history" / "garden.html").read_text()
    assert all(name in page for name in names)
    assert "said [why]" in page
    assert re.search(r"\d{4}, \d\d:\d\d UTC", page), "a run's id is of that time, too"
    unnamed = re.findall(r"<td class=\"n\">", page)
    assert not unnamed, "on a narrow screen each number stands below its name"


def test_runs_of_a_long_name_are_told_by_the_beginning_of_their_ids_so_that_a_narrow_terminal_shows_the_rest(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    name = "garden-of-the-far-away-hanging-terraces-and-all-their-vines"
    for day in (1, 2):
        (home / "runs" / committed(name, "Curated")).rename(home / "runs" / f"2020010{day}-101010-{name}")
    history(name)
    lines = capsys.readouterr().out.splitlines()
    for begun in ("20200101-101010", "20200102-101010"):
        (told,) = (line for line in lines if line.startswith(f"{begun} "))
        assert told.split()[1:3] == ["Curated", "900"]
        assert runs.find(begun, holding="").name == f"{begun}-{name}"


def test_a_beginning_that_names_two_runs_stands_for_neither() -> None:
    ids = ["20200101-101010-a", "20200102-101010-a", "20200102-101010-a-2"]
    assert [short(one, ids) for one in ids] == ["20200101-101010", *ids[1:]]


def test_without_a_name_it_is_the_newest_runs_recipe(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="There is no finished run under .*: make one with `winnow run RECIPE`"):
        history(None)
    first = committed("garden", "Curated")
    (home / "runs" / first / "manifest.json").write_text("{")
    with pytest.raises(ValueError, match=f"No run of this home has .* The run {first} is passed over: .* is not JSON"):
        history(None)
    for name, state in (("hedge", "Curated"), ("moss", "Ablated"), ("newest", "Stopped")):
        committed(name, state)  # none has receipts, as ablations have none
        history(None)
        assert f"1 run of {name}" in capsys.readouterr().out
    with pytest.raises(ValueError, match="runs are there of hedge, moss, newest"):
        history("nobody")


@pytest.mark.parametrize("content", ["{", '{"run": "x", "nam', '{"name": "garden", "state": "Curated"}'])
def test_a_run_whose_manifest_is_damaged_is_told_of_by_history_and_doctor(
    home: Path, capsys: pytest.CaptureFixture[str], content: str
) -> None:
    lost, _ = committed("garden", "Curated"), committed("hedge", "Curated")
    (home / "runs" / lost / "manifest.json").write_text(content)
    told = f"The run {lost} is passed over: {home / 'runs' / lost / 'manifest.json'} "
    with pytest.raises(ValueError, match=f"No run of “garden” .* manifest that can be read. {re.escape(told)}"):
        history("garden")
    history("hedge")
    assert lost not in capsys.readouterr().out
    left = committed("garden", "Curated")
    history("garden")
    printed = capsys.readouterr().out
    assert left in printed
    assert printed.count(told) == 1
    assert told in (home / "report" / "history" / "garden.html").read_text()
    assert told in history_markdown(run_history.of("garden")).replace("\\", "")
    (home / "runs" / lost / "config.yaml").unlink()
    history("hedge")
    assert told in capsys.readouterr().out, "whose it was nothing tells any more"
    (check,) = (one for one in health.checks(home, shutil.disk_usage) if one.name == "runs" and one.level == "warning")
    assert check.found.startswith(told)


def test_a_run_that_was_killed_is_told_of_before_another_begins(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    committed("garden", "Curated")
    killed = home / "runs" / "20990101-101010-garden"
    killed.mkdir()
    store.write_text(killed / "config.yaml", "name: garden\n")
    os.utime(killed, (0, 0))  # within a minute a folder may yet be taken up
    history(None)
    told = capsys.readouterr().out
    assert "2 runs of garden (1 crashed), and no champion yet." in told
    assert f"The newest run, {killed.name}, crashed: Its process is gone" in told
    assert not killed.exists()
