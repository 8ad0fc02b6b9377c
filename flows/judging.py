"""Judge a finished run by another gate, without examining anything anew."""

from rich.markup import escape

from evals.unharmed import unharmed
from flows.console import Terminal
from flows.named_numbers import named_numbers
from flows.states import EXIT, STYLE
from flows.verdict_table import show
from tasks import runs
from tasks.outcome import OF_DECISION
from tasks.rejudge import foresight, rejudge

console = Terminal()


def judge(run: str | None, margins: list[str], **changes: float | None) -> int:
    """Print what a gate with other margins, level or power says of a run; return the exit code of its decision."""
    folder = runs.find(run, holding="verdict.json")
    given = {key: value for key, value in changes.items() if value is not None}
    single = named_numbers("--margin", margins, what="a margin", such_as="0.05, or NAME=0.05 of one suite")
    if "" in single:
        given["margin"] = single.pop("")
    before, after = rejudge(folder, given, single)
    state = OF_DECISION[after.decision]
    console.print(f"[dim]run {escape(folder.name)} by its own gate:[/] {before.decision}", highlight=False)
    console.print(f"[{STYLE[state]}]{after.decision}[/]: {escape(after.reason)}", highlight=False, soft_wrap=True)
    show(console, after.model_dump(mode="json"))
    if together := unharmed(after, foresight(folder, after.gate)):
        console.print(f"{escape(together.sentence)}.", highlight=False, soft_wrap=True)
    changed = [*given.items(), *((f"margins.{suite}", value) for suite, value in single.items())]
    if changed:
        settings = ", ".join(f"gate.{key}: {value:g}" for key, value in changed)
        console.print(f"[dim]To have it so, set in the recipe: {escape(settings)}[/]", highlight=False, soft_wrap=True)
    return EXIT[state]
