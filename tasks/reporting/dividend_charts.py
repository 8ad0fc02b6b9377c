"""The pictures of an ablation: gain against tokens, and where more data stops paying."""

import math
from typing import TYPE_CHECKING, Any

import polars as pl

from tasks.reporting import palette
from tasks.reporting.comparisons import UNITS
from tasks.reporting.intervals import interval

if TYPE_CHECKING:
    import altair as alt

_AXIS = 88  # pixels beside the plot
_COLOURS = {"curated": palette.SHIP, "control": palette.DATA, "without": palette.PALE}
_AIR = 0.12
_LANE = 20  # pixels of height that a name takes
_LETTER = 7.4  # pixels of width that a letter takes


def dividend_chart(arms: pl.DataFrame, unit_name: str, width: int = palette.WIDE) -> "alt.LayerChart":
    """Draw the gain of each arm against the unique tokens that it holds, with its interval and its name.

    Parameters
    ----------
    arms : pl.DataFrame
        Shaped as `dividend_evidence.ARMS`. Those of shares and slices have other budgets, and are left out, as are
        those that hold the curated arm's rows.
    unit_name : str
        Of the gain.
    width : int
        Pixels.
    """
    import altair as alt

    shown = arms.filter(
        pl.col("kind").is_in(list(_COLOURS)), pl.col("gain_mean").is_not_null(), ~pl.col("same_as_curated")
    )
    plot, height = width - _AXIS, min(420, width + 40)
    points = _spread([_point(one, unit_name) for one in shown.sort("tokens").iter_rows(named=True)])
    points = _named(points, plot)
    lanes = max((point["lane"] for point in points), default=0) + 1
    x, y = _across(points, "unique tokens", width, "at"), _up(points, unit_name, lanes * _LANE / height)
    top, step = y["scale"].domain[1], (y["scale"].domain[1] - y["scale"].domain[0]) * _LANE / height
    points = [point | {"name_at": top - step * (point["lane"] + 0.5)} for point in points]
    base = alt.Chart(alt.InlineData(values=points)).encode(
        x=alt.X("at:Q", **x), color=alt.Color("colour:N", scale=None), description=alt.Description("told:N")
    )
    layers = [
        _zero(y),
        base.mark_rule(strokeWidth=1, strokeDash=[1, 3]).encode(y=alt.Y("high:Q", **y), y2=alt.Y2("name_at:Q")),
        base.mark_rule(strokeWidth=3, strokeCap="round", clip=True).encode(y=alt.Y("low:Q", **y), y2=alt.Y2("high:Q")),
        base.mark_point(filled=True, size=120, opacity=1, stroke=None).encode(y=alt.Y("gain:Q", **y)),
        base.mark_rect(color=palette.PAPER, height=_LANE - 2).encode(
            x=alt.X("name_from:Q", **x),
            x2=alt.X2("name_to:Q"),
            y=alt.Y("name_at:Q", **y),
            color=alt.ColorValue("white"),
        ),
        base.mark_text(align="center", baseline="middle", fontSize=13, fontWeight="bold").encode(
            x=alt.X("name_x:Q", **x),
            y=alt.Y("name_at:Q", **y),
            text=alt.Text("arm:N"),
            color=alt.Color("ink:N", scale=None),
        ),
    ]
    return alt.LayerChart(layer=layers, width=plot, height=height)


def scaling_chart(arms: pl.DataFrame, unit_name: str, width: int = palette.WIDE) -> "alt.LayerChart":
    """Draw gain against the tokens of growing shares of the curated and of random rows, with bands."""
    import altair as alt

    points = [_point(one, unit_name) for one in on_the_curve(arms).iter_rows(named=True)]
    x, y = _across(points, "unique tokens, and as large a share of the budget", width), _up(points, unit_name)
    base = alt.Chart(alt.InlineData(values=points)).encode(
        x=alt.X("tokens:Q", **x), color=alt.Color("colour:N", scale=None)
    )
    last = alt.Chart(alt.InlineData(values=_last(points))).encode(
        x=alt.X("tokens:Q", **x), color=alt.Color("colour:N", scale=None)
    )
    layers = [
        _zero(y),
        base.mark_area(opacity=0.16, clip=True).encode(
            y=alt.Y("low:Q", **y), y2=alt.Y2("high:Q"), detail=alt.Detail("line:N")
        ),
        base.mark_line(strokeWidth=2).encode(y=alt.Y("gain:Q", **y), detail=alt.Detail("line:N")),
        base.mark_point(filled=True, size=60, opacity=1, stroke=None).encode(y=alt.Y("gain:Q", **y)),
        last.mark_text(align="right", dx=-6, dy=-12, fontSize=13, fontWeight="bold").encode(
            y=alt.Y("gain:Q", **y), text=alt.Text("line:N")
        ),
    ]
    return alt.LayerChart(layer=layers, width=width - _AXIS, height=min(320, width))


