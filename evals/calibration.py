"""The gate's own false alarms: how often it ships or rejects where the truth is known, by resampling real scores.

Differences between two models on the same items are given new signs, one by chance for each source document. With the
signs the true mean becomes zero, and size, spread and clusters stay those of this exam: a candidate that changes
things as much as this one, and is no better and no worse. Shifted by a line of the gate, its true mean lies exactly on
it, which is where the gate is allowed to be wrong most often: it should pass there in a share α of all cases.

References
----------
Cameron, Gelbach and Miller (2008), Bootstrap-based improvements for inference with clustered errors, Review of
Economics and Statistics 90(3): signs by cluster (Rademacher weights) keep the dependence within clusters.
Clopper and Pearson (1934), The use of confidence or fiducial limits, Biometrika 26(4): intervals of the rates.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from evals.comparing import Pairs, pair_up
from evals.judging import graded_suites, judge_pairs
from evals.paired import paired
from evals.sequential import levels
from evals.sitting import looks_at, seen

if TYPE_CHECKING:
    import polars as pl

    from evals.units import Unit
    from evals.verdict import Decision, Gate

NOTHING = "nothing changed"
_PARTS = ("base", "candidate", "cluster")
_FAR = 20.0  # standard deviations of single items above the line, so that the gain passes for sure


class Rate(BaseModel):
    """How often something happened, with Clopper and Pearson's interval (95%, two-sided)."""

    model_config = ConfigDict(frozen=True)

    count: int = Field(description="How often it happened.")
    runs: int = Field(description="Out of how many resamples.")
    lower: float = Field(description="Lower end of the interval of the share (0 to 1).")
    upper: float = Field(description="Upper end of it (0 to 1).")

    @classmethod
    def of(cls, count: int, runs: int) -> Rate:
        """Return the rate with its interval."""
        from scipy.stats import beta

        lower = 0.0 if count == 0 else float(beta.ppf(0.025, count, runs - count + 1))
        upper = 1.0 if count == runs else float(beta.ppf(0.975, count + 1, runs - count))
        return cls(count=count, runs=runs, lower=lower, upper=upper)

    @property
    def share(self) -> float:
        """The share itself."""
        return self.count / self.runs


class Alarms(BaseModel):
    """What the gate decides where the truth is known."""

    model_config = ConfigDict(frozen=True)

    truth: str = Field(description="What is so: nothing changed, or a suite's true mean lies on its line.")
    ship: Rate = Field(description="Wrong SHIP.")
    reject: Rate = Field(description="Wrong REJECT; on the line itself it is as wrong as a SHIP.")


@dataclass(frozen=True)
class _Truth:
    """A true state of things: the suites that are judged, and what their mean difference is."""

    told: str
    pairs: tuple[Pairs, ...]
    means: tuple[float, ...]


def calibrate(
    scores: pl.DataFrame,
    gate: Gate,
    *,
    baseline: str = "base",
    candidate: str = "candidate",
    units: Mapping[str, Unit] | None = None,
    resamples: int = 1000,
    seed: int = 0,
    whole: Collection[str] = (),
    progress: Callable[[int, int], None] | None = None,
) -> list[Alarms]:
    """Count how often the gate is wrong on resamples of real differences.

    Parameters
    ----------
    scores
        Schema `evals.items.SCORES`; both models on the same items.
    gate
        What is calibrated.
    baseline, candidate
        The two models, as the column `model` names them.
    units
        Units of the suites' scores, by name; see `evals.judging.judge`.
    resamples
        For each truth.
    seed
        Of the signs.
    whole
        Suites that are never asked in looks, whatever their size.
    progress
        Called with (resamples done, resamples in all).

    Returns
    -------
    list of Alarms
        Where nothing changed; where the gain lies on its line; and for each retention suite in bits per byte where it
        lies on its line while the gain passes for sure. Right-or-wrong scores can't be shifted, so those suites are
        only in the first.
    """
    pairs = pair_up(scores, baseline, candidate, units=units)
    rng = np.random.default_rng(seed)
    found: list[Alarms] = []
    truths = list(_truths(pairs, gate))
    for truth in truths:
        decided: list[Decision] = []
        for _ in range(resamples):
            decided.append(decide(_resampled(truth, rng), gate, whole))
            if progress is not None:
                progress(len(found) * resamples + len(decided), len(truths) * resamples)
        ship, reject = decided.count("SHIP"), decided.count("REJECT")
        found.append(Alarms(truth=truth.told, ship=Rate.of(ship, resamples), reject=Rate.of(reject, resamples)))
    return found


