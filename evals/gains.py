"""A domain of several suites: whether it gains on all of them together, on each, or on any."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from evals.holm import levels
from evals.verdict import status_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evals.verdict import Comparison, Gate, Status


class Gains(NamedTuple):
    """The domain's comparison with the status that its suites give it, all suites, and those that tell why."""

    gain: Comparison
    informative: tuple[Comparison, ...]
    lines: tuple[Comparison, ...]


def apart(gain: Comparison, informative: Sequence[Comparison], gate: Gate) -> Gains:
    """Judge the gain suite by suite, where the gate asks for that and the domain has several of the gain's unit.

    - `each`: every suite must gain, each tested at level alpha without correction (an intersection-union test).
    - `any`: one suite is enough. Gains are tested at Holm's levels (`evals.holm`), so that one is found wrongly with a
      chance of alpha at most; none gains where every upper bound lies below the line, each at level alpha.

    Parameters
    ----------
    gain
        The domain, all suites of its unit together.
    informative
        The domain's suites one by one.
    gate
        Its `gain` says how.
    """
    parts = [one for one in informative if one.unit == gain.unit]
    if gate.gain == "together" or len(parts) < 2:
        return Gains(gain, tuple(informative), (gain,))
    line = gate.min_gain
    level = dict.fromkeys((one.suite for one in parts), gate.alpha)
    if gate.gain == "any":
        level = levels({one.suite: one.found.p_above(line) for one in parts}, gate.alpha)
    judged = {one.suite: above_noise(_judged(one, line, level[one.suite]), gate) for one in parts}
    statuses = {one.status for one in judged.values()}
    status = _any(statuses) if gate.gain == "any" else _each(statuses)
    lines = tuple(one for one in judged.values() if one.status == status)
    told = gain.model_copy(update={"status": status, "items_needed": None, "note": _note(gate, level)})
    return Gains(told, tuple(judged.get(one.suite, one) for one in informative), lines)


def above_noise(gain: Comparison, gate: Gate) -> Comparison:
    """Leave a gain or a loss undecided that is sure, and so small that it may be rounding (`Gate.least_gain`)."""
    if gain.status == "pass" and gain.lower <= gate.least_gain(gain.unit):
        what = f"a gain of less than {gate.least_gain(gain.unit):g}"
    elif gain.status == "fail" and gain.upper >= gate.most_lack(gain.unit):
        what = f"a lack of less than {gate.min_gain - gate.most_lack(gain.unit):g}"
    else:
        return gain
    return gain.model_copy(update={"status": "undecided", "note": f"{what} {gain.unit} may be rounding"})


def _judged(one: Comparison, line: float, level: float) -> Comparison:
    lower = one.found.within(one.found.lower(level))
    status = status_of(lower, one.upper, line, few=one.found.few)
    return one.model_copy(update={"line": line, "lower": lower, "lower_level": level, "status": status})


def _each(statuses: set[Status]) -> Status:
    return "fail" if "fail" in statuses else "pass" if statuses == {"pass"} else "undecided"


def _any(statuses: set[Status]) -> Status:
    return "pass" if "pass" in statuses else "fail" if statuses == {"fail"} else "undecided"


def _note(gate: Gate, level: dict[str, float]) -> str:
    if gate.gain == "each":
        return f"judged on each of {len(level)} suites"
    told = ", ".join(f"{suite} at {value:.3g}" for suite, value in level.items())
    return f"judged on any of {len(level)} suites, at Holm's levels: {told}"
