"""Retention suites of which the base has so little that to lose it all is allowed: they pass whatever is forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from evals.units import most_to_lose

if TYPE_CHECKING:
    from collections.abc import Mapping

    from evals.gate import Gate
    from evals.units import Unit


def nothing_to_lose(
    scores: pl.DataFrame, gate: Gate, units: Mapping[str, Unit], *, baseline: str = "base"
) -> dict[str, float]:
    """Return the base's mean score on every retention suite where it is no more than the margin, by name.

    Scores from 0 to 1 can fall by that mean and no further. Of those that have no such end nothing is told.

    Parameters
    ----------
    scores
        Schema `evals.items.SCORES`, of the base model.
    gate
        Its margins, with the suites' own.
    units
        Units of the suites' scores, by name.
    baseline
        The base model, as the column `model` names it.
    """
    rows = scores.filter(model=baseline, role="retention")
    means = rows.group_by("suite", maintain_order=True).agg(pl.col("score").mean())
    return {
        suite: mean
        for suite, mean in means.iter_rows()
        if most_to_lose(units.get(suite, "score")) is not None and mean <= gate.margins.get(suite, gate.margin)
    }


def told(suite: str, mean: str, margin: str) -> str:
    """Say of such a suite, with the base's mean and the margin as a reader is shown them, what it proves."""
    return (
        f"{suite}: the base scores {mean} and may lose {margin}, so that this suite passes whatever is forgotten; ask "
        "what the base knows, or allow less"
    )
