"""The shapes that an ablation's page shows: arms, differences between them, slices; plain data, ready to be written."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

_INTERVAL: dict[str, pl.DataType] = {"mean": pl.Float64(), "lower": pl.Float64(), "upper": pl.Float64()}

ARMS: dict[str, pl.DataType] = {
    "arm": pl.String(), "kind": pl.String(), "about": pl.String(), "rows": pl.Float64(), "tokens": pl.Float64(),
    "tokens_seen": pl.UInt64(), "replayed": pl.UInt64(), "trainings": pl.UInt32(), "diverged": pl.UInt32(),
    "seconds": pl.Float64(), "same_as_curated": pl.Boolean(),
    **{f"gain_{end}": kind for end, kind in _INTERVAL.items()}, "gain_by_seeds": pl.Float64(),
    **{f"kept_{end}": kind for end, kind in _INTERVAL.items()},
}  # fmt: skip
"""One line per arm.

`kind` is curated, control, without (a stage), share or slice; `rows`, and `tokens` of what they say, are means over the
seeds that it was trained with, or over all before any was; `tokens_seen` is what a training came to see, which ends
before the row that the budget has no room for (a mean over seeds, and the budget before any was trained), `replayed`
the general text among them, `seconds` what all took. `gain` is the change over the base on the domain, `kept` on what
must not be forgotten (below zero is forgotten), both with the ends of their intervals; `gain_by_seeds` is the standard
deviation of the mean gain that comes of seeds alone.
"""

EPOCHS = (pl.col("tokens_seen") - pl.col("replayed")) / pl.max_horizontal(pl.col("tokens"), 1.0)
"""How often what an arm's rows say was seen."""

DIFFERENCES: dict[str, pl.DataType] = {
    "arm": pl.String(), "control": pl.String(), "suite": pl.String(), "role": pl.String(), "unit": pl.String(),
    "judged": pl.Boolean(), **_INTERVAL, "by_seeds": pl.Float64(), "p": pl.Float64(), "sure": pl.Boolean(),
    "margin": pl.Float64(), "n": pl.UInt32(), "clusters": pl.UInt32(), "trainings": pl.UInt32(),
    "control_trainings": pl.UInt32(),
}  # fmt: skip
"""Arm minus control; above zero the arm is better.

`judged` lines put together the suites that are told as one number, the others are of one suite each. `p` is two-sided;
`sure` is that it is more than rounding may bring, and more than a few documents agree on, at Holm's levels among the
stages, and among the slices, on domain and retention together. Beside `base` there is the curated arm alone, on each
suite of retention. `margin` is the loss that the gate allows.
"""


@dataclass(frozen=True)
class SliceShown:
    """A cluster of the training set, and prompts and answers nearest to its middle; `arm` was trained without it."""

    number: int
    arm: str
    rows: int
    tokens: int
    samples: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class DividendEvidence:
    """What the page shows.

    `kept` is the curated arm beside the base on each suite of what must be kept; `alpha` gives the level of intervals,
    1 − alpha; `token_budget` is that of an arm that is no share and no slice.
    """

    name: str
    run_id: str
    started: datetime
    seconds: float
    arms: pl.DataFrame
    dividends: pl.DataFrame
    kept: pl.DataFrame
    stages: pl.DataFrame
    slices: pl.DataFrame
    slices_shown: tuple[SliceShown, ...]
    gain_unit: str
    kept_unit: str | None
    alpha: float
    token_budget: int
    left_out: int
    facts: dict[str, Any]
    command: str
    recipe: str
