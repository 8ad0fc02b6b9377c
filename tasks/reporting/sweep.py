"""A sweep as a page, and as an artifact of Prefect: the picture, and every trial in a table."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from tasks.reporting import charts, palette
from tasks.reporting.comparisons import Unit, number
from tasks.reporting.markdown import escape, image, row
from tasks.reporting.page import drawn, filled

NATS = Unit("nats per token", "nats/token", 1.0, 3)

TRIALS: dict[str, pl.DataType] = {
    "number": pl.UInt32(),
    "trial": pl.String(),
    "method": pl.String(),
    "rank": pl.UInt32(),
    "learning_rate": pl.Float64(),
    "replay": pl.Float64(),
    "rung": pl.UInt32(),
    "full_length": pl.Boolean(),
    "token_budget": pl.UInt64(),
    "tokens": pl.UInt64(),
    "seconds": pl.Float64(),
    "scale": pl.Float64(),
    "gain": pl.Float64(),
    "gain_lower": pl.Float64(),
    "gain_upper": pl.Float64(),
    "forgotten": pl.Float64(),
    "forgotten_lower": pl.Float64(),
    "forgotten_upper": pl.Float64(),
    "on_front": pl.Boolean(),
    "winner": pl.Boolean(),
    "behind": pl.Float64(),
    "behind_lower": pl.Float64(),
    "behind_upper": pl.Float64(),
    "within_noise": pl.Boolean(),
    "diverged": pl.String(),
}
"""One line per trial and rung, from the best to the worst of each rung, the last rung first.

`gain` is how far the loss of validation rows fell below the base's, `forgotten` how far that of general text rose
(nats per token), `behind` how much more the winner gains; each with the bounds of its interval. `on_front`: no other
trial of any rung beats it in both. `within_noise`: the interval of `behind` holds 0. `scale` is what the adapter was
turned down to.
"""


@dataclass(frozen=True)
class SweepEvidence:
    """What the page shows."""

    name: str
    run_id: str
    started: datetime
    seconds: float
    reason: str
    doubts: tuple[str, ...]
    trials: pl.DataFrame
    budget: float | None
    confidence: str
    facts: dict[str, Any]
    recipe: str


def render(evidence: SweepEvidence) -> str:
    """Return the page as a whole HTML document; every value is escaped, as in a run's report."""
    trials = evidence.trials
    words = f"{trials['gain'].drop_nulls().len():,} trials, {trials['on_front'].sum():,} of them on the front"
    chart = drawn("pareto", lambda width: charts.pareto_chart(trials, evidence.budget, width), words)
    return filled(
        "sweep.html.j2",
        evidence=evidence,
        picture_of=chart,
        rows=list(map(_shown, trials.iter_rows(named=True))),
    )


def sweep_markdown(evidence: SweepEvidence) -> str:
    """Return the winner, the picture and the table."""
    picture = charts.png(charts.pareto_chart(evidence.trials, evidence.budget, palette.WIDE), 1.5)
    shown = map(_shown, evidence.trials.iter_rows(named=True))
    lines = [
        f"# {escape(evidence.reason, 600)}",
        *(f"\n{escape(doubt, 400)}" for doubt in evidence.doubts),
        "",
        image("Gain against what is forgotten", picture),
        "",
        "| no. | trial | gain | forgotten | less than the winner | front | tokens | scale |",
        "|--:|---|--:|--:|--:|---|--:|--:|",
        *(
            row(
                one["number"], one["trial"], *(" ".join(one[key]) for key in ("gain", "forgotten", "behind")),
                one["front"], one["tokens"], one["scale"],
            )
            for one in shown
        ),
        "",
        f"Each end of an interval holds with {evidence.confidence} confidence. The exam was not asked.",
    ]  # fmt: skip
    return "\n".join([*lines, ""])


def _shown(one: dict[str, Any]) -> dict[str, Any]:
    """Write a line of the table as a person reads it; estimates as their parts: the mean, its interval, a word."""
    front = "winner" if one["winner"] else "front" if one["on_front"] else ""
    noise = ("within noise",) if one["within_noise"] else ()
    return {
        "number": str(one["number"]),
        "trial": one["trial"],
        "gain": (one["diverged"],) if one["diverged"] else _estimate(one, "gain"),
        "forgotten": ("",) if one["diverged"] else _estimate(one, "forgotten"),
        "behind": ("",) if one["diverged"] or one["winner"] else (*_estimate(one, "behind"), *noise),
        "front": front,
        "tokens": f"{one['tokens']:,}" if one["tokens"] is not None else "–",
        "scale": "–" if one["scale"] is None else f"{one['scale']:g}",
    }


def _estimate(one: dict[str, Any], what: str) -> tuple[str, str]:
    mean, low, high = (number(one[key], NATS, signed=True) for key in (what, f"{what}_lower", f"{what}_upper"))
    return mean, f"[{low}, {high}]"
