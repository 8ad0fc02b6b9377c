"""A verdict on the terminal: one line per suite."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.markup import escape
from rich.table import Table

from evals.gate import NOISE
from evals.shortening import Cut
from flows.console import Terminal
from tasks import exam_size
from tasks.reporting.text import decimals_of

_DECIMALS, _FINEST = 3, 6


def show(console: Terminal, verdict: Mapping[str, Any]) -> None:
    """Print what a verdict says of every suite, why no repair helped, and what it could not ask, or not whole."""
    lines = _lines(verdict)
    every = [*lines, *(("", line) for line in verdict.get("informative", []))]
    _print(console, every)
    for sentence in _units([line for _, line in every if line]):
        console.print(f"[dim]{escape(sentence)}[/]", highlight=False, soft_wrap=True)
    learnt = verdict.get("learnt") or {}
    if learnt.get("answer", "no gain") != "no gain":
        console.print(f"{escape(learnt['reason'])}.", highlight=False, soft_wrap=True)
    for name in ("champion", "original"):
        if (standing := verdict.get(name)) is not None:
            _beside(console, "champion" if name == "champion" else "original base", standing)
    judged = [line for _, line in lines if line]
    small = [exam_size.too_few(line["suite"], line["n"], line["clusters"]) for line in judged]
    missing = [f"{one['suite']}: not examined, because {one['reason']}" for one in verdict.get("unexamined", [])]
    left = ", ".join(f"{one['suite']} ({one['n']:,} items)" for one in verdict.get("skipped", []))
    skipped = f"not asked, since the verdict was decided before: {left}" if left else ""
    cut = [f"{one['suite']}: {Cut.model_validate(one).sentence}" for one in verdict.get("cut", [])]
    unrepaired = (verdict.get("unrepaired") or {}).get("sentence", "")
    for told in [f"{sentence}." for sentence in (unrepaired, *small, *missing, *cut, skipped) if sentence]:
        console.print(f"[yellow]{escape(told)}[/]", highlight=False, soft_wrap=True)


def _lines(verdict: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return [("gain", verdict["gain"]), *(("retention", line) for line in verdict["retention"])]


def _beside(console: Terminal, name: str, standing: Mapping[str, Any]) -> None:
    """Print what a verdict says of the candidate beside a model that came before."""
    console.print(f"[dim]beside the {name} ({escape(standing['run'])}):[/]", highlight=False, soft_wrap=True)
    if standing["verdict"] is None:
        console.print(f"[yellow]not compared, because {escape(standing['missing'])}.[/]", highlight=False)
        return
    _print(console, _lines(standing["verdict"]))
    if standing["note"]:
        console.print(f"[yellow]Of the {name}: {escape(standing['note'])}.[/]", highlight=False, soft_wrap=True)


def _print(console: Terminal, lines: Sequence[tuple[str, Any]]) -> None:
    # Sized for 80 columns, with clusters in brackets: the report has room for more.
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="dim")
    for column in ("", "suite", "change", "interval", "above", "items", "status"):
        table.add_column(column, no_wrap=column != "suite", overflow="fold")
    for role, told in lines:
        if told is None:
            continue
        line = told if role == "retention" else _beyond_rounding(told)
        mark = {"pass": "[green]pass[/]", "fail": "[red]fail[/]"}.get(line["status"], f"[yellow]{line['status']}[/]")
        table.add_row(
            role,
            escape(line["suite"]),
            _number(line["mean"], _decimals(line)),
            _interval(line),
            _number(line["line"], _decimals(line)),
            f"{line['n']} ({line['clusters']})",
            mark,
        )
    console.print(table)


def _beyond_rounding(line: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a gain with the line that it must clear: 0 is none in bits per byte, where rounding may bring more.

    Of one that failed the line stays, which its upper end lies below; so does one below 0, beside a champion.
    """
    plain = line["line"] is None or line["status"] == "fail" or line.get("unit") != "bits per byte"
    return line if plain or not 0 <= line["line"] < NOISE else {**line, "line": NOISE}


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


def _interval(line: Mapping[str, Any]) -> str:
    """Write an interval, in so many decimals that no end beyond its line seems to lie on it."""
    end, decimals = {"pass": line["lower"], "fail": line["upper"]}.get(line["status"]), _decimals(line)
    while end is not None and decimals < _FINEST and _number(end, decimals) == _number(line["line"], decimals):
        decimals += 1
    return f"{_number(line['lower'], decimals)}…{_number(line['upper'], decimals)}"


def _decimals(line: Mapping[str, Any]) -> int:
    """Return how many decimals tell a comparison, whose line may be a finer one than changes are told in."""
    return _DECIMALS if line["line"] is None else decimals_of(line["line"], _DECIMALS, _FINEST)


def _number(value: float | None, decimals: int = _DECIMALS) -> str:
    return "–" if value is None else f"{value:+z.{decimals}f}"
