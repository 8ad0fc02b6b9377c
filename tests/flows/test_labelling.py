"""Label: what a person answers is written at once, in whatever way they say it and stop."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from flows import labelling
from tasks.domain_line import Borderline


def row(name: str) -> Borderline:
    said = [{"role": "user", "content": f"Q {name}"}, {"role": "assistant", "content": f"A {name}"}]
    return Borderline(name, f"pool.jsonl:{name}", "domain", 0.1, said)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run with rows near the line, and a person at a terminal."""
    from quality.domain.settings import Domain
    from tasks import domain_line, run_settings, runs

    monkeypatch.setattr(runs, "find", lambda _, **__: tmp_path / "run")
    monkeypatch.setattr(runs, "manifest", lambda _: {"name": "x"})
    monkeypatch.setattr(run_settings, "domain_settings", lambda _: Domain(description="Herbs."))
    monkeypatch.setattr(domain_line, "borderline", lambda _: [row(name) for name in "abcdef"])
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    return tmp_path / "mine"


def answers(monkeypatch: pytest.MonkeyPatch, *given: str | type[BaseException]) -> None:
    told: Iterator[str | type[BaseException]] = iter(given)

    def answer(_: object) -> str:
        said = next(told)
        if isinstance(said, str):
            return said
        raise said

    monkeypatch.setattr(labelling.console, "input", lambda *_, **__: answer(None))


def lines(file: Path) -> int:
    return len(file.read_text().splitlines())


def test_words_and_capitals_are_answers_too(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, "Yes", " N ", "what?", "y", "", "no", "Q")
    labelling.label(None, 20, folder)
    assert (lines(folder / "x-seeds.jsonl"), lines(folder / "x-negatives.jsonl")) == (2, 2)


@pytest.mark.parametrize("stop", [KeyboardInterrupt, EOFError])
def test_who_breaks_off_has_written_what_was_answered_and_goes_on_from_there(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], stop: type[BaseException]
) -> None:
    answers(monkeypatch, "y", "n", stop)
    try:
        labelling.label(None, 20, folder)
    except KeyboardInterrupt:
        assert stop is KeyboardInterrupt
    told = capsys.readouterr().out
    assert "user: Q a" in told
    assert f"1 row added to {folder / 'x-seeds.jsonl'}" in told.replace("\n", "")
    answers(monkeypatch, "q")
    labelling.label(None, 2, folder)
    told = capsys.readouterr().out
    assert "4 not answered yet" in told
    assert "Q a" not in told
    assert "Q c" in told


def test_an_answer_that_is_taken_out_of_the_file_meanwhile_does_not_come_back(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    seeds, given = folder / "x-seeds.jsonl", ["y", "no, that was wrong", "y", "q"]

    def answer(*_: object, **__: object) -> str:
        said = given.pop(0)
        if said.startswith("no"):
            seeds.write_text("")
        return said

    monkeypatch.setattr(labelling.console, "input", answer)
    labelling.label(None, 20, folder)
    assert "Q c" in seeds.read_text()
    assert "Q a" not in seeds.read_text()
    assert "2 rows added" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("margin", "name", "lost", "told"),
    [
        (0.71, "domain", "", "kept, 0.71 above its line (log-odds)"),
        (0.71, "domain", "dropped by compare_answers", "in the domain by 0.71 (log-odds), dropped by compare_answers"),
        (0.71, "herbs", "dropped by choose", "in the domain herbs by 0.71 (log-odds), dropped by choose"),
        (-0.4, "herbs", "", "dropped as herbs, 0.40 below its line (log-odds)"),
    ],
)
def test_a_row_that_a_later_stage_dropped_is_not_called_kept(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    margin: float,
    name: str,
    lost: str,
    told: str,
) -> None:
    shown = replace(row("a"), margin=margin, domain=name, lost=lost)
    monkeypatch.setattr("tasks.domain_line.borderline", lambda _: [shown])
    monkeypatch.setattr(labelling.console, "_width", 120)
    answers(monkeypatch, "q")
    labelling.label(None, 20, folder)
    assert f"1 of 1 · {told} · pool.jsonl:a" in capsys.readouterr().out


def test_a_question_stops_at_ctrl_c_though_polars_looks_after_it_too() -> None:
    asking = (
        "import polars as pl\nfrom flows import labelling\nfrom tasks.domain_line import Borderline\n"
        "pl.LazyFrame({'a': [1]}).collect()\n"
        "row = Borderline('id', 'pool.jsonl:1', 'domain', 0.1, [{'role': 'user', 'content': 'asked'}])\n"
        "try:\n    list(labelling._asked([row]))\nexcept KeyboardInterrupt:\n    print('stopped')\n"
    )
    with subprocess.Popen(
        [sys.executable, "-u", "-c", asking], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as asked:
        assert asked.stdout is not None
        while "asked" not in asked.stdout.readline():
            pass
        time.sleep(0.5)
        asked.send_signal(signal.SIGINT)
        try:
            asked.wait(timeout=10)
        finally:
            asked.kill()
        assert "stopped" in asked.stdout.read()
