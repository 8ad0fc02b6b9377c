"""Show whoever decides on a promotion what the run found."""

from collections.abc import Iterator, Sequence
from datetime import UTC
from pathlib import Path

from prefect.client.orchestration import get_client
from prefect.runtime import flow_run
from pydantic import BaseModel, ConfigDict

from evals.verdict import Verdict
from tasks import cards, champions, declined, promotion, run_files, runs, superseded
from tasks.caching import step
from tasks.reporting import charts, palette
from tasks.reporting.comparisons import Comparison, of_verdict
from tasks.reporting.markdown import MARKS, escape, image
from tasks.reporting.text import listed


class Candidate(BaseModel):
    """A run that may be promoted, and what is said of it."""

    model_config = ConfigDict(frozen=True)

    run: str
    told: str


@step(name="find_candidate", cached=False)
def find_candidate(name: str, run: str | None) -> str:
    """Return the id of the run to decide on, the newest that was judged if none is named.

    The flow run's parameters name it from then on. One that waited for a person begins anew, and goes on with the run
    that the person saw, whatever was made, or which version of winnow installed, meanwhile.

    Raises
    ------
    ValueError
        When there is no such run.
    """
    found = runs.find(run or name, holding="verdict.json").name
    if found != run:
        with get_client(sync_client=True) as client:
            client.update_flow_run(flow_run.id, parameters=flow_run.parameters | {"run": found})
    return found


@step(name="show_evidence", beside=lambda: flow_run.id)
def show_evidence(name: str, run: str) -> Candidate:
    """Show a run's verdict, and return it as Markdown. It is shown once in a flow run.

    Raises
    ------
    ValueError
        When there is no such run.
    NotPromotable
        When it can't be promoted, whatever the person says.
    """
    folder = runs.find(run, holding="verdict.json")
    promotion.ensure_promotable(folder, name)
    verdict = run_files.verdict(folder)
    if verdict is None:
        raise runs.DamagedRun(folder / "verdict.json", "is missing")
    told = _told(name, folder, verdict)
    cards.markdown("evidence", told, f"Should {folder.name} become the champion of {name}?")
    cards.say(f"{folder.name}: {verdict.decision}: {verdict.reason}")
    return Candidate(run=folder.name, told=told)


def _told(name: str, folder: Path, verdict: Verdict) -> str:
    run, champion, judged = folder.name, champions.current(name), of_verdict(verdict.model_dump(mode="json"))
    if champion is None:
        instead = "It would be the first champion."
    elif promotion.is_champion(folder, name):
        instead = f"Its adapter is the champion already, by {champion.run}: promote changes nothing."
    else:
        instead = f"It would take the place of {champion.run}."
    lines = [
        # What a form shows of it before it is scrolled is a hand high: first of all what decides.
        f"**Should {escape(run)} become the champion of {escape(name)}?** {escape(instead, 400)}",
        "",
        f"**{verdict.decision}**: {escape(verdict.reason, 600)}",
        *_declined(name, run),
        *_beside(superseded.asked_about(name, run)),
        "",
        *map(_line, judged),
        "",
        image("Gain against forgetting", charts.png(charts.forest_chart(judged, palette.WIDE), 1.5)),
        "",
        f"The whole report: `runs/{run}/report.html` in the home",
    ]
    return "\n".join([*lines, ""])


def _declined(name: str, run: str) -> Iterator[str]:
    """Tell who declined this run last, and why; a list that can't be read keeps nobody from deciding."""
    try:
        before = [one for one in declined.of(name) if one.run == run]
    except champions.LedgerError as error:
        cards.warn(str(error))
        return
    if before:
        last, more = before[-1], f" ({len(before) - 1:,} declined it before that)" if len(before) > 1 else ""
        who, when = last.who.strip() or "Somebody", f"{last.when.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        yield from ("", f"{escape(who, 100)} declined it on {when}: {escape(last.why, 400)}{more}")


def _beside(others: Sequence[str]) -> Iterator[str]:
    """Tell which other runs are asked about: a champion made by one form leaves nothing to decide to the others."""
    if others:
        forms = "Another form asks" if len(others) == 1 else f"{len(others):,} other forms ask"
        yield from (
            "",
            f"{forms}, too, about {escape(listed(others), 400)}: promote one, and the others end undecided.",
        )


def _line(one: Comparison) -> str:
    """Tell a suite in a line, which a narrow form can wrap; a table it would cut."""
    line = f"; must exceed {one.must_exceed}" if one.line is not None else ""
    told = f"{one.difference} {one.interval} {one.unit.short}{line}"
    return f"- {MARKS.get(one.status, one.status)} · **{escape(one.suite)}** ({one.part}): {escape(told)}"
