"""The picture of the funnel: a cascade from the rows that came in to the rows that were kept."""

from typing import TYPE_CHECKING, Any

import polars as pl

from tasks.reporting import palette
from tasks.reporting.text import humanise

if TYPE_CHECKING:
    import altair as alt

_MOST_REASONS = 5
_LEAST_SHARE = 0.006  # a handful of rows out of thousands must not vanish: no removal is drawn thinner than this


def funnel_chart(funnel: pl.DataFrame, reasons: pl.DataFrame, width: int = palette.WIDE) -> "alt.LayerChart":
    """Draw what each stage left over, and under it what it removed and why.

    Parameters
    ----------
    funnel, reasons : pl.DataFrame
        Shaped as `evidence.FUNNEL` (at least one line) and `evidence.REASONS`.
    width : int
        Pixels; below 500 the labels take less room.
    """
    import altair as alt

    total = max(1, int(funnel["rows_in"][0]))
    rows = _cascade(funnel, reasons, visible=round(total * _LEAST_SHARE))
    left, right = (126, width - 64) if width < 500 else (190, width - 96)
    scale = alt.Scale(domain=[0, total], range=[left, right], nice=False)
    size = alt.SizeValue(12 if width < 500 else 13)
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        y=alt.Y("row:O", axis=None, scale=alt.Scale(padding=0.28)), color=alt.Color("colour:N", scale=None)
    )
    stages, removals = base.transform_filter("datum.stage"), base.transform_filter("!datum.stage")
    layers = [
        base.mark_bar(cornerRadius=1.5, stroke=None).encode(
            x=alt.X("from:Q", scale=scale, axis=None), x2=alt.X2("to:Q")
        ),
        stages.mark_text(align="left", baseline="middle", fontWeight="bold", limit=left - 10).encode(
            x=alt.XValue(0), text=alt.Text("label:N"), color=alt.ColorValue(palette.INK), size=size
        ),
        removals.mark_text(align="left", baseline="middle", limit=left - 22).encode(
            x=alt.XValue(12), text=alt.Text("label:N"), color=alt.ColorValue(palette.QUIET), size=size
        ),
        stages.mark_text(align="right", baseline="middle", fontWeight="bold").encode(
            x=alt.XValue(width), text=alt.Text("said:N"), color=alt.ColorValue(palette.INK), size=size
        ),
        removals.mark_text(align="right", baseline="middle").encode(
            x=alt.XValue(width), text=alt.Text("said:N"), color=alt.ColorValue(palette.QUIET), size=size
        ),
    ]
    return alt.LayerChart(layer=layers, width=width, height=alt.Step(25))


def _cascade(funnel: pl.DataFrame, reasons: pl.DataFrame, visible: int) -> list[dict[str, Any]]:
    """Return the lines of the picture: each stage with what it left, then its reasons, each where it cut."""
    total = int(funnel["rows_in"][0])
    rows = [_line("pool", 0, total, f"{total:,}", stage=True)]
    for stage, came, left in funnel.select("stage", "rows_in", "rows_out").iter_rows():
        end = int(came)
        rows.append(_line(humanise(stage), 0, int(left), f"{left:,}", stage=True))
        for reason, count in _largest(reasons.filter(pl.col("stage") == stage)):
            drawn_from = max(0, end - max(count, visible))
            rows.append(_line(humanise(reason), drawn_from, end, f"−{count:,}", stage=False))
            end -= count
    return [{"row": position, **row} for position, row in enumerate(rows)]


def _largest(reasons: pl.DataFrame) -> list[tuple[str, int]]:
    """Return the largest reasons with their rows; the tail is summed up in one line."""
    counted = reasons.group_by("reason").agg(pl.col("rows").sum().cast(pl.Int64))
    ranked = counted.sort(["rows", "reason"], descending=[True, False])
    shown = [(str(reason), int(rows)) for reason, rows in ranked.head(_MOST_REASONS).iter_rows()]
    tail = ranked.slice(_MOST_REASONS)
    if tail.is_empty():
        return shown
    return [*shown, (f"{tail.height} more reasons", int(tail["rows"].sum()))]


def _line(label: str, start: int, end: int, said: str, *, stage: bool) -> dict[str, Any]:
    return {
        "label": label,
        "stage": stage,
        "from": start,
        "to": end,
        "said": said,
        "colour": palette.DATA if stage else palette.PALE,
    }
