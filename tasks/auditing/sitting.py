"""Let a candidate sit the exam again by the scores that were kept: what it had to be asked, and what comes of it."""

from collections.abc import Collection, Mapping, Sequence

import polars as pl

from evals.champion import Predecessor, judge
from evals.sitting import Sitting, sit_until_decided
from evals.units import Unit
from evals.verdict import Gate, Verdict


def again(
    scores: pl.DataFrame,
    exam: pl.DataFrame,
    gate: Gate,
    *,
    candidate: str = "candidate",
    unsure: Collection[str] = (),
    predecessors: Sequence[Predecessor] = (),
    units: Mapping[str, Unit] | None = None,
) -> tuple[Sitting, Verdict]:
    """Return how far the gate asks the candidate, and the verdict on that.

    Raises
    ------
    ScoresError
        If scores that this takes are missing, or can't be compared.
    """

    def judged(sitting: Sitting) -> Verdict:
        return judge(
            scores,
            gate,
            candidate=candidate,
            unsure=unsure,
            predecessors=predecessors,
            units=units,
            sitting=sitting,
        )

    sitting = sit_until_decided(exam, gate, lambda _: None, judged, units=units)
    return sitting, judged(sitting)
