"""Make a run's adapter the champion, from the terminal."""

from pathlib import Path

from rich.markup import escape

from flows.console import Terminal
from tasks import runs
from tasks.promotion import promote as make

console = Terminal()


def promote(run: str | None, why: str, export: Path | None = None) -> None:
    """Promote a run, and print which champion it takes the place of."""
    folder = runs.find(run, holding="verdict.json")
    name, made = str(runs.manifest(folder)["name"]), make(folder, why, export=export)
    champion = made.champion
    if not made.new:
        told = f"{champion.run} is the champion of {name} already; nothing is changed"
    elif made.instead_of:
        told = f"{champion.run} is the champion of {name} now, instead of {made.instead_of}"
    else:
        told = f"{champion.run} is the champion of {name} now, its first: later candidates are compared with it"
    console.print(f"{escape(told)}.", highlight=False, soft_wrap=True)
    console.print(f"[dim]adapter[/] {escape(champion.path)} ({champion.adapter})", highlight=False, soft_wrap=True)
