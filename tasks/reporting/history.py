"""The history of a recipe as a page and as an artifact of Prefect, and a page that tells where all recipes stand."""

from collections.abc import Mapping, Sequence
from datetime import UTC
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from tasks.outcome import OF_DECISION
from tasks.reporting import charts, palette, wording
from tasks.reporting.comparisons import PLAIN, UNITS, number
from tasks.reporting.markdown import escape, image, row
from tasks.reporting.page import drawn, filled
from tasks.reporting.text import counted

if TYPE_CHECKING:
    from tasks.run_history import Change, History, Record, Standing

_MOST = 60  # runs in the picture
TONES: dict[str, palette.Tone] = {
    **{state: palette.TONES[decision] for decision, state in OF_DECISION.items()},
    **dict.fromkeys(("Failed", "Crashed"), "undecided"),
}
_ENDED = {"Failed": "failed", "Crashed": "crashed", "Cancelled": "was cancelled"}


def render(history: "History") -> str:
    """Return the page as a whole HTML document; every value is escaped, as in a run's report."""
    judged = [one for one in history.records if one.gain is not None]
    words = f"gain and worst retention of the newest {min(len(judged), _MOST)} of {counted(len(judged), 'judged run')}"
    chart = (
        drawn("history", lambda width: charts.timeline_chart(points(judged[-_MOST:]), width), words) if judged else None
    )
    return filled(
        "history.html.j2",
        history=history,
        picture_of=chart,
        headline=headline(history),
        decisions=_decisions(history),
        rows=[shown(one) for one in reversed(history.records)],
    )


def render_overview(standings: "Sequence[Standing]", pages: Mapping[str, str], passed_over: Sequence[str] = ()) -> str:
    """Return the page of all recipes.

    Parameters
    ----------
    pages
        Where the page of each recipe lies, as a link from this one.
    passed_over
        Which runs can't be told of, and why.
    """
    return filled(
        "overview.html.j2",
        headline=overview_headline(standings),
        rows=[_stands(one, pages[one.name]) for one in standings],
        passed_over=passed_over,
    )


def overview_headline(standings: "Sequence[Standing]") -> str:
    """Say in a sentence what there is."""
    runs = counted(sum(one.runs for one in standings), "run")
    serving = sum(one.champion is not None for one in standings)
    champions = f"{serving:,} of them with a champion" if serving else "and no champion yet"
    return f"{runs} of {counted(len(standings), 'recipe')}, {champions}."


def _stands(one: "Standing", page: str) -> dict[str, Any]:
    """Write where a recipe stands as a person reads it."""
    last, judged = shown(one.last), None if one.judged is None else shown(one.judged)
    told = "none yet" if one.champion is None else f"{one.champion.run}, since {one.champion.when:%-d %b %Y}"
    changes = {key: Cell("–") if judged is None else judged[key] for key in ("gain", "worst", "since")}
    return {
        "name": one.name,
        "page": page,
        "runs": f"{one.runs:,}",
        "champion": one.ledger_damaged or told,
        **{key: last[key] for key in ("when", "state", "tone", "reason", "run")},
        **changes,
    }


def history_markdown(history: "History") -> str:
    """Return the headline, the picture and the table, the newest run first."""
    judged = [one for one in history.records if one.gain is not None]
    picture = charts.png(charts.timeline_chart(points(judged[-_MOST:]), palette.WIDE), 1.5) if judged else None
    lines = [
        f"# {escape(headline(history), 400)}",
        "",
        *([image("Gain and worst retention, run by run", picture), ""] if picture else []),
        "| run | ended as | rows kept | tokens | gain | worst retention | since the original base | took | |",
        "|---|---|--:|--:|--:|--:|--:|--:|---|",
        *(
            row(
                one["run"], one["state"], one["rows"], one["tokens"], str(one["gain"]), str(one["worst"]),
                str(one["since"]), one["took"], one["mark"],
            )
            for one in map(shown, reversed(history.records))
        ),
    ]  # fmt: skip
    said = [told for told in (unfinished(history), *history.passed_over) if told]
    lost = [line for told in said for line in ("", escape(told, 600))]
    return "\n".join([*lines, *lost, ""])


