"""Why a verdict is as it is, in the few words of a headline."""

from collections.abc import Mapping, Sequence
from typing import Any

from tasks.reporting.comparisons import Comparison
from tasks.reporting.text import humanise, listed


def ship(judged: Sequence[Comparison]) -> str:
    """Say what a candidate that ships has shown."""
    if not any(one.part == "retention" for one in judged):
        return "better in the domain; what it forgot was not examined"
    return "better in the domain, nothing forgotten beyond the margin"


def reject(judged: Sequence[Comparison]) -> str:
    """Say what a candidate is rejected for."""
    causes = []
    if any(one.part == "gain" and one.status == "fail" for one in judged):
        causes.append("it does not gain enough in the domain")
    forgotten = [humanise(one.suite) for one in judged if one.part == "retention" and one.status == "fail"]
    if forgotten:
        causes.append(f"it forgot too much of {listed(forgotten)}")
    return ", and ".join(causes) or "a line was crossed"


def undecided(judged: Sequence[Comparison], verdict: Mapping[str, Any]) -> str:
    """Say what leaves a verdict open; more items are promised only where they would tell."""
    open_ = [one for one in judged if one.part != "informative" and one.status == "undecided"]
    if not open_ and verdict.get("unsure"):
        return "it does not ship without the items that training rows may give away"
    if open_ and all(one.may_be_rounding for one in open_):
        return "what changes in the domain may be rounding, which more items do not tell"
    needed = max((one.needed for one in open_ if one.needed), default=None)
    said = "the exam is too small to tell"
    if needed is None:
        return said
    others = [humanise(one.suite) for one in open_ if not one.needed]
    return f"{said}; about {needed:,} items would" + (f", but nobody knows of {listed(others)}" if others else "")