def noise(pairs: Sequence[Pairs]) -> dict[str, float]:
    """Return the mean difference of each suite in bits per byte: of a base against itself, what rounding brings."""
    return {pair.suite: float((pair.candidate - pair.base).mean()) for pair in pairs if pair.unit == "bits per byte"}


def decide(pairs: Sequence[Pairs], gate: Gate, whole: Collection[str] = ()) -> Decision:
    """Decide as `evals.judging.judge` does at the end or at a look, without all that it tells beside, and so faster."""
    lines = [_gain(pairs, gate)]
    for pair in pairs:
        if pair.role == "retention":
            lines.append(_beyond(pair, -gate.margins.get(pair.suite, gate.margin), gate, pair.suite in whole))
    if any(upper < 0 for _, upper in lines):
        return "REJECT"
    return "SHIP" if all(lower > 0 for lower, _ in lines) else "INCONCLUSIVE"


def _gain(pairs: Sequence[Pairs], gate: Gate) -> tuple[float, float]:
    """Return how far both bounds of the gain lie above its line; of several suites' gains, only on which side."""
    graded = graded_suites(pairs)
    if gate.gain != "together" and len(graded) > 1:
        status = judge_pairs([pair for pair in pairs if pair.role == "domain"], gate).gain.status
        return (1.0 if status == "pass" else -1.0, -1.0 if status == "fail" else 1.0)
    parts = (np.concatenate([getattr(pair, part) for pair in graded]) for part in _PARTS)
    found = paired(*parts, share=all(pair.share for pair in graded))
    if found.few:
        return -math.inf, math.inf
    return found.lower(gate.alpha) - gate.least_gain(graded[0].unit), found.upper(gate.alpha) - gate.most_lack(
        graded[0].unit
    )


def _beyond(pair: Pairs, line: float, gate: Gate, whole: bool) -> tuple[float, float]:
    """Return how far both bounds lie above the line, at the look that rejects it or the last."""
    looks = 1 if whole or gate.examine == "whole" else looks_at(len(np.unique(pair.cluster)), gate)
    shares: tuple[float, ...] = ()
    lower, upper = -math.inf, math.inf
    for mask, share in seen(pair.suite, pair.cluster, looks):
        shares = (*shares, share)
        level = levels(shares, gate.alpha)[-1] if looks > 1 else gate.alpha
        if not mask.any():
            continue
        found = paired(pair.base[mask], pair.candidate[mask], pair.cluster[mask], share=pair.share)
        if not found.few:
            lower, upper = found.lower(gate.alpha) - line, found.upper(level, early=share < 1) - line
        if upper < 0:
            break
    return lower, upper


def _truths(pairs: Sequence[Pairs], gate: Gate) -> Iterator[_Truth]:
    yield _Truth(NOTHING, tuple(pairs), (0.0,) * len(pairs))
    graded = graded_suites(pairs)
    if any(pair.binary for pair in graded):
        return
    yield _Truth("the gain lies on its line", tuple(graded), (gate.min_gain,) * len(graded))
    sure = gate.min_gain + max(_FAR * float(np.std(pair.candidate - pair.base)) + 1e-6 for pair in graded)
    for pair in pairs:
        if pair.role == "retention" and not pair.binary:
            line = -gate.margins.get(pair.suite, gate.margin)
            yield _Truth(f"{pair.suite} lies on its line", (*graded, pair), (*[sure] * len(graded), line))


def _resampled(truth: _Truth, rng: np.random.Generator) -> list[Pairs]:
    """Give every source document's differences one sign by chance, and all of them the true mean.

    Right-or-wrong scores change places between the models where the sign is a minus, and so stay right or wrong.
    """
    made = []
    for pair, mean in zip(truth.pairs, truth.means, strict=True):
        _, label = np.unique(pair.cluster, return_inverse=True)
        sign = rng.choice([-1.0, 1.0], label.max() + 1)[label]
        if pair.binary:
            base, candidate = (
                np.where(sign > 0, one, other)
                for one, other in ((pair.base, pair.candidate), (pair.candidate, pair.base))
            )
            made.append(replace(pair, base=base, candidate=candidate))
            continue
        difference = pair.candidate - pair.base
        centre = 0.0 if truth.told == NOTHING else difference.mean()
        made.append(replace(pair, candidate=pair.base + sign * (difference - centre) + mean))
    return made
