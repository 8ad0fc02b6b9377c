"""Repair a candidate that gains and forgets too much: turn its adapter's scale down until it forgets little enough.

LoRA is linear in its scale, so that half of it is half of the change to every weight, and nothing is trained again. The
scale is chosen on validation items, of which none is an exam item, and the exam is sat once more with that scale alone.

What that does to errors: the run looks at the exam twice, at scale 1 and at the scale chosen. Each of the two ships
only if all its lower bounds clear their lines at level α, whatever led to its being looked at, and so either one is
shipped wrongly with a chance of at most α. That the run ships wrongly *at all* is then at most 2α, and less since the
two are scored on the same items. The choice adds nothing to it: it knows nothing of the exam's scores but that scale 1
failed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from evals.judging import judge
from evals.obstacles import obstacle
from evals.unrepaired import Unrepaired
from evals.verdict import Unexamined, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from evals.units import Unit
    from evals.verdict import Gate

UNSCALED = 1.0


class Look(BaseModel):
    """What a candidate at some scale was found to be on the validation items."""

    model_config = ConfigDict(frozen=True)

    scale: float = Field(description="What the adapter's change is multiplied by (0 to 1).")
    verdict: Verdict = Field(description="The gate's verdict on the validation items; it only chooses the scale.")


class Repair(BaseModel):
    """How a repair went: every scale tried on validation, and both looks at the exam."""

    model_config = ConfigDict(frozen=True)

    unscaled: Verdict = Field(description="The exam's verdict on the adapter as it was trained.")
    unvalidated: tuple[Unexamined, ...] = Field(
        default=(), description="Suites with too few validation items; the others chose the scale."
    )
    validation: tuple[Look, ...] = Field(default=(), description="Looks at the validation items, largest scale first.")
    scale: float | None = Field(default=None, description="The largest scale that passed them; none where none did.")
    scaled: Verdict | None = Field(default=None, description="The exam's verdict on the candidate at that scale.")

    @property
    def accepted(self) -> bool:
        """Whether the exam accepts the candidate at the scale chosen."""
        return self.scaled is not None and self.scaled.decision == "SHIP"

    @property
    def verdict(self) -> Verdict:
        """The verdict on what ships, or on the adapter as it was trained where the repair didn't help, and why not."""
        if self.scaled is None or self.scale is None or not self.accepted:
            return self.unscaled.model_copy(update={"unrepaired": self.unrepaired})
        return at_scale(self.scaled, self.scale)

    @property
    def sentence(self) -> str:
        """How it went, in one line."""
        if self.accepted and self.scale is not None:
            was = f"{self.unscaled.decision}: {self.unscaled.reason}"
            return f"repaired at scale {self.scale:g}; as it was trained (scale 1), the exam says {was}"
        return self.unrepaired.sentence if self.unrepaired else ""

    @property
    def unrepaired(self) -> Unrepaired | None:
        """Why no scale ships; None where one does, and as long as nothing was tried."""
        if self.accepted:
            return None
        if self.scaled is not None and self.scale is not None:
            told = f"no repair: scale {self.scale:g} passes on validation items, but the exam says {self.scaled.reason}"
            return Unrepaired(why="exam_refuses", sentence=told)
        if self.validation:
            tried, last = ", ".join(f"{look.scale:g}" for look in self.validation), self.validation[-1]
            told = f"no repair: of the scales tried on validation items ({tried}) none passes"
            nearest = f"at {last.scale:g}, {last.verdict.decision}: {last.verdict.reason}"
            return Unrepaired(why="no_scale_passes", sentence=f"{told}; {nearest}")
        if self.unvalidated:
            told = f"no repair was tried, because {self.unvalidated[0].reason}"
            return Unrepaired(why="no_validation_items", sentence=told)
        return None


def needs_repair(verdict: Verdict, gate: Gate) -> bool:
    """Tell whether turning down the scale may help: every gain passes, and some retention suite does not.

    That is asked of every comparison (`evals.obstacles.obstacle`). Where one of them could not be made, nothing can
    ship, and nothing is tried. The scale itself is chosen beside the base alone.

    Undecided suites count as well as failed ones. A smaller change spreads less, so that the items there may show of it
    what they can't of the whole one; and nothing would ship otherwise. A suite that no scale can pass (of too few
    documents, or all of whose differences are equal) leaves nothing to repair.
    """
    return gate.repair and verdict.decision != "SHIP" and obstacle(verdict) is None


def explained(verdict: Verdict, gate: Gate, untried: Unrepaired | None = None) -> Verdict:
    """Say in a verdict why the candidate was not repaired, where the gate asks for that and nothing was tried.

    Parameters
    ----------
    verdict
        On the adapter as it was trained.
    gate
        Whether a repair is asked for.
    untried
        The reason where a smaller scale might help and was not tried all the same; one in the verdict comes first.
    """
    if not gate.repair or verdict.decision == "SHIP":
        return verdict
    return verdict.model_copy(update={"unrepaired": obstacle(verdict) or untried})


def scales(gate: Gate) -> tuple[float, ...]:
    """Return the scales to try, largest first."""
    return tuple(sorted(set(gate.repair_scales), reverse=True))


def name_at(scale: float) -> str:
    """Return what the scores' column `model` calls a candidate at a scale.

    Examples
    --------
    >>> name_at(0.75)
    'candidate@0.75'
    """
    return f"candidate@{scale:g}"


def look(scores: pl.DataFrame, gate: Gate, scale: float, units: Mapping[str, Unit] | None = None) -> Look:
    """Judge a scale on validation items.

    Parameters
    ----------
    scores
        Schema `evals.items.SCORES`, of `base` and `name_at(scale)` on the same items.
    gate
        As of the exam; margins of suites that have no validation items are left aside.
    scale
        Of the candidate.
    units
        Units of the suites' scores, by name; see `evals.judging.judge`.
    """
    asked = set(scores.filter(role="retention")["suite"])
    margins = {suite: margin for suite, margin in gate.margins.items() if suite in asked}
    gate = gate.model_copy(update={"margins": margins})
    return Look(scale=scale, verdict=judge(scores, gate, candidate=name_at(scale), units=units))


def chosen(looks: Iterable[Look]) -> float | None:
    """Return the largest scale that passes on the validation items, or None."""
    return max((one.scale for one in looks if one.verdict.decision == "SHIP"), default=None)


def at_scale(verdict: Verdict, scale: float) -> Verdict:
    """Say in a verdict that it is on an adapter whose scale was turned down."""
    if scale == UNSCALED:
        return verdict
    shipped = verdict.decision == "SHIP"
    told = f"repaired at scale {scale:g}" if shipped else f"at scale {scale:g}"
    return _scaled(verdict, scale).model_copy(update={"reason": f"{told}: {verdict.reason}"})


def _scaled(verdict: Verdict, scale: float) -> Verdict:
    """Put the scale into a verdict and into those beside champion and original base, unsure items or not."""
    nested: dict[str, object] = {"scale": scale, "sure": verdict.sure and _scaled(verdict.sure, scale)}
    for name, one in (("champion", verdict.champion), ("original", verdict.original)):
        if one and one.verdict:
            nested[name] = one.model_copy(update={"verdict": _scaled(one.verdict, scale)})
    return verdict.model_copy(update=nested)
