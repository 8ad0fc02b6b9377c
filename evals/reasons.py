"""Say why a verdict is as it is, in the words of the lines that made it so."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evals.verdict import Comparison, Decision

_DECIMALS, _FINEST = 4, 8


def reason_of(
    decision: Decision,
    gain: Comparison,
    gains: Sequence[Comparison],
    retention: tuple[Comparison, ...],
    power: float,
) -> str:
    """Say why.

    `gains` are the lines of the gain, itself or its suites, and `power` is the chance that item counts aim at.
    """
    if decision == "SHIP":
        return (
            f"the domain gains {', '.join(_gained(line, line is gain) for line in gains)}, and {_kept(len(retention))}"
        )
    if decision == "REJECT":
        failed = [line for line in (*gains, *retention) if line.status == "fail"]
        return "; ".join(_failure(line, line in gains) for line in failed)
    return "; ".join(_open(line, power) for line in (*gains, *retention) if line.status == "undecided")


def unasked_reason(suites: Sequence[str]) -> str:
    """Say why nothing can ship that was not asked all that is judged."""
    return (
        f"the candidate was not asked all of {' and '.join(suites)}, since by the run's own gate the verdict was "
        "decided before; with this gate in the recipe, `winnow run` asks the rest"
    )


def looked_note(looks: Sequence[float], level: float, note: str) -> str:
    """Say at which look a suite was judged, and by which level, before what else is to know of it."""
    nth = f"look {len(looks)}, at {_share(looks[-1])} of its documents, by level {level:.2g}"
    return f"{nth}; {note}" if note else nth


def _share(share: float) -> str:
    return "all" if share == 1 else f"about {share:.0%}"


def _gained(line: Comparison, is_whole: bool) -> str:
    on = "" if is_whole else f" on {line.suite}"
    mean, lower = _figures(line, line.mean, line.lower)
    return f"{mean}{on} (at least {lower})"


def _kept(suites: int) -> str:
    if suites == 0:
        return "what it forgot was not examined, since the exam has no retention suite"
    if suites == 1:
        return "the one retention suite stays within its margin"
    return f"all {suites} retention suites stay within their margins"


def _failure(line: Comparison, is_gain: bool) -> str:
    what = "gains too little" if is_gain else "loses too much"
    mean, upper, least = _figures(line, line.mean, line.upper, line.line or 0.0)
    return f"{line.suite} {what}: {mean} (at most {upper}), and {least} is the line"


def _open(line: Comparison, power: float) -> str:
    interval = f"{line.suite} {_between(line)}"
    needed = f"about {line.items_needed:,} items would decide it with {power:.0%} chance" if line.items_needed else ""
    return ", ".join(part for part in (interval, line.note, needed) if part)


def _between(line: Comparison) -> str:
    if math.isinf(line.lower) and math.isinf(line.upper):
        return "has no interval to judge"
    lower, upper, least = _figures(line, line.lower, line.upper, line.line or 0.0)
    interval = f"lies between {lower} and {upper}"
    crosses = line.line is not None and line.lower <= line.line <= line.upper
    return f"{interval}, across the line {least}" if crosses else interval


def _figures(line: Comparison, *values: float) -> list[str]:
    """Write figures of a line in so many decimals that none seems to be 0, or to lie on the line, and does not."""
    marks = (0.0, line.line or 0.0)

    def seems(decimals: int) -> bool:
        near = [(value, mark) for value in values for mark in marks if math.isfinite(value) and value != mark]
        return any(round(value, decimals) == round(mark, decimals) for value, mark in near)

    decimals = next((so_many for so_many in range(_DECIMALS, _FINEST) if not seems(so_many)), _FINEST)
    return [
        "0" if value == 0 else f"{value:+.{decimals}f}" if round(value, decimals) else f"{value:+.0e}"
        for value in values
    ]
