"""Judge a finished run by another gate, without examining anything anew."""

from rich.markup import escape

from evals.unharmed import unharmed
from evals.verdict import Verdict
from flows.console import Terminal
from flows.named_numbers import named_numbers
from flows.states import EXIT, STYLE
from flows.verdict_table import show
from tasks import runs
from tasks.outcome import OF_DECISION
from tasks.rejudge import foresight, rejudge
from tasks.reporting.text import listed

console = Terminal()


def judge(run: str | None, margins: list[str], **changes: float | None) -> int:
    """Print what a gate with other margins, level or power says of a run; return the exit code of its decision."""
    folder = runs.find(run, holding="verdict.json")
    given = {key: value for key, value in changes.items() if value is not None}
    single = named_numbers("--margin", margins, what="a margin", such_as="0.05, or NAME=0.05 of one suite")
    if "" in single:
        given["margin"] = single.pop("")
    before, after = rejudge(folder, given, single)
    if "margin" in given and (own := _with_margins_of_their_own(after)):
        wide = given.pop("margin")
        theirs = "has a margin of its own" if len(own) == 1 else "have margins of their own"
        console.print(
            f"[yellow]![/] --margin {wide:g} changes nothing here, as {escape(listed(own))} {theirs}. Name the suite: "
            f"--margin {escape(next((suite for suite in own if suite not in single), own[0]))}={wide:g}",
            highlight=False,
            soft_wrap=True,
        )
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


def _with_margins_of_their_own(verdict: Verdict) -> list[str]:
    """Return the retention suites where all have margins of their own, so that nothing goes by the one of the rest."""
    gate = verdict.gate
    if verdict.champion is not None and gate.champion == "not-worse":
        return []  # what the domain may lose beside the champion goes by it, too
    asked = [one.suite for one in verdict.retention]
    suites = [*asked, *(one.suite for one in verdict.skipped if one.role == "retention" and one.suite not in asked)]
    return suites if all(suite in gate.margins for suite in suites) else []
