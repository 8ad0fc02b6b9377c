"""Run a flow from the terminal: steps as they go, then the answer and an exit code."""

import json
from collections.abc import Callable
from typing import Any

from rich.markup import escape
from rich.panel import Panel

from flows.console import Terminal, short
from flows.server import ensure_server
from flows.states import EXIT, PREVIEWED, STYLE
from flows.terminal import Steps
from flows.verdict_table import show
from tasks import cards, prefect_database, prefect_server, runs, store
from tasks.outcome import OF_DECISION
from tasks.reporting.blame import first_place_to_look


def run(flow: Callable[..., Any], parameters: dict[str, Any], console: Terminal) -> int:
    """Run a flow with progress on the terminal; print how it ended and return the exit code.

    Raises
    ------
    Exception
        Whatever stopped the flow, for the caller to tell in a sentence.
    """
    home = store.ensure_home()
    prefect_server.ensure_answers()
    prefect_database.ensure_writable()
    try:
        ensure_server()
        with Steps(console) as steps, cards.listen(steps), cards.warnings_of("tasks.run_ids"):
            state = flow(**parameters, return_state=True)
        ended = state.result(raise_on_failure=False)
        if isinstance(ended, BaseException):
            with store.room(home):
                raise ended
    except Exception as error:
        if told := prefect_database.failure(error):
            raise told from error
        raise
    _tell(console, ended)
    return EXIT[ended["state"]]


def _tell(console: Terminal, ended: dict[str, Any]) -> None:
    style = STYLE.get(ended["state"], "bold")
    console.print(
        Panel(escape(ended["reason"]), title=f"[{style}]{ended['state']}[/]", title_align="left", padding=(0, 1))
    )
    if ended["run"] is None:
        if ended["state"] == "Previewed":
            console.print(PREVIEWED, style="dim", markup=False, highlight=False, soft_wrap=True)
        return
    folder = store.home() / "runs" / ended["run"]
    manifest = runs.manifest(folder)
    if (folder / "verdict.json").is_file():
        show(console, json.loads((folder / "verdict.json").read_text(encoding="utf-8")))
    if isinstance(judged := manifest.get("adapter"), str):
        digest = runs.digests(manifest).get("adapter", "")
        console.print(f"[dim]adapter          [/] {escape(judged)} ({digest})", highlight=False, soft_wrap=True)
    trained = (folder / "dataset").is_dir()
    if told := first_place_to_look(ended["decision"], short(folder), trained=trained):
        console.print(f"[yellow]{escape(told)}.[/]", highlight=False, soft_wrap=True)
    _time_table(console, manifest)
    for name in ("report.html", "dividend.html", "recipe.yaml", "dataset", "receipts.parquet"):
        if (folder / name).exists():
            console.print(f"[dim]{name:<17}[/] {short(folder / name)}", highlight=False, soft_wrap=True)
    if ended["state"] == "Unchanged":
        stands = OF_DECISION[ended["decision"]]
        console.print(f"Unchanged: the run it repeats was [{STYLE[stands]}]{stands}[/], and that still stands.")


def _time_table(console: Terminal, manifest: dict[str, Any]) -> None:
    clock = {step: seconds for step, seconds in manifest["clock"].items() if seconds}
    told = ", ".join(f"{step} {seconds:,.0f} s" for step, seconds in sorted(clock.items(), key=lambda c: -c[1])[:6])
    console.print(f"[dim]time             [/] {manifest['seconds']:,.0f} s: {told}", highlight=False, soft_wrap=True)
