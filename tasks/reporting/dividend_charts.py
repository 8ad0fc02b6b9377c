"""The pictures of an ablation: gain against tokens, and where more data stops paying."""

import math
from typing import TYPE_CHECKING, Any

import polars as pl

from tasks.reporting import palette
from tasks.reporting.comparisons import UNITS

if TYPE_CHECKING:
    import altair as alt

_AXIS = 88  # pixels beside the plot
_COLOURS = {"curated": palette.SHIP, "control": palette.DATA, "without": palette.PALE}
_AIR = 0.12


def dividend_chart(arms: pl.DataFrame, unit_name: str, width: int = palette.WIDE) -> "alt.LayerChart":
    """Draw the gain of each arm against the unique tokens that it holds, with its interval and its name.

    Parameters
    ----------
    arms : pl.DataFrame
        Shaped as `dividend_evidence.ARMS`; those of shares and slices have other budgets, and are left out.
    unit_name : str
        Of the gain.
    width : int
        Pixels.
    """
    import altair as alt

    shown = arms.filter(pl.col("kind").is_in(list(_COLOURS)), pl.col("gain_mean").is_not_null())
    points = _spread([_point(one, unit_name) for one in shown.sort("tokens").iter_rows(named=True)])
    x, y = _across(points, "unique tokens", width), _up(points, unit_name)
    base = alt.Chart(alt.InlineData(values=points)).encode(x=x, color=alt.Color("colour:N", scale=None))
    layers = [
        _zero(y),
        base.mark_rule(strokeWidth=2, clip=True).encode(y=alt.Y("low:Q", **y), y2="high:Q"),
        base.mark_point(filled=True, size=120, opacity=1, stroke=None).encode(y=alt.Y("gain:Q", **y)),
        *(_name(base, y, align) for align in ("left", "right")),
    ]
    return alt.LayerChart(layer=layers, width=width - _AXIS, height=min(380, width))


def scaling_chart(arms: pl.DataFrame, unit_name: str, width: int = palette.WIDE) -> "alt.LayerChart":
    """Draw gain against the tokens of growing shares of the curated and of random rows, with bands."""
    import altair as alt

    points = [_point(one, unit_name) for one in on_the_curve(arms).iter_rows(named=True)]
    x, y = _across(points, "unique tokens, and as large a share of the budget", width), _up(points, unit_name)
    base = alt.Chart(alt.InlineData(values=points)).encode(x=x, color=alt.Color("colour:N", scale=None))
    last = alt.Chart(alt.InlineData(values=_last(points))).encode(x=x, color=alt.Color("colour:N", scale=None))
    layers = [
        _zero(y),
        base.mark_area(opacity=0.16, clip=True).encode(y=alt.Y("low:Q", **y), y2="high:Q", detail="line:N"),
        base.mark_line(strokeWidth=2).encode(y=alt.Y("gain:Q", **y), detail="line:N"),
        base.mark_point(filled=True, size=60, opacity=1, stroke=None).encode(y=alt.Y("gain:Q", **y)),
        last.mark_text(align="right", dx=-6, dy=-12, fontSize=13, fontWeight="bold").encode(
            y=alt.Y("gain:Q", **y), text="line:N"
        ),
    ]
    return alt.LayerChart(layer=layers, width=width - _AXIS, height=min(320, width))


def on_the_curve(arms: pl.DataFrame) -> pl.DataFrame:
    """Return the points of the curve, each with the `line` that it is on: shares, and the whole arms they are of."""
    line = pl.col("arm").str.replace(r" \d+%$", "")
    shares = arms.filter(pl.col("kind") == "share").with_columns(line=line)
    whole = arms.with_columns(line=line).join(shares.select("line").unique(), on="line", how="semi")
    return whole.filter(pl.col("gain_mean").is_not_null()).sort("line", "tokens")


def _point(one: dict[str, Any], unit_name: str) -> dict[str, Any]:
    scale = UNITS[unit_name].scale
    ends = [one[f"gain_{end}"] * scale for end in ("lower", "upper")]
    gain = one["gain_mean"] * scale
    line = one.get("line", one["arm"])
    return {
        "arm": one["arm"],
        "line": line,
        "tokens": one["tokens"],
        "gain": gain,
        "low": ends[0] if math.isfinite(ends[0]) else gain,
        "high": ends[1] if math.isfinite(ends[1]) else gain,
        "colour": palette.SHIP if line == "curated" else _COLOURS.get(one["kind"], palette.DATA),
    }


def _spread(points: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Move arms of as many tokens a little apart, so that each interval is seen, and name every other to the left."""
    widest = max((point["tokens"] for point in points), default=1.0) or 1.0
    gap, before = widest / 36, -math.inf
    moved = []
    for place, point in enumerate(points):
        at = max(point["tokens"], before + gap)
        moved.append(point | {"tokens": at, "align": "left" if place % 2 == 0 else "right"})
        before = at
    return moved


def _last(points: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return list({point["line"]: point for point in points}.values())


def _name(base: "alt.Chart", y: dict[str, Any], align: str) -> "alt.Chart":
    import altair as alt

    above = align == "left"
    marks: alt.Chart = base.transform_filter(f"datum.align == '{align}'").mark_text(
        align="center", dy=-8 if above else 8, baseline="bottom" if above else "top", fontSize=13, fontWeight="bold"
    )
    return marks.encode(y=alt.Y("high:Q" if above else "low:Q", **y), text="arm:N")


def _across(points: list[dict[str, Any]], title: str, width: int) -> "alt.X":
    import altair as alt

    widest = max((point["tokens"] for point in points), default=1.0) or 1.0
    scale = alt.Scale(domain=[0, widest * (1 + _AIR)], nice=False)
    return alt.X(
        "tokens:Q", scale=scale, axis=alt.Axis(title=title, tickCount=4 if width < 500 else 7, format="~s", grid=False)
    )


def _up(points: list[dict[str, Any]], unit_name: str) -> dict[str, Any]:
    import altair as alt

    unit = UNITS[unit_name]
    seen = [0.0, *(point[end] for point in points for end in ("low", "high"))]
    air = _AIR * (max(seen) - min(seen)) or 1.0
    scale = alt.Scale(domain=[min(seen) - air, max(seen) + 1.6 * air], nice=False, zero=False)
    title = f"gain over the base, {unit.name} (up is better)"
    return {"scale": scale, "axis": alt.Axis(title=title, tickCount=6, format=f"+.{max(0, unit.decimals - 1)}f")}


def _zero(y: dict[str, Any]) -> "alt.Chart":
    import altair as alt

    line = alt.Chart(alt.InlineData(values=[{"gain": 0}]))
    rule: alt.Chart = line.mark_rule(strokeWidth=1.5, color=palette.QUIET)
    return rule.encode(y=alt.Y("gain:Q", **y))
