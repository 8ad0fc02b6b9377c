"""A recipe's history from the terminal."""

from pathlib import Path

import pytest

from flows.telling_history import history
from tasks import runs


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


def test_without_a_name_it_is_the_newest_runs_recipe(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    committed("garden", "Curated")
    with runs.open_run("newest", "name: newest\n") as run:
        (run.folder / "receipts.parquet").write_text("")
        run.commit(state="Curated", reason="", facts={})
    history(None)
    assert "1 run of newest" in capsys.readouterr().out
    with pytest.raises(ValueError, match="runs are there of garden, newest"):
        history("nobody")
