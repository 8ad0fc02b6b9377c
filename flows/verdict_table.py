"""A verdict on the terminal: one line per suite."""

from collections.abc import Mapping, Sequence
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
    for sentence in _units([line for _, line in lines if line] + list(verdict.get("informative", []))):
        console.print(f"[dim]{escape(sentence)}[/]", highlight=False, soft_wrap=True)
    judged = [line for _, line in lines if line]
    small = [exam_size.too_few(line["suite"], line["n"], line["clusters"]) for line in judged]
    missing = [f"{one['suite']}: not examined, because {one['reason']}" for one in verdict.get("unexamined", [])]
    for told in [f"{sentence}." for sentence in (*small, *missing) if sentence]:
        console.print(f"[yellow]{escape(told)}[/]", highlight=False, soft_wrap=True)


def _units(lines: Sequence[Mapping[str, Any]]) -> list[str]:
    """Say in which unit each suite's change is, where a verdict tells; no unit can be compared with another."""
    named: dict[str, list[str]] = {}
    for line in lines:
        if "unit" in line:
            named.setdefault(line["unit"], []).append(line["suite"])
    if not named:
        return []
    if len(named) == 1:
        return [f"in {next(iter(named))}"]
    return ["in " + "; ".join(f"{unit}: {', '.join(suites)}" for unit, suites in named.items())]


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:+.3f}"
