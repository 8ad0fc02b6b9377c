"""The gate: from which gain, and up to which loss, an adapter ships."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from evals.units import Unit

NOISE = 1e-3
"""Bits per byte by which rounding alone may move a suite's mean: bfloat16 keeps two to three digits, and sums depend on
which items are read together. That is no chance that more items would even out: it may be the same on every item, so
that intervals, which know only of chance, would call it a sure gain."""


class Gate(BaseModel):
    """When an adapter ships."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    min_gain: float = Field(
        default=0.0,
        ge=0,
        description="The domain must gain more than this (bits per byte; without a suite in those, the unit of the "
        "domain's other scores, from 0 to 1). In bits per byte no gain below 0.001 ships, which rounding may bring.",
    )
    gain: Literal["together", "each", "any"] = Field(
        default="together",
        description="Where the domain has several suites of one unit: whether it must gain on all items together, "
        "on each suite, or on any of them (at Holm's levels).",
    )
    margin: float = Field(
        default=0.02,
        gt=0,
        description="Loss allowed on each retention suite that names no margin of its own (unit of its scores: bits "
        "per byte; share right for multiple choice; 0 to 1 for what the model writes).",
    )
    margins: dict[str, Annotated[float, Field(gt=0)]] = Field(
        default={}, description="Loss allowed on single retention suites, by name (same units as margin)."
    )
    alpha: float = Field(default=0.05, gt=0, lt=0.5, description="Chance of a wrong pass at the line (0 to 0.5).")
    power: float = Field(
        default=0.8, gt=0.5, lt=1, description="Chance of a right pass that item counts aim at (0.5 to 1)."
    )
    knowledge: float = Field(
        default=0.05,
        gt=0,
        lt=1,
        description="Gain on the domain's multiple choice below which a gain in bits per byte counts as one of format "
        "(share right). It decides nothing.",
    )
    preflight: Literal["warn", "stop"] = Field(
        default="warn",
        description="What to do before training where a suite is too small to see its margin: warn, or stop.",
    )
    champion: Literal["better", "not-worse"] = Field(
        default="better",
        description="What a candidate must show beside the champion, where there is one: that the domain gains on it "
        "(better), or loses less than margin (not-worse). Either way each retention suite must lose less than its "
        "margin.",
    )
    examine: Literal["until-decided", "whole"] = Field(
        default="until-decided",
        description="How far a candidate sits the exam: until-decided leaves out what can't change the verdict any "
        "more, whole asks every item.",
    )
    looks: int = Field(
        default=4,
        ge=1,
        le=20,
        description="How often a retention suite may be looked at while it is asked, at O'Brien and Fleming's levels, "
        "to stop once it surely loses too much (looks; of about 50 source documents each at the least, so smaller "
        "suites are looked at less often); 1 for at its end alone.",
    )
    repair: bool = Field(
        default=True,
        description="Whether a candidate that gains and forgets too much is tried again with its adapter turned down "
        "(true or false; of a run that trains).",
    )
    repair_scales: tuple[Annotated[float, Field(gt=0, lt=1)], ...] = Field(
        default=(0.75, 0.5, 0.25),
        min_length=1,
        description="What the adapter is multiplied by then, tried from the largest down (0 to 1).",
    )

    def least_gain(self, unit: Unit) -> float:
        """Return what a gain's lower bound must exceed to pass: `min_gain`, and in bits per byte what rounding brings.

        A base beside itself in other batches gains some 1e-5 bits per byte, alike on all items, and would ship at
        `min_gain` 0. A gain that surely lies between 0 and `NOISE` is none that anybody could show again: it is left
        undecided, and told. `winnow calibrate` measures the model's own noise, and advises a `min_gain` where that is
        more. Lines below 0 (beside a champion, what may be lost) stay as they are, and so do units in which rounding
        turns single answers over, which is chance.
        """
        return max(self.min_gain, NOISE) if unit == "bits per byte" and self.min_gain >= 0 else self.min_gain

    def most_lack(self, unit: Unit) -> float:
        """Return what a gain's upper bound must lie below to fail: `min_gain`, in bits per byte less some rounding.

        Rounding has no side: a base beside itself must not be rejected where it loses some 1e-5 on all items, and left
        undecided where it gains as much.
        """
        return self.min_gain - NOISE if self.min_gain < self.least_gain(unit) else self.min_gain

    def beside(self, own: Mapping[str, float]) -> Gate:
        """Return the gate with the suites' own margins, where it names none for them."""
        return self.model_copy(update={"margins": {**own, **self.margins}}) if own else self
