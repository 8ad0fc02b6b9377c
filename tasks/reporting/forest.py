"""The picture of gain against forgetting: one interval per suite, with the line it has to stay above."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tasks.reporting import palette
from tasks.reporting.comparisons import Comparison, Unit
from tasks.reporting.text import humanise

if TYPE_CHECKING:
    import altair as alt

_SHAPES = {
    "pass": "circle",
    "fail": "M-1,-1L1,1M-1,1L1,-1",
    "undecided": "diamond",
    "informative": "square",
}
_WORDS = {"pass": "pass", "fail": "fail", "undecided": "undecided", "informative": "for information"}
_LABELS, _VALUES = 206, 184  # pixels left and right of the plot when it is wide


def forest_chart(comparisons: Sequence[Comparison], width: int = palette.WIDE) -> "alt.VConcatChart":
    """Draw the intervals of all suites, in one panel for each unit.

    Parameters
    ----------
    comparisons : sequence of Comparison
        At least one.
    width : int
        Pixels; below 500 the labels stand above the intervals instead of beside them.
    """
    import altair as alt

    units = list(dict.fromkeys(comparison.unit for comparison in comparisons))
    panels = [_panel([one for one in comparisons if one.unit == unit], unit, width) for unit in units]
    return alt.vconcat(*panels, spacing=72).properties(bounds="flush")


def _panel(comparisons: Sequence[Comparison], unit: Unit, width: int) -> "alt.LayerChart":
    import altair as alt

    narrow = width < 500
    left, right = (8, width - 8) if narrow else (_LABELS, width - _VALUES)
    step = 84 if narrow else 54
    low, high = _domain(comparisons)
    rows = [_row(one, position, low, high) for position, one in enumerate(comparisons)]
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        y=alt.Y("row:O", axis=None, scale=alt.Scale(padding=0)), color=alt.Color("colour:N", scale=None)
    )
    title = f"candidate minus base, {unit.name} (right is better)"
    axis = alt.Axis(title=title, tickCount=5, **palette.SIGNED, grid=not narrow)
    scale = alt.Scale(domain=[low, high], range=[left, right], nice=False, zero=False)
    x = alt.X("mean:Q", scale=scale, axis=axis)
    layers = [
        base.transform_filter("isValid(datum.line)")
        .mark_rect(color=palette.ZONE, height=step - 18 if not narrow else 26)
        .encode(x=alt.X("low:Q", scale=scale, axis=axis), x2=alt.X2("line:Q"), color=alt.ColorValue(palette.ZONE)),
        base.mark_tick(thickness=1, size=30 if narrow else step, color=palette.QUIET).encode(
            x=alt.X("zero:Q", scale=scale), color=alt.ColorValue(palette.QUIET)
        ),
        base.transform_filter("isValid(datum.line)")
        .mark_tick(thickness=2, size=26)
        .encode(x=alt.X("line:Q", scale=scale), color=alt.ColorValue(palette.INK)),
        base.mark_rule(strokeWidth=3, strokeCap="round").encode(x=alt.X("from:Q", scale=scale), x2=alt.X2("to:Q")),
        _arrows(base, "from", "triangle-left", "open_left", scale),
        _arrows(base, "to", "triangle-right", "open_right", scale),
        base.mark_point(filled=True, size=110, opacity=1, strokeWidth=3.5, stroke=None)
        .transform_filter("isValid(datum.mean) && datum.status != 'fail'")
        .encode(x=x, shape=alt.Shape("shape:N", scale=None)),
        base.mark_point(filled=False, size=110, opacity=1, strokeWidth=3.5, strokeCap="round")
        .transform_filter("isValid(datum.mean) && datum.status == 'fail'")
        .encode(x=x, shape=alt.Shape("shape:N", scale=None)),
        *_labels(base, width, narrow),
    ]
    return alt.LayerChart(layer=layers, width=width, height=alt.Step(step))


def _labels(base: "alt.Chart", width: int, narrow: bool) -> "list[alt.Chart]":
    import altair as alt

    ink, quiet = alt.ColorValue(palette.INK), alt.ColorValue(palette.QUIET)
    over, under = (-26, 28) if narrow else (-8, 10)

    def text(field: str, dy: int, *, right: bool = False, bold: bool = False, size: int = 13) -> "alt.Chart":
        marks: alt.Chart = base.mark_text(
            align="right" if right else "left",
            baseline="middle",
            dy=dy,
            fontSize=size,
            fontWeight="bold" if bold else "normal",
            limit=width if narrow else _LABELS - 12,
        )
        return marks.encode(x=alt.XValue(width if right else 0), text=alt.Text(f"{field}:N"))

    return [
        text("suite", over, bold=True).encode(color=ink),
        text("must", under, size=12).encode(color=quiet),
        text("said", under if narrow else over, right=True).encode(color=ink),
        text("word", over if narrow else under, right=True, bold=True, size=12),
    ]


def _arrows(base: "alt.Chart", end: str, shape: str, flag: str, scale: "alt.Scale") -> "alt.Chart":
    import altair as alt

    marks: alt.Chart = base.mark_point(filled=True, shape=shape, size=90, opacity=1)
    return marks.transform_filter(f"datum.{flag}").encode(x=alt.X(f"{end}:Q", scale=scale))


def _row(one: Comparison, position: int, low: float, high: float) -> dict[str, Any]:
    tone = palette.TONES.get(one.status, "neutral")
    need = "" if one.line is None else f" · must be above {one.must_exceed}"
    return {
        "row": position,
        "suite": humanise(one.suite),
        "must": f"{one.part}{need}",
        "said": f"{one.difference} {one.interval}",
        "word": _WORDS.get(one.status, one.status),
        "status": one.status,
        "shape": _SHAPES.get(one.status, "square"),
        "colour": palette.COLOURS[tone],
        "mean": one.mean,
        "line": one.line,
        "low": low,
        "zero": 0,
        "from": max(one.lower, low),
        "to": min(one.upper, high),
        "open_left": math.isinf(one.lower),
        "open_right": math.isinf(one.upper),
    }


def _domain(comparisons: Sequence[Comparison]) -> tuple[float, float]:
    """Return the ends of the axis: every finite number, zero, and some air."""
    seen = [0.0]
    for one in comparisons:
        numbers = (one.mean, one.lower, one.upper, one.line)
        seen += [value for value in numbers if value is not None and math.isfinite(value)]
    low, high = min(seen), max(seen)
    air = 0.12 * (high - low) or 1.0
    return low - air, high + air
