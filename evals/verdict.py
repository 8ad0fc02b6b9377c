"""The verdict: ship this adapter, or not, or not enough items to tell."""

import math
from typing import Annotated, Literal

import numpy as np
import polars as pl
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

from evals.comparing import Pairs, pair_up
from evals.paired import Paired, paired
from evals.power import detectable, required_items
from evals.proportions import exact_p

Decision = Literal["SHIP", "REJECT", "INCONCLUSIVE"]
Status = Literal["pass", "fail", "undecided", "informative"]

_FEW_CLUSTERS = 5
_FEW_CHANGES = 10
_LEAST_CLUSTERS = 3  # the spread of fewer tells nothing of how many items would decide
_LARGEST = 0.25  # simulated type I error at .05 when one cluster holds a third of the items: .08 to .11


def _null_if_infinite(value: float) -> float | None:
    return value if math.isfinite(value) else None


# JSON knows no infinity: an open end is null there.
Lower = Annotated[
    float,
    BeforeValidator(lambda value: -math.inf if value is None else value),
    PlainSerializer(_null_if_infinite, when_used="json"),
]
Upper = Annotated[
    float,
    BeforeValidator(lambda value: math.inf if value is None else value),
    PlainSerializer(_null_if_infinite, when_used="json"),
]


class Gate(BaseModel):
    """When an adapter ships."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    min_gain: float = Field(
        default=0.0,
        ge=0,
        description="The domain must gain more than this (bits per byte; share right if the domain exam is "
        "multiple choice only).",
    )
    margin: float = Field(
        default=0.02,
        gt=0,
        description="Loss allowed on each retention suite (bits per byte; share right for multiple choice).",
    )
    margins: dict[str, Annotated[float, Field(gt=0)]] = Field(
        default={}, description="Loss allowed on single retention suites, by name (same units as margin)."
    )
    alpha: float = Field(default=0.05, gt=0, lt=0.5, description="Chance of a wrong pass at the line (0 to 0.5).")
    power: float = Field(
        default=0.8, gt=0.5, lt=1, description="Chance of a right pass that item counts aim at (0.5 to 1)."
    )
    preflight: Literal["warn", "stop"] = Field(
        default="warn",
        description="What to do before training where a suite is too small to see its margin: warn, or stop.",
    )


class Comparison(BaseModel):
    """Candidate minus base on one suite; above zero is better."""

    model_config = ConfigDict(frozen=True)

    suite: str = Field(description="Name of the suite; of several, joined by +.")
    status: Status = Field(description="pass: lower bound above the line; fail: upper bound below it.")
    n: int = Field(description="Items.")
    clusters: int = Field(description="Source documents that the items come from.")
    mean: float = Field(description="Mean difference (unit of the suite's scores).")
    sd: float | None = Field(description="Standard deviation of the differences; none for a single item.")
    lower: Lower = Field(description="One-sided lower bound of the mean at level alpha.")
    upper: Upper = Field(description="One-sided upper bound of the mean at level alpha.")
    line: float | None = Field(description="What the mean must lie above; none if it only informs.")
    items_needed: int | None = Field(description="Items that would probably decide it; none if decided.")
    mde: float | None = Field(description="Smallest true difference that this many items find at the power.")
    better: int = Field(default=0, description="Source documents on whose items the candidate does better.")
    worse: int = Field(default=0, description="Source documents on whose items it does worse.")
    p: float | None = Field(
        default=None,
        description="McNemar's exact p-value (two-sided, on documents) that as many change for the better as for the "
        "worse; none where scores are not right or wrong. It decides nothing.",
    )
    note: str = Field(default="", description="What to know about the numbers.")


class Unexamined(BaseModel):
    """A suite that the recipe asked for and the exam does not hold, so that nobody takes silence for a pass."""

    model_config = ConfigDict(frozen=True)

    suite: str = Field(description="Name that the suite would have.")
    reason: str = Field(description="Why it has no item, to be read after “because”.")


class Verdict(BaseModel):
    """The decision with its evidence."""

    model_config = ConfigDict(frozen=True)

    decision: Decision = Field(description="SHIP, REJECT or INCONCLUSIVE.")
    reason: str = Field(description="Why, in one line.")
    alpha: float = Field(description="Level of each one-sided bound.")
    gain: Comparison = Field(description="The domain.")
    retention: tuple[Comparison, ...] = Field(description="What must not be forgotten, suite by suite.")
    informative: tuple[Comparison, ...] = Field(default=(), description="Suites that decide nothing.")
    unexamined: tuple[Unexamined, ...] = Field(default=(), description="Suites asked for that have no item.")


def judge(
    scores: pl.DataFrame,
    gate: Gate = Gate(),  # noqa: B008 - frozen
    *,
    baseline: str = "base",
    candidate: str = "candidate",
) -> Verdict:
    """Decide whether a candidate ships.

    The gain is judged on all domain items scored in bits per byte together (on multiple choice only where the
    exam has nothing else), each retention suite on its own. This is an intersection-union test (Berger 1982):
    the candidate ships only if *every* lower bound clears its line, so that each is tested at level alpha
    without correction. It is rejected if any upper bound lies below its line. In between, items are missing.

    Parameters
    ----------
    scores
        Schema `evals.items.SCORES`; both models on the same items. Other models in it are left aside. A suite
        whose scores are all 0 or 1 counts as multiple choice, since bits per byte are below zero.
    gate
        Margins, level and power.
    baseline, candidate
        The two models to compare, as the column `model` names them.

    Raises
    ------
    ScoresError
        If a model is missing, items are not paired, a score is not finite, there is no domain suite, or a
        margin is for a suite that the exam does not hold.

    References
    ----------
    Berger (1982), Multiparameter hypothesis testing and acceptance sampling, Technometrics 24(4).
    """
    pairs = pair_up(scores, baseline, candidate, margins=tuple(gate.margins))
    domain = [pair for pair in pairs if pair.role == "domain"]
    graded = [pair for pair in domain if not pair.binary] or domain
    gain = _compare(_together(graded), gate.min_gain, gate, shift=None)
    retention = tuple(
        _compare(pair, -gate.margins.get(pair.suite, gate.margin), gate, shift=0.0)
        for pair in pairs
        if pair.role == "retention"
    )
    informs = [pair for pair in domain if pair not in graded or len(graded) > 1]
    decision = _decide([gain, *retention])
    return Verdict(
        decision=decision,
        reason=_reason(decision, gain, retention),
        alpha=gate.alpha,
        gain=gain,
        retention=retention,
        informative=tuple(_compare(pair, None, gate, shift=None) for pair in informs),
    )


def _together(pairs: list[Pairs]) -> Pairs:
    """Put several suites of one unit together."""
    if len(pairs) == 1:
        return pairs[0]
    return Pairs(
        suite=" + ".join(pair.suite for pair in pairs),
        role=pairs[0].role,
        base=np.concatenate([pair.base for pair in pairs]),
        candidate=np.concatenate([pair.candidate for pair in pairs]),
        cluster=np.concatenate([pair.cluster for pair in pairs]),
    )


def _compare(pair: Pairs, line: float | None, gate: Gate, *, shift: float | None) -> Comparison:
    """Compare on one suite. `shift` is the true mean that item counts assume; if None, the observed one."""
    found = paired(pair.base, pair.candidate, pair.cluster)
    lower, upper = found.lower(gate.alpha), found.upper(gate.alpha)
    status = _status(lower, upper, line)
    return Comparison(
        suite=pair.suite,
        status=status,
        n=found.n,
        clusters=found.clusters,
        mean=found.mean,
        sd=None if math.isnan(found.sd) else found.sd,
        lower=lower,
        upper=upper,
        line=line,
        items_needed=_needed(found, line, gate, shift) if status == "undecided" else None,
        mde=None
        if found.degenerate
        else detectable(found.spread(0.0), found.n, found.clusters, gate.alpha, gate.power),
        better=found.better,
        worse=found.worse,
        p=exact_p(found.better, found.worse) if found.binary else None,
        note=_note(found),
    )


def _status(lower: float, upper: float, line: float | None) -> Status:
    if line is None:
        return "informative"
    if lower > line:
        return "pass"
    return "fail" if upper < line else "undecided"


def _needed(found: Paired, line: float | None, gate: Gate, shift: float | None) -> int | None:
    """Count the items that would decide a line, with as many items from each document as now."""
    distance = abs((found.mean if shift is None else shift) - (line or 0.0))
    if found.degenerate or distance == 0 or found.clusters < _LEAST_CLUSTERS:
        return None
    needed = required_items(found.spread(shift), distance, gate.alpha, gate.power, found.n / found.clusters)
    return max(found.n + 1, needed)


def _note(found: Paired) -> str:
    if found.clusters < 2:
        return "needs at least 2 clusters: all items come from one source document"
    changed = found.worse + found.better
    if found.binary and changed < _FEW_CHANGES:
        return f"only {changed} of {found.clusters} clusters changed"
    if found.degenerate:
        return f"all {found.n} differences equal {found.mean:g}, so their spread is unknown"
    if found.clusters < _FEW_CLUSTERS:
        return f"only {found.clusters} clusters, so the interval is wide and rough"
    if found.largest > _LARGEST * found.n:
        return f"one cluster holds {found.largest} of {found.n} items, so the interval is too narrow"
    return ""


def _decide(lines: list[Comparison]) -> Decision:
    if any(line.status == "fail" for line in lines):
        return "REJECT"
    return "SHIP" if all(line.status == "pass" for line in lines) else "INCONCLUSIVE"


def _reason(decision: Decision, gain: Comparison, retention: tuple[Comparison, ...]) -> str:
    if decision == "SHIP":
        return f"the domain gains {gain.mean:+.4f} (at least {gain.lower:+.4f}), and {_kept(len(retention))}"
    if decision == "REJECT":
        failed = [line for line in (gain, *retention) if line.status == "fail"]
        return "; ".join(_failure(line, line is gain) for line in failed)
    return "; ".join(_open(line) for line in (gain, *retention) if line.status == "undecided")


def _kept(suites: int) -> str:
    if suites == 0:
        return "what it forgot was not examined, since the exam has no retention suite"
    if suites == 1:
        return "the one retention suite stays within its margin"
    return f"all {suites} retention suites stay within their margins"


def _failure(line: Comparison, is_gain: bool) -> str:
    what = "gains too little" if is_gain else "loses too much"
    return f"{line.suite} {what}: {line.mean:+.4f} (at most {line.upper:+.4f}), and {line.line:+.4f} is the line"


def _open(line: Comparison) -> str:
    interval = f"{line.suite} lies between {line.lower:+.4f} and {line.upper:+.4f}, across the line {line.line:+.4f}"
    needed = f"about {line.items_needed:,} items would decide it" if line.items_needed else ""
    return ", ".join(part for part in (interval, line.note, needed) if part)
