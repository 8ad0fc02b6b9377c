"""What is printed of rows, files and errors is shown on the terminal, and never obeyed by it."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.panel import Panel
from rich.table import Table

import flows
from flows import labelling
from flows.console import Terminal, visible
from flows.terminal import Steps
from tasks import cards
from tasks.cards import Event
from tasks.domain_line import Borderline

EVIL = "\x1b[2J\x1b]0;owned\x07 \x9b31m \x08\r\u202eabc\ud800 :fire:"
SHOWN = r"\x1b[2J\x1b]0;owned\x07 \x9b31m \x08\r\u202eabc\ud800 :fire:"


def printed(*things: Any) -> str:
    file = io.StringIO()
    console = Terminal(file=file, width=200, force_terminal=True, color_system=None)
    for thing in things:
        console.print(thing)
    return file.getvalue()


def test_a_character_that_acts_is_shown_as_its_escape_and_writing_stays() -> None:
    assert visible(EVIL) == SHOWN
    written = "a\tb\nc é 漢字 👩‍👩‍👧 שלום\u200f"
    assert visible(written) == written


def test_markup_tables_and_titles_are_printed_harmless() -> None:
    table = Table(EVIL, title="t")
    table.add_row(EVIL)
    told = printed(f"[bold]{visible('x')}[/]{EVIL}", table, Panel(EVIL, title=EVIL))
    assert told.count(SHOWN) >= 4
    assert visible(told) == told


def test_a_step_says_what_it_found_harmless() -> None:
    file = io.StringIO()
    with Steps(Terminal(file=file, width=200)) as steps:
        steps(Event("progress", "check", f"Fetching [/x]{EVIL}", 1, 2))
        steps(Event("said", "check", f"[/x]{EVIL}"))
        steps(Event("finished", "check"))
    assert f"[/x]{SHOWN}" in file.getvalue()


def test_a_step_that_is_done_for_several_tells_for_which() -> None:
    file = io.StringIO()
    with Steps(Terminal(file=file, width=200)) as steps, cards.listen(steps):
        with cards.part("random, seed 7"), cards.shown("fine_tune") as say:
            say("40 tokens")
        with cards.part("random, seed 8"):
            cards.notify(cards.Event("asked", "fine_tune", "50 tokens"))
        with cards.shown("report"):
            pass
    lines = [" ".join(line.split()) for line in file.getvalue().splitlines()]
    assert lines[0].startswith("✓ fine_tune random, seed 7 · 40 tokens")
    assert lines[1] == "✓ fine_tune random, seed 8 · 50 tokens cached"
    assert lines[2].startswith("✓ report 0.0 s")


def test_warnings_of_a_step_stand_below_what_it_says_cached_or_not() -> None:
    file = io.StringIO()
    said = ["warning: an empty file", "3 rows", "warning: [/x]another", "2 mended"]
    with Steps(Terminal(file=file, width=200)) as steps:
        for text in said:
            steps(Event("said", "ingest", text))
        steps(Event("finished", "ingest"))
        steps(Event("asked", "ingest", "\n".join(said)))
    lines = [line.rstrip() for line in file.getvalue().splitlines() if line]
    assert lines == [
        line
        for cost in ("0.0 s", "cached")
        for line in (f"✓ ingest         3 rows · 2 mended {cost}", "  ! an empty file", "  ! [/x]another")
    ]


def test_progress_outside_a_task_of_prefect_is_told_without_a_name_before_it() -> None:
    file = io.StringIO()
    with Steps(Terminal(file=file, width=120, force_terminal=True)) as steps:
        steps(Event("progress", "", "Examining the base", 1, 2))
    assert "Examining the base" in file.getvalue()
    assert ": Examining" not in file.getvalue()


def test_a_row_s_life_is_told_harmless(winnow: Callable[..., Any], recipe: Callable[..., Path], tmp_path: Path) -> None:
    words = ["rain", "soil", "spade", "beds", "frost", "bees", "moss", "hedge", "pond", "bark", "root", "leaf"]
    rows = [
        {"question": f"Why {n} {words[n % 12]}?", "answer": f"{words[n % 7]} {n * n} {words[n % 11]}."}
        for n in range(60)
    ]
    rows[7]["answer"] += f" {EVIL[:-8]}"
    (tmp_path / "pool" / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)))
    assert winnow("curate", recipe()).code == 0
    told = winnow("why", "rows.jsonl:8").printed
    assert r"\x1b[2J" in told
    assert visible(told) == told


def test_a_row_to_label_is_shown_harmless(capsys: pytest.CaptureFixture[str]) -> None:
    labelling._show(Borderline("id", f"a{EVIL}:1", "domain", 0.1, [{"role": "user", "content": EVIL}]), "1 of 1")
    told = capsys.readouterr().out
    assert r"\x1b[2J" in told
    assert visible(told) == told


def test_an_error_that_quotes_a_file_is_told_harmless(winnow: Callable[..., Any], recipe: Callable[..., Path]) -> None:
    told = winnow("curate", recipe(sources=[{"path": f"pool/{EVIL[:-8]}.jsonl"}])).told
    assert r"\x1b[2J" in told
    assert visible(told) == told


def test_nothing_is_printed_but_on_that_console() -> None:
    for file in Path(flows.__file__).parent.rglob("*.py"):
        if file.name != "console.py":
            text = file.read_text()
            assert "rich.console" not in text, file
            assert "sys.stdout" not in text, file
            assert text.count("sys.stderr.") == text.count("sys.stderr.write(visible("), file


def test_what_a_run_warns_of_outside_its_steps_is_told_at_once() -> None:
    file = io.StringIO()
    with Steps(Terminal(file=file, width=200)) as steps, cards.listen(steps):
        cards.warn("the clock was set back")
        assert "! the clock was set back" in file.getvalue()
        for kind in ("started", "finished"):
            steps(Event(kind, "screen"))
    assert file.getvalue().count("the clock was set back") == 1