def on_the_curve(arms: pl.DataFrame) -> pl.DataFrame:
    """Return the points of the curve, each with the `line` that it is on: shares, and the whole arms they are of."""
    line = pl.col("arm").str.replace(r" \S+%$", "")
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
        "told": f"{one['arm']}: {one['tokens']:,.0f} unique tokens, gain {interval(one, unit_name, 'gain_')}",
        "tokens": one["tokens"],
        "gain": gain,
        "low": ends[0] if math.isfinite(ends[0]) else gain,
        "high": ends[1] if math.isfinite(ends[1]) else gain,
        "colour": palette.SHIP if line == "curated" else _COLOURS.get(one["kind"], palette.DATA),
    }


def _spread(points: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Have arms of as many tokens stand `at` places a little apart, so that each interval is seen.

    Each stands as near to its tokens as the gaps between all allow, to the left or to the right of them.
    """
    from scipy.optimize import isotonic_regression

    gaps = [number * _widest(points) / 40 for number in range(len(points))]
    apart = [point["tokens"] - gap for point, gap in zip(points, gaps, strict=True)]
    placed = isotonic_regression(apart).x.clip(min=0.0) + gaps if points else ()
    return [point | {"at": float(at)} for point, at in zip(points, placed, strict=True)]


def _named(points: list[dict[str, Any]], plot: int) -> list[dict[str, Any]]:
    """Give every name a lane above the plot in which it has room; it stays over its point as far as the edge allows."""
    widest = _widest(points, "at") * (1 + _AIR)
    taken: list[float] = []  # how far each lane is written, in tokens
    named = []
    for point in points:
        size = (len(point["arm"]) * _LETTER + 12) / plot * widest
        middle = min(max(point["at"], size / 2), widest - size / 2)
        lane = next((at for at, end in enumerate(taken) if end <= middle - size / 2), len(taken))
        taken[lane:] = [middle + size / 2, *taken[lane + 1 :]]
        named.append(
            point
            | {"lane": lane, "name_x": middle, "name_from": middle - size / 2, "name_to": middle + size / 2}
            | {"ink": palette.QUIET if point["colour"] == palette.PALE else point["colour"]}
        )
    return named


def _last(points: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return list({point["line"]: point for point in points}.values())


def _widest(points: list[dict[str, Any]], place: str = "tokens") -> float:
    return max((point[place] for point in points), default=1.0) or 1.0


def _across(points: list[dict[str, Any]], title: str, width: int, place: str = "tokens") -> dict[str, Any]:
    """Return scale and axis of the tokens; `place` names what holds them."""
    import altair as alt

    scale = alt.Scale(domain=[0, _widest(points, place) * (1 + _AIR)], nice=False)
    axis = alt.Axis(
        title=title, tickCount=4 if width < 500 else 7, format="~s", labelExpr=palette.PLAIN_ZERO, grid=False
    )
    return {"scale": scale, "axis": axis}


def _up(points: list[dict[str, Any]], unit_name: str, above: float = 0.0) -> dict[str, Any]:
    """Return scale and axis of the gain; `above` is the share of the height that names take."""
    import altair as alt

    unit = UNITS[unit_name]
    seen = [0.0, *(point[end] for point in points for end in ("low", "high"))]
    air = _AIR * (max(seen) - min(seen)) or 1.0
    low, high = min(seen) - air, max(seen) + air
    high += (high - low) * above / (1 - above)
    scale = alt.Scale(domain=[low, high], nice=False, zero=False)
    title = f"gain over the base, {unit.name} (up is better)"
    return {"scale": scale, "axis": alt.Axis(title=title, tickCount=6, **palette.SIGNED)}


def _zero(y: dict[str, Any]) -> "alt.Chart":
    import altair as alt

    line = alt.Chart(alt.InlineData(values=[{"gain": 0}]))
    rule: alt.Chart = line.mark_rule(strokeWidth=1.5, color=palette.QUIET)
    return rule.encode(y=alt.Y("gain:Q", **y))
