"""Make a run's adapter the champion, from the terminal, or an earlier one again."""

import getpass
from pathlib import Path

from rich.markup import escape

from flows.console import Terminal, short
from tasks import announce, champion_folder, runs
from tasks.promotion import Promotion
from tasks.promotion import promote as make
from tasks.promotion import rollback as go_back

console = Terminal()


def promote(run: str | None, why: str, export: Path | None = None, who: str = "") -> None:
    """Promote a run, and print which champion it takes the place of."""
    folder = runs.find(run, holding="verdict.json")
    name, made = str(runs.manifest(folder)["name"]), make(folder, why, who=who or _login(), export=export)
    champion = made.champion
    if not made.new:
        told = f"{champion.run} is the champion of {name} already; nothing is changed"
    elif made.instead_of:
        told = f"{champion.run} is the champion of {name} now, instead of {made.instead_of}"
    else:
        told = f"{champion.run} is the champion of {name} now, its first: later candidates are compared with it"
    _tell(name, told, made)


def rollback(name: str, why: str, to: str, who: str) -> None:
    """Go back to an earlier champion, and print which."""
    made = go_back(name, why, to=to, who=who or _login())
    _tell(name, f"{made.champion.run} is the champion of {name} again, instead of {made.instead_of}", made)


def _tell(name: str, told: str, made: Promotion) -> None:
    champion = made.champion
    console.print(f"{escape(told)}.", highlight=False, soft_wrap=True)
    console.print(f"[dim]adapter[/] {escape(champion.path)} ({champion.adapter})", highlight=False, soft_wrap=True)
    served = champion_folder.folder(name) / "current"
    console.print(f"[dim]served as[/] {escape(short(served))}", highlight=False, soft_wrap=True)
    for run in announce.of_champion(name, made):
        console.print(f"[dim]ended[/] the form that asked about {escape(run)}", highlight=False, soft_wrap=True)


def _login() -> str:
    """Return the login of whoever runs this; nothing where the system knows none."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return ""
