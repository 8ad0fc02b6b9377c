"""What arms of training gained and forgot, over the base and over each other, with seeds inside the intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from evals.comparing import ScoresError
from evals.items import SCORES
from evals.seeded import Seeded, across_seeds
from evals.units import Unit, judged_first

BASE = "base"

ARM_SCORES: dict[str, pl.DataType] = {"arm": pl.String(), "seed": pl.UInt32(), **SCORES}
"""Item-level scores of every training; of the arm `base`, which is not trained, with seed 0."""


class Difference(NamedTuple):
    """Arm minus control on some suites of one unit."""

    arm: str
    control: str
    suite: str
    role: str
    unit: Unit
    found: Seeded
    trainings: int
    control_trainings: int


@dataclass(frozen=True)
class Sittings:
    """All trainings' scores, suite by suite: `scores[arm, suite]` is (K, n), items in one order."""

    suites: Mapping[str, tuple[str, Unit]]
    scores: Mapping[tuple[str, str], npt.NDArray[np.float64]]
    cluster: Mapping[str, npt.NDArray[np.str_]]

    @property
    def arms(self) -> tuple[str, ...]:
        """Arms, the base included, in the order of their first rows."""
        return tuple(dict.fromkeys(arm for arm, _ in self.scores))

    def judged(self, role: str) -> tuple[str, ...]:
        """Return the suites of a role that are told as one number: those of the first unit that there is."""
        own = [suite for suite, (of, _) in self.suites.items() if of == role]
        return tuple(judged_first(own, [self.suites[suite][1] for suite in own]))

    def compare(self, arm: str, control: str, suites: Sequence[str]) -> Difference:
        """Compare two arms on suites of one unit, all items together."""
        role, unit = self.suites[suites[0]]
        before, after = (np.hstack([self.scores[name, suite] for suite in suites]) for name in (control, arm))
        cluster = np.concatenate([self.cluster[suite] for suite in suites])
        found = across_seeds(before, after, cluster, share=unit != "bits per byte", fixed=control == BASE)
        return Difference(arm, control, " + ".join(suites), role, unit, found, len(after), len(before))


def sittings(scores: pl.DataFrame, units: Mapping[str, Unit]) -> Sittings:
    """Sort the scores of all trainings.

    Parameters
    ----------
    scores
        Shaped as `ARM_SCORES`.
    units
        Of each suite.

    Raises
    ------
    ScoresError
        If a training did not sit the same items as the base, or has a score that is no finite number.
    """
    asked = scores.filter(pl.col("arm") == BASE).select("suite", "role", "item", "cluster")
    if asked.is_empty():
        raise ScoresError("There are no scores of the base.")
    if scores.filter(pl.col("score").is_null() | ~pl.col("score").is_finite()).height:
        raise ScoresError("A score is not a finite number, so no mean can be trusted.")
    found: dict[tuple[str, str], list[npt.NDArray[np.float64]]] = {}
    for (arm, seed, suite), part in scores.group_by("arm", "seed", "suite", maintain_order=True):
        items = asked.filter(pl.col("suite") == suite)
        own = items.join(part, on="item", how="left", maintain_order="left")["score"]
        if own.null_count() or part.height != items.height:
            raise ScoresError(f"{arm} with seed {seed} did not sit the items of {suite} that the base sat.")
        found.setdefault((str(arm), str(suite)), []).append(own.to_numpy())
    return Sittings(
        suites={
            suite: (role, units[suite])
            for suite, role in asked.select("suite", "role").unique(maintain_order=True).rows()
        },
        scores={key: np.stack(rows) for key, rows in found.items()},
        cluster={
            str(suite): part["cluster"].to_numpy() for (suite,), part in asked.group_by("suite", maintain_order=True)
        },
    )
