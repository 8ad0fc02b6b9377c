"""A verdict on the terminal: one line per suite."""

from collections.abc import Mapping
from typing import Any

from rich.markup import escape
from rich.table import Table

from flows.console import Terminal
from tasks import exam_size


def show(console: Terminal, verdict: Mapping[str, Any]) -> None:
    """Print what a verdict says of every suite, and which suites it could not ask, or not enough."""
    # Sized for 80 columns, with clusters in brackets: the report has room for more.
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="dim")
    for column in ("", "suite", "change", "interval", "above", "items", "status"):
        table.add_column(column, no_wrap=column != "suite", overflow="fold")
    lines = [("gain", verdict["gain"]), *(("retention", line) for line in verdict["retention"])]
    for role, line in lines + [("", line) for line in verdict.get("informative", [])]:
        if line is None:
            continue
        mark = {"pass": "[green]pass[/]", "fail": "[red]fail[/]"}.get(line["status"], f"[yellow]{line['status']}[/]")
        table.add_row(
            role,
            escape(line["suite"]),
            _number(line["mean"]),
            f"{_number(line['lower'])}…{_number(line['upper'])}",
            _number(line["line"]),
            f"{line['n']} ({line['clusters']})",
            mark,
        )
    console.print(table)
    judged = [line for _, line in lines if line]
    small = [exam_size.too_few(line["suite"], line["n"], line["clusters"]) for line in judged]
    missing = [f"{one['suite']}: not examined, because {one['reason']}" for one in verdict.get("unexamined", [])]
    learnt = verdict.get("learnt") or {}
    if learnt.get("answer", "no gain") != "no gain":
        console.print(f"{escape(learnt['reason'])}.", highlight=False, soft_wrap=True)
    for told in [f"{sentence}." for sentence in (*small, *missing) if sentence]:
        console.print(f"[yellow]{escape(told)}[/]", highlight=False, soft_wrap=True)


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:+.3f}"
