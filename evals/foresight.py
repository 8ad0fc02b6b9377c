"""What an exam can see, told before anything is trained: from the base model's scores and the margins alone.

How far candidate and base will differ from item to item is not known yet. An earlier candidate on the same items tells
it best. Without one it is assumed: of graded scores, that differences spread by 15% of what the base's scores do
(a LoRA adapter of SmolLM2-135M on four suites: 4 to 13%), of right-or-wrong ones, that one item in ten changes (there:
6 of 60), and of answers in the model's own words, which may be others altogether, that differences spread as scores do
(which is so where scores correlate by one half; no adapter was measured). Clusters are assumed to matter for the
differences as they do for the base's scores.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from evals.comparing import pair_up
from evals.paired import Paired, paired
from evals.power import Spread, chance, detectable, required_items
from evals.units import Unit, judged_first, unit_of_scores

if TYPE_CHECKING:
    from collections.abc import Mapping

    from evals.verdict import Gate

_GRADED = 0.15
_WRITTEN = 1.0
_CHANGED = 0.1


class Foresight(BaseModel):
    """What the items of a suite will be able to tell."""

    model_config = ConfigDict(frozen=True)

    suite: str = Field(description="Name of the suite.")
    n: int = Field(description="Items.")
    clusters: int = Field(description="Source documents that the items come from.")
    binary: bool = Field(description="Whether scores are right or wrong.")
    margin: float | None = Field(description="Loss allowed (unit of the scores); none for the domain, which must gain.")
    detectable: float | None = Field(
        description="Smallest loss, or gain, that is told with the power of the gate; none where too few source "
        "documents count to decide anything."
    )
    items_needed: int | None = Field(description="Items with which the margin would be told; none for the domain.")
    unharmed: float | None = Field(
        default=None,
        description="Chance that a candidate which truly loses nothing passes (0 to 1); none for the domain.",
    )
    measured: bool = Field(description="Whether the spread of the differences is an earlier candidate's.")
    unit: Unit = Field(description="Unit of the scores.")

    @property
    def blind(self) -> bool:
        """Whether a candidate that loses nothing would probably not be told from one that loses the margin."""
        return self.margin is not None and (self.detectable is None or self.detectable > self.margin)


def foresee(
    scores: pl.DataFrame,
    gate: Gate,
    earlier: Mapping[str, Spread] | None = None,
    *,
    baseline: str = "base",
    units: Mapping[str, Unit] | None = None,
) -> tuple[Foresight, ...]:
    """Tell what the exam will see: the domain first, then each retention suite.

    Parameters
    ----------
    scores
        Schema `evals.items.SCORES`, of the base model.
    gate
        Margins, level and power.
    earlier
        Spreads of the differences on the same items, by suite, as of `spreads`.
    baseline
        The base model, as the column `model` names it.
    units
        Units of the suites' scores, by name; guessed from the scores where they are not told, as by
        `evals.judging.judge`.

    Returns
    -------
    tuple of Foresight
        Suites of equal scores, which have no spread, are left out.
    """
    rows = scores.filter(model=baseline)
    suites = rows.partition_by("suite", maintain_order=True)
    known = {
        name: (units or {}).get(name) or unit_of_scores(part["score"].to_numpy())
        for part in suites
        for name in [str(part["suite"][0])]
    }
    domain = [part for part in suites if part["role"][0] == "domain"]
    graded = judged_first(domain, [known[part["suite"][0]] for part in domain])
    judged = [*([pl.concat(graded)] if graded else []), *(part for part in suites if part["role"][0] == "retention")]
    told = (_foresee(part, gate, earlier or {}, known[part["suite"][0]]) for part in judged)
    return tuple(one for one in told if one)


def spreads(scores: pl.DataFrame, baseline: str = "base", candidate: str = "candidate") -> dict[str, Spread]:
    """Return how far a candidate's differences from the base spread, by suite; where they have no spread, nothing."""
    found = {
        pair.suite: paired(pair.base, pair.candidate, pair.cluster) for pair in pair_up(scores, baseline, candidate)
    }
    return {suite: one.spread(0.0) for suite, one in found.items() if not one.degenerate}


def _foresee(rows: pl.DataFrame, gate: Gate, earlier: Mapping[str, Spread], unit: Unit) -> Foresight | None:
    suites = rows["suite"].unique(maintain_order=True).to_list()
    known = earlier.get(suites[0]) if len(suites) == 1 else None
    own = _own(rows)
    if own.degenerate and not own.few:
        return None
    spread = known or _assumed(own, _GRADED if unit == "bits per byte" else _WRITTEN)
    margin = gate.margins.get(suites[0], gate.margin) if rows["role"][0] == "retention" else None
    needed, unharmed = None, None if margin is None else 0.0
    if margin is not None and not own.few:
        needed = required_items(spread, margin, gate.alpha, gate.power, own.crowding)
        unharmed = chance(spread, own.n, own.counted, margin, gate.alpha)
    return Foresight(
        suite=" + ".join(suites),
        n=own.n,
        clusters=own.clusters,
        binary=own.binary,
        margin=margin,
        detectable=None if own.few else detectable(spread, own.n, own.counted, gate.alpha, gate.power),
        items_needed=needed,
        unharmed=unharmed,
        measured=known is not None,
        unit=unit,
    )


def _own(rows: pl.DataFrame) -> Paired:
    """Tell how the base's own scores spread: as the differences from a model that scores zero everywhere."""
    scores = rows["score"].to_numpy()
    return paired(np.zeros_like(scores), scores, rows["cluster"].to_numpy(), share=False)


def _assumed(own: Paired, share: float) -> Spread:
    if own.binary:
        return Spread.of_shares(_CHANGED / 2, _CHANGED / 2, own.design)
    return Spread(sd=share * own.se * math.sqrt(own.n))
