"""Calibrate: the gate's own false alarms on a recipe's sealed exam."""

from pathlib import Path

from rich.markup import escape
from rich.table import Table

from evals.calibration import Rate
from flows.console import Terminal
from flows.recipe import Recipe
from flows.terminal import Steps
from tasks import cards
from tasks.caching import plain
from tasks.calibrate import Calibration, calibrate_gate, so_far
from tasks.check import check_exam

console = Terminal()


def calibrate(recipe: Recipe, resamples: int, *, ask: bool) -> None:
    """Print how often the gate is wrong where the truth is known, and where that is written."""
    given = recipe.parameters()
    name, gate, threads = given["name"], given["gate"], given["tune"].threads
    sealed, base = plain(check_exam)(name, given["model"], given["exam"], gate)
    try:
        with Steps(console) as steps, cards.listen(steps):
            found, file = calibrate_gate(name, sealed, base, gate, resamples=resamples, ask=ask, threads=threads)
    except KeyboardInterrupt:
        if part := so_far(name):
            console.print("[yellow]Interrupted; what was counted until then:[/]")
            _tell(*part)
        raise
    _tell(found, file)


def _tell(found: Calibration, file: Path) -> None:
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="dim")
    for column in ("differences of", "true", "wrong SHIP", "wrong REJECT"):
        table.add_column(column, overflow="fold")
    for whose, one in found.named:
        table.add_row(escape(whose), escape(one.truth), _rate(one.ship), _rate(one.reject))
    console.print(table)
    for sentence in filter(None, (found.advice, found.sentence)):
        console.print(escape(sentence), highlight=False, soft_wrap=True)
    console.print(f"[dim]written to[/] {escape(str(file))}", highlight=False, soft_wrap=True)


def _rate(rate: Rate) -> str:
    return f"{rate.share:.1%} ({rate.lower:.1%}…{rate.upper:.1%})"
