"""The picture of a sweep: what each trial gained against what it forgot, and those that no other beats in both."""

import math
from typing import TYPE_CHECKING, Any

import polars as pl

from tasks.reporting import palette

if TYPE_CHECKING:
    import altair as alt

_AIR = 0.12
_AXIS = 88  # pixels beside the plot


def pareto_chart(trials: pl.DataFrame, budget: float | None, width: int = palette.WIDE) -> "alt.LayerChart":
    """Draw the trials with their intervals; each bears its number in the table.

    Parameters
    ----------
    trials : pl.DataFrame
        Shaped as `sweep.TRIALS`; those that diverged are not drawn.
    budget : float or None
        How much may be forgotten (nats per token), drawn as a line.
    width : int
        Pixels.
    """
    import altair as alt

    known = trials.filter(pl.col("gain").is_not_null(), pl.col("forgotten").is_not_null())
    columns = ("forgotten", "forgotten_lower", "forgotten_upper")
    x = alt.Scale(domain=_ends(known, columns, [0.0, *([] if budget is None else [budget])]), nice=False, zero=False)
    y = alt.Scale(domain=_ends(known, ("gain", "gain_lower", "gain_upper"), [0.0]), nice=False, zero=False)
    few = 4 if width < 500 else 7
    across = alt.Axis(
        title="forgotten, nats per token of general text (left is better)", tickCount=few, **palette.SIGNED
    )
    up = alt.Axis(title="gain, nats per token of validation rows (up is better)", tickCount=6, **palette.SIGNED)
    points = [_point(one, x.domain, y.domain) for one in known.iter_rows(named=True)]
    base = alt.Chart(alt.InlineData(values=points)).encode(
        x=alt.X("forgotten:Q", scale=x, axis=across),
        y=alt.Y("gain:Q", scale=y, axis=up),
        color=alt.Color("colour:N", scale=None),
    )
    front = sorted((one for one in points if one["front"]), key=lambda one: one["forgotten"])
    steps = alt.Chart(alt.InlineData(values=front)).mark_line(
        interpolate="step-after", strokeWidth=1.5, strokeDash=[5, 3], color=palette.DATA
    )
    origin = alt.Chart(alt.InlineData(values=[{"forgotten": 0, "gain": 0, "label": "base"}]))
    place = {"x": alt.X("forgotten:Q", scale=x, axis=across), "y": alt.Y("gain:Q", scale=y, axis=up)}
    layers = [
        *([] if budget is None else _limit(budget, x, across)),
        origin.mark_point(shape="cross", filled=True, size=70, color=palette.INK, opacity=1).encode(**place),
        origin.mark_text(align="right", dx=-8, dy=12, color=palette.QUIET, fontSize=12).encode(
            **place, text=alt.Text("label:N")
        ),
        steps.encode(**place),
        base.mark_rule(strokeWidth=1.2).encode(
            x=alt.X("left:Q", scale=x, axis=across), x2=alt.X2("right:Q"), y=alt.Y("gain:Q", scale=y, axis=up)
        ),
        base.mark_rule(strokeWidth=1.2).encode(y=alt.Y("low:Q", scale=y, axis=up), y2=alt.Y2("high:Q")),
        base.mark_point(filled=True, opacity=1, stroke=None).encode(size=alt.Size("size:Q", scale=None)),
        base.mark_text(align="left", dx=9, dy=-9, fontSize=13, fontWeight="bold").encode(
            text=alt.Text("number:N"), color=alt.Color("ink:N", scale=None)
        ),
    ]
    return alt.LayerChart(layer=layers, width=width - _AXIS, height=min(360, width))


def _limit(budget: float, x: "alt.Scale", axis: "alt.Axis") -> "list[alt.Chart]":
    import altair as alt

    line = alt.Chart(alt.InlineData(values=[{"forgotten": budget, "label": "budget"}]))
    across = alt.X("forgotten:Q", scale=x, axis=axis)
    return [
        line.mark_rule(strokeWidth=1.5, color=palette.INK).encode(x=across),
        line.mark_text(align="left", dx=5, dy=9, baseline="top", color=palette.QUIET, fontSize=12).encode(
            x=across, y=alt.YValue(0), text=alt.Text("label:N")
        ),
    ]


def _point(one: dict[str, Any], x: list[float], y: list[float]) -> dict[str, Any]:
    colour = palette.SHIP if one["winner"] else palette.DATA if one["on_front"] else palette.PALE
    return {
        "forgotten": one["forgotten"],
        "gain": one["gain"],
        "left": max(one["forgotten_lower"], x[0]),
        "right": min(one["forgotten_upper"], x[1]),
        "low": max(one["gain_lower"], y[0]),
        "high": min(one["gain_upper"], y[1]),
        "number": str(one["number"]),
        "front": one["on_front"],
        "colour": colour,
        "ink": palette.QUIET if colour == palette.PALE else colour,
        "size": 150 if one["winner"] else 80 if one["full_length"] else 30,
    }


def _ends(known: pl.DataFrame, columns: tuple[str, ...], also: list[float]) -> list[float]:
    """Return the ends of an axis: every finite number, and some air."""
    seen = [*also, *(value for name in columns for value in known[name] if value is not None and math.isfinite(value))]
    low, high = min(seen), max(seen)
    air = _AIR * (high - low) or 1.0
    return [low - air, high + air]
