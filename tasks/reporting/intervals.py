"""Intervals of an ablation's differences, as its page writes them."""

import math
from typing import Any

from tasks.reporting.comparisons import UNITS, number


def interval(line: dict[str, Any], unit_name: str, what: str = "") -> str:
    """Write a mean with the ends of its interval; a dash for nothing."""
    unit, keys = UNITS[unit_name], [f"{what}{end}" for end in ("mean", "lower", "upper")]
    if line[keys[0]] is None:
        return "–"
    mean, low, high = (number(line[key] * unit.scale, unit, signed=True) for key in keys)
    if not (math.isfinite(line[keys[1]]) and math.isfinite(line[keys[2]])):
        return f"{mean} [no interval]"
    return f"{mean} [{low}, {high}]"


def ends(line: dict[str, Any], scale: float) -> str:
    """Write an interval's ends in the direction of the sentence, which says “less” of a mean below zero."""
    low, high = line["lower"] * scale, line["upper"] * scale
    if line["mean"] < 0:
        low, high = -high, -low
    unit = UNITS[line["unit"]]
    if not (math.isfinite(low) and math.isfinite(high)):
        return "no interval"
    return f"{number(low, unit)} to {number(high, unit)}"
