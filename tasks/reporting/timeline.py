"""The picture of a recipe's runs: what each gained, and what it lost, from the first to the last."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from tasks.reporting import palette

if TYPE_CHECKING:
    import altair as alt

_LEFT, _RIGHT = 52, 24  # pixels beside the plot
_AIR = 0.12


@dataclass(frozen=True)
class Point:
    """A run in a panel: the mean of a comparison, its bounds, and the line that it must stay above.

    `place` counts the runs from 0, `panel` names what is compared and in which unit, `label` is the run's day.
    """

    place: int
    panel: str
    label: str
    mean: float
    low: float
    high: float
    line: float | None
    tone: palette.Tone
    promoted: bool


def timeline_chart(points: Sequence[Point], width: int = palette.WIDE) -> "alt.VConcatChart":
    """Draw the runs, one panel below the other; a ring is around those that were promoted.

    Parameters
    ----------
    points : sequence of Point
        At least one.
    width : int
        Pixels.
    """
    import altair as alt

    last = max(point.place for point in points)
    panels = list(dict.fromkeys(point.panel for point in points))
    drawn = [
        _panel([one for one in points if one.panel == panel], last, width, ends=panel == panels[-1]) for panel in panels
    ]
    return alt.vconcat(*drawn, spacing=56).properties(bounds="flush")


def _panel(points: Sequence[Point], last: int, width: int, *, ends: bool) -> "alt.LayerChart":
    import altair as alt

    low, high = _ends(points)
    values = [_value(one, low, high) for one in points]
    base = alt.Chart(alt.InlineData(values=values))
    labels = " ".join(f"datum.value == {one.place} ? {one.label!r} :" for one in _spread(points, width))
    across = alt.Axis(
        title="runs, from the first to the last" if ends else None,
        values=list(range(last + 1)),
        labelExpr=f"{labels} ''",
        grid=False,
    )
    x = alt.X(
        "place:Q", axis=across, scale=alt.Scale(domain=[-0.5, last + 0.5], range=[_LEFT, width - _RIGHT], nice=False)
    )
    up = alt.Axis(title=None, tickCount=4, **palette.SIGNED, offset=-_LEFT)
    scale = alt.Scale(domain=[low, high], nice=False, zero=False)
    y = alt.Y("mean:Q", axis=up, scale=scale)
    colour = alt.Color("colour:N", scale=None)
    layers = [
        base.transform_filter("isValid(datum.line)")
        .mark_tick(orient="horizontal", thickness=2, size=26, color=palette.INK)
        .encode(x=x, y=alt.Y("line:Q", axis=up, scale=scale)),
        base.mark_rule(strokeWidth=3, strokeCap="round").encode(
            x=x, y=alt.Y("low:Q", axis=up, scale=scale), y2=alt.Y2("high:Q"), color=colour
        ),
        base.mark_point(filled=True, size=90, opacity=1, stroke=None).encode(x=x, y=y, color=colour),
        base.transform_filter("datum.promoted")
        .mark_point(filled=False, size=320, opacity=1, strokeWidth=2, color=palette.INK)
        .encode(x=x, y=y),
    ]
    title = alt.TitleParams(points[0].panel, anchor="start", fontSize=13, color=palette.INK, dx=_LEFT)
    return alt.LayerChart(layer=layers, width=width, height=150, title=title)


def _value(one: Point, low: float, high: float) -> dict[str, Any]:
    """Keep a point within its panel: bounds may be infinite."""
    kept = {name: min(max(value, low), high) for name, value in (("low", one.low), ("high", one.high))}
    return asdict(one) | kept | {"colour": palette.COLOURS[one.tone]}


def _ends(points: Sequence[Point]) -> tuple[float, float]:
    seen = [value for one in points for value in (one.mean, one.low, one.high, one.line or 0.0) if math.isfinite(value)]
    air = _AIR * (max(seen) - min(seen)) or 1.0
    return min(seen) - air, max(seen) + air


def _spread(points: Sequence[Point], width: int) -> list[Point]:
    """Choose the runs whose day is written: as many as have room."""
    every = max(1, math.ceil(len(points) * 52 / (width - _LEFT - _RIGHT)))
    return list(points[::every])
