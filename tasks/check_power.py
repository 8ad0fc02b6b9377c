"""Tell before training which losses the exam is too small to see."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from evals.floors import nothing_to_lose
from evals.floors import told as floored
from evals.foresight import Foresight, foresee
from evals.power import LEAST_CLUSTERS
from evals.unharmed import foreseen
from evals.units import Unit
from evals.verdict import Gate
from tasks import cards, run_settings, runs, store
from tasks.caching import step
from tasks.earlier_spreads import earlier_spreads
from tasks.examine import Scores
from tasks.reporting.text import counted
from tasks.training.settings import Tune

_EARLIER = "the spread of an earlier candidate of these settings of tune"


class Underpowered(ValueError):
    """The exam is too small for the margins of the gate, and the recipe wants that to stop the run."""


@step(name="check_power", cached=False)
def check_power(before: Scores, gate: Gate) -> tuple[Foresight, ...]:
    """Say what the exam can see, from the base's scores; `gate.preflight: stop` doesn't train where that is too little.

    Raises
    ------
    Underpowered
        With every suite that is too small for its margin, and how many items would do.
    """
    scores = store.read_table(before.scores)
    run = runs.current()
    earlier = earlier_spreads(run.name, scores, run_settings.of_training(run.folder, "tune", Tune)) if run else {}
    gate = gate.beside(before.margins)
    told = foresee(scores, gate, earlier, units=before.units)
    cards.table("power", [_row(one) for one in told], "What the exam can see")
    blind = [_sentence(one) for one in told if one.blind]
    together = foreseen(told)
    sentence = f"{together.sentence}. " if together else ""
    if blind and gate.preflight == "stop":
        raise Underpowered(
            f"The exam is too small for the gate: {'; '.join(blind)}. {sentence}Raise exam.retention_items, allow more "
            "with gate.margins, or set gate.preflight: warn to train all the same."
        )
    for one in (*blind, *passes_anyway(scores, gate, before.units)):
        cards.warn(one)
    if not blind:
        seen = ", ".join(f"{one.suite} {_amount(one.detectable, one)}" for one in told)
        cards.say(f"least change that the exam sees: {seen}" if seen else "nothing to tell")
    if known := [one.suite for one in told if one.measured and not one.blind]:
        cards.say(f"{', '.join(known)}: by {_EARLIER}")
    if sentence:
        cards.say(sentence.strip())
    return told


def passes_anyway(scores: pl.DataFrame, gate: Gate, units: Mapping[str, Unit]) -> list[str]:
    """Return a sentence for every retention suite on which the base has no more to lose than the margin allows."""
    found = nothing_to_lose(scores, gate, units)
    return [
        floored(suite, _score(mean, units[suite]), _score(gate.margins.get(suite, gate.margin), units[suite]))
        for suite, mean in found.items()
    ]


def _sentence(one: Foresight) -> str:
    spread = f"by {_EARLIER}" if one.measured else "by a usual spread"
    if one.detectable is None:
        return (
            f"{one.suite}: {counted(one.n, 'item')} of {counted(one.clusters, 'source document')} cannot "
            f"see any loss; items of {LEAST_CLUSTERS} that hold as many each are the least that could"
        )
    return (
        f"{one.suite}: {counted(one.n, 'item')} cannot see a loss of {_amount(one.margin, one)}, only one "
        f"of {_amount(one.detectable, one)}; about {one.items_needed or 0:,} items could ({spread})"
    )


def _amount(value: float | None, one: Foresight) -> str:
    if value is None:
        return "nothing"
    return _score(value, one.unit)


def _score(value: float, unit: Unit) -> str:
    return f"{100 * value:.1f} points" if unit in ("share right", "exact match") else f"{value:.3f} {unit}"


def _row(one: Foresight) -> dict[str, object]:
    return {
        "suite": one.suite,
        "items (clusters)": f"{one.n:,} ({one.clusters:,})",
        "loss allowed": "–" if one.margin is None else _amount(one.margin, one),
        "least seen": _amount(one.detectable, one),
        "items needed": "–" if one.items_needed is None else f"{one.items_needed:,}",
        "unharmed passes": "–" if one.unharmed is None else f"{one.unharmed:.0%}",
        "spread": "an earlier candidate's" if one.measured else "assumed",
    }
