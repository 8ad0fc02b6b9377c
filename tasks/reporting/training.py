"""The picture of training: loss by tokens seen, validation beside it, what is forgotten and the rate below."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import polars as pl

from tasks.reporting import palette

if TYPE_CHECKING:
    import altair as alt

_MOST_POINTS = 400
_SMOOTHING_SPAN = 12
_LEFT, _RIGHT = 44, 80  # pixels beside the plot, for the axis and for the names of the lines
_BETWEEN = 56  # pixels between two pictures of lines: below the one and above the other stand names of two lines each
_RATE = "datum.value ? format(datum.value, '~e') : 0"  # Vega writes 0 as 0e+0, and with fixed figures 1.5e-4 as 2e-4


def training_chart(curve: pl.DataFrame, width: int = palette.WIDE) -> "alt.VConcatChart":
    """Draw the training curve.

    Parameters
    ----------
    curve : pl.DataFrame
        Shaped as `evidence.CURVE`, at least one line.
    width : int
        Pixels.
    """
    import altair as alt

    tokens = alt.Scale(domain=[0, max(1, int(curve["tokens"][-1]))], range=[_LEFT, width - _RIGHT], nice=False)

    def x(axis: "alt.Axis | None") -> "alt.X":
        return alt.X("tokens:Q", scale=tokens, axis=axis)

    def y(field: str, axis: "alt.Axis") -> "alt.Y":
        return alt.Y(f"{field}:Q", axis=axis, scale=alt.Scale(zero=False))

    loss_axis = alt.Axis(title=None, tickCount=5, offset=-_LEFT)
    train, validation = _smooth(curve), curve.filter(pl.col("validation_loss").is_finite())
    seen, held_out = _chart(train), _chart(validation)
    marks: list[alt.Chart] = [
        seen.mark_line(strokeWidth=1, color=palette.PALE).encode(x=x(None), y=y("loss", loss_axis)),
        seen.mark_line(strokeWidth=2.5, color=palette.DATA).encode(x=x(None), y=y("smooth", loss_axis)),
    ]
    ends = [(train, "smooth", "training", palette.DATA)]
    if not validation.is_empty():
        place = {"x": x(None), "y": y("validation_loss", loss_axis)}
        marks += [
            held_out.mark_line(strokeWidth=1.5, strokeDash=[5, 3], color=palette.INK).encode(**place),
            held_out.mark_point(filled=True, size=45, opacity=1, color=palette.INK).encode(**place),
        ]
        ends.append((validation, "validation_loss", "validation", palette.INK))
    ends = sorted((end for end in ends if not end[0].is_empty()), key=lambda end: -float(end[0][end[1]][-1]))
    marks += [
        _end(*end, above=position == 0).encode(x=x(None), y=y(end[1], loss_axis)) for position, end in enumerate(ends)
    ]
    forgetting = _forgetting(curve, x, width)
    title = f"tokens seen; below the loss, {'what is forgotten, and ' if forgetting else ''}the learning rate"
    rate_axis = alt.Axis(title=None, tickCount=2, labelExpr=_RATE, offset=-_LEFT)
    rate = seen.mark_area(color=palette.ZONE, line={"color": palette.QUIET, "strokeWidth": 1.2}).encode(
        x=x(alt.Axis(title=title, format=",d", tickCount=3 if width < 500 else 6, grid=False)),
        y=alt.Y("learning_rate:Q", axis=rate_axis),
    )
    return alt.vconcat(
        alt.layer(*marks).properties(width=width, height=210),
        *forgetting,
        rate.properties(width=width, height=48),
        spacing=_BETWEEN if forgetting else 24,
    ).properties(bounds="flush")


def _forgetting(
    curve: pl.DataFrame, x: "Callable[[alt.Axis | None], alt.X]", width: int
) -> "list[alt.LayerChart | alt.FacetChart]":
    """Draw by how much the loss of general text rose over the base's, and how far predictions moved; or nothing."""
    import altair as alt

    if "general_loss" not in curve.columns:
        return []
    looks = curve.filter(pl.col("general_loss").is_finite(), pl.col("divergence").is_finite())
    if looks.height < 2:
        return []
    looks = looks.with_columns(rise=pl.col("general_loss") - looks["general_loss"][0])
    axis = alt.Axis(title=None, tickCount=3, offset=-_LEFT)
    lines = sorted(
        (("rise", "forgotten", palette.REJECT), ("divergence", "KL", palette.QUIET)),
        key=lambda one: -float(looks[one[0]][-1]),
    )
    marks: list[alt.Chart] = []
    for position, (field, label, colour) in enumerate(lines):
        seen, across, up = _chart(looks), x(None), alt.Y(f"{field}:Q", axis=axis)
        marks.append(seen.mark_line(strokeWidth=1.5, color=colour).encode(x=across, y=up))
        marks.append(seen.mark_point(filled=True, size=30, opacity=1, color=colour).encode(x=across, y=up))
        marks.append(_end(looks, field, label, colour, above=position == 0).encode(x=across, y=up))
    return [alt.layer(*marks).properties(width=width, height=90)]


def _chart(frame: pl.DataFrame) -> "alt.Chart":
    import altair as alt

    return alt.Chart(alt.InlineData(values=frame.to_dicts()))


def _end(frame: pl.DataFrame, field: str, label: str, colour: str, *, above: bool) -> "alt.Chart":
    """Name a line at its right end, with its last value: no legend to look up."""
    import altair as alt

    text: alt.Chart = _chart(frame.tail(1)).mark_text(
        align="left",
        dx=8,
        dy=-20 if above else 8,
        color=colour,
        fontWeight="bold",
        fontSize=12,
        lineHeight=14,
    )
    return text.encode(text=alt.TextValue([label, f"{float(frame[field][-1]):.3f}"]))


def _smooth(curve: pl.DataFrame) -> pl.DataFrame:
    """Return at most some hundred lines with an exponentially smoothed loss beside the measured one."""
    measured = curve.filter(pl.col("loss").is_finite())
    smooth = measured.with_columns(smooth=pl.col("loss").ewm_mean(span=_SMOOTHING_SPAN))
    every = max(1, smooth.height // _MOST_POINTS)
    return smooth.filter((pl.int_range(pl.len()) % every == 0) | (pl.int_range(pl.len()) == pl.len() - 1))