def points(records: "list[Record]") -> list[charts.Point]:
    """Return what the picture draws: a point for each run's gain, and one for its worst retention suite."""
    labels = _days(records)
    return [
        charts.Point(
            place=place,
            panel=f"{panel}, {(unit := UNITS.get(change.unit, PLAIN)).name}",
            label=labels[place],
            mean=change.mean * unit.scale,
            low=change.lower * unit.scale,
            high=change.upper * unit.scale,
            line=None if change.line is None else change.line * unit.scale,
            tone=TONES.get(one.state, "neutral"),
            promoted=one.mark in ("champion", "earlier champion", "rolled back"),
        )
        for panel, found in (("domain gain over the base", "gain"), ("worst retention suite", "worst"))
        for place, one in enumerate(records)
        if (change := getattr(one, found)) is not None
    ]


def _days(records: "list[Record]") -> list[str]:
    """Name the day of each run, and the hour of one whose day the run before it has named."""
    at = [one.started.astimezone(UTC) for one in records]
    again = [False, *(one.date() == before.date() for before, one in pairwise(at))]
    return [f"{one:%H:%M}" if named else f"{one:%-d %b}" for one, named in zip(at, again, strict=False)]


def headline(history: "History") -> str:
    """Say in a sentence where a recipe stands."""
    runs = f"{counted(len(history.records), 'run')} of {history.name}{_lost(history)}"
    if history.ledger_damaged:
        return f"{runs}; its champions can't be told: {history.ledger_damaged}"
    if history.champion is None:
        return f"{runs}, and no champion yet."
    promoted = counted(sum(one.action == "promoted" for one in history.entries), "promotion")
    since = f"{history.champion.when:%-d %B %Y}"
    return f"{runs} and {promoted}; the champion is {history.champion.run}, since {since}."


def _lost(history: "History") -> str:
    """Count the runs that came to no end, in brackets."""
    states = [one.state for one in history.records]
    lost = [f"{count:,} {state.lower()}" for state in _ENDED if (count := states.count(state))]
    return f" ({', '.join(lost)})" if lost else ""


def unfinished(history: "History") -> str:
    """Say why the newest run came to no end; nothing where it did."""
    last = history.records[-1]
    return f"The newest run, {last.run}, {_ENDED[last.state]}: {last.reason}" if last.state in _ENDED else ""


def _decisions(history: "History") -> list[dict[str, Any]]:
    """Return every promotion, rollback and decline, the newest first."""
    found = [
        *(one.model_dump(include={"action", "run", "when", "why", "who"}) for one in history.entries),
        *(one.model_dump() | {"action": "declined"} for one in history.declined),
    ]
    return sorted(found, key=lambda one: one["when"])[::-1]


class Cell(NamedTuple):
    """A change: its mean, and what it surely is."""

    what: str
    least: str = ""

    def __str__(self) -> str:
        """Return it in one line."""
        return f"{self.what} ({self.least})" if self.least else self.what


def shown(one: "Record") -> dict[str, Any]:
    """Write a run as a person reads it."""
    return {
        "run": one.run,
        "when": f"{one.started.astimezone(UTC):%-d %b %Y, %H:%M} UTC",
        "state": one.state,
        "tone": TONES.get(one.state, "neutral"),
        "reason": one.damaged or one.reason,
        "rows": "–" if one.kept is None else f"{one.kept:,}" + (f" of {one.rows:,}" if one.rows else ""),
        "tokens": "–"
        if one.tokens is None
        else f"{one.tokens:,}" + ("" if one.scale is None else f" at ×{one.scale:g}"),
        "gain": _change(one.gain),
        "worst": _change(one.worst, named=True),
        "since": Cell("the same") if one.since and one.since == one.worst else _change(one.since, named=True),
        "took": "–" if one.seconds is None else wording.duration(one.seconds),
        "mark": one.mark,
    }


def _change(found: "Change | None", *, named: bool = False) -> Cell:
    if found is None:
        return Cell("–")
    unit = UNITS.get(found.unit, PLAIN)
    mean, low = (number(value * unit.scale, unit, signed=True) for value in (found.mean, found.lower))
    return Cell(f"{found.suite} {mean}" if named else mean, f"at least {low}")
