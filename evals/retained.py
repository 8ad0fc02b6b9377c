"""What a candidate does to that which must be kept, apart from any gain: to choose by, before the exam is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from evals.comparing import pair_up
from evals.paired import paired

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from evals.units import Unit
    from evals.verdict import Gate


class Retained(NamedTuple):
    """How a retention suite changed from base to candidate, in the unit of its scores.

    Attributes
    ----------
    suite
        Its name.
    mean
        Mean change of its items.
    lower
        Lower bound of the change at the gate's level; None where its source documents are too few for one.
    line
        The change below which too much is lost.
    """

    suite: str
    mean: float
    lower: float | None
    line: float

    @property
    def kept(self) -> bool:
        """Whether it surely loses less than is allowed, or its mean does (`by_mean`); what is on the line does not."""
        return self.mean > self.line if self.lower is None or self.by_mean else self.lower > self.line

    @property
    def by_mean(self) -> bool:
        """Whether the items could not show that of a candidate that changes nothing, so that their mean tells it.

        Their bound is further from it than the line from 0.
        """
        return self.lower is None or self.mean - self.lower >= -self.line


def retained(
    scores: pl.DataFrame, gate: Gate, *, candidate: str, units: Mapping[str, Unit] | None = None
) -> tuple[Retained, ...]:
    """Compare a candidate with the base on retention suites alone, by the bounds that `evals.judging.judge` takes.

    Parameters
    ----------
    scores
        Schema `evals.items.SCORES`, of `base` and the candidate on the same items; other suites are left aside.
    gate
        Level and margins.
    candidate
        What the scores' column `model` calls it.
    units
        Units of the suites' scores, by name.

    Raises
    ------
    evals.comparing.ScoresError
        If the items are not paired, or a score is not finite.
    """
    return tuple(
        Retained(
            suite=pair.suite,
            mean=found.mean,
            lower=None if found.few else found.within(found.lower(gate.alpha)),
            line=-gate.margins.get(pair.suite, gate.margin),
        )
        for pair in pair_up(scores.filter(role="retention"), "base", candidate, units=units, graded=False)
        for found in [paired(pair.base, pair.candidate, pair.cluster, share=pair.share)]
    )
