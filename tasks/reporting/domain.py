"""The picture of the domain filter: how the pool's scores are spread, and where it was cut."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tasks.reporting import palette

if TYPE_CHECKING:
    import altair as alt
    import numpy.typing as npt
    import polars as pl

_BINS = 44
_HEIGHT = 190


@dataclass(frozen=True)
class Near:
    """A row near the threshold, and how far its score lies beyond it (log-odds; below it, less than 0)."""

    id: str
    origin: str
    prompt: str
    beyond: float


@dataclass(frozen=True)
class Domain:
    """The domain filter's scores of all rows it saw, its threshold, and its estimate of how well it works.

    Of `several` domains a score is how far a row lies beyond the line of the domain that it comes nearest to. Where the
    seeds are `written_otherwise` than the pool, the estimate is often too good. `borderline` rows lie within `margin`
    (log-odds) of a threshold, the `nearest` of them are shown. `skimmed` rows were left out before, by their words.
    """

    scores: "pl.Series"
    threshold: float
    precision: float | None = None
    recall: float | None = None
    prevalence: float | None = None
    auc: float | None = None
    method: str = ""
    several: bool = False
    written_otherwise: bool = False
    borderline: int = 0
    margin: float = 1.0
    nearest: Sequence[Near] = ()
    skimmed: int = 0


def domain_chart(domain: Domain, width: int = palette.WIDE) -> "alt.LayerChart":
    """Draw the histogram of the domain scores; bars left of the threshold are the rows that were dropped."""
    import altair as alt

    rows = _bins(domain)
    below = sum(row["rows"] for row in rows if not row["kept"])
    above = sum(row["rows"] for row in rows if row["kept"])
    low = min((row["from"] for row in rows), default=domain.threshold - 1)
    high = max((row["to"] for row in rows), default=domain.threshold + 1)
    left, right = 44, width - 8
    scale = alt.Scale(domain=[low, high], range=[left, right], nice=False)
    title = (
        "beyond the nearest domain's threshold" if domain.several else "domain score (right is closer to the domain)"
    )
    x_axis = alt.Axis(title=title, grid=False, tickCount=6)
    y_axis = alt.Axis(title=None, tickCount=4, format=",d", offset=-left)
    bars = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_bar(stroke=palette.PAPER, strokeWidth=1)
        .encode(
            x=alt.X("from:Q", scale=scale, axis=x_axis),
            x2=alt.X2("to:Q"),
            y=alt.Y("rows:Q", axis=y_axis),
            y2=alt.datum(0),
            color=alt.Color("colour:N", scale=None),
        )
    )
    cut = alt.Chart(alt.InlineData(values=[{"at": domain.threshold}])).encode(x=alt.X("at:Q", scale=scale))
    dropped, kept = f"{below:,} dropped", f"{above:,} kept"
    layers = [
        bars,
        cut.mark_rule(strokeWidth=2, color=palette.INK).encode(y=alt.YValue(-26), y2=alt.Y2Value(_HEIGHT)),
        cut.mark_text(align="right", dx=-8, dy=-20, color=palette.QUIET).encode(
            y=alt.YValue(0), text=alt.TextValue(dropped)
        ),
        cut.mark_text(align="left", dx=8, dy=-20, color=palette.DATA, fontWeight="bold").encode(
            y=alt.YValue(0), text=alt.TextValue(kept)
        ),
    ]
    return alt.LayerChart(layer=layers, width=width, height=_HEIGHT)


def _bins(domain: Domain) -> list[dict[str, Any]]:
    """Count scores in bins of nearly one width, none of which straddles the threshold."""
    scores = domain.scores.drop_nulls().drop_nans().to_numpy().astype(float)
    scores = scores[np.isfinite(scores)]
    if scores.size == 0:
        return []
    edges = _edges(min(float(scores.min()), domain.threshold), domain.threshold, float(scores.max()))
    counts, _ = np.histogram(scores, bins=edges)
    return [
        {
            "from": float(start),
            "to": float(end),
            "rows": int(rows),
            "kept": bool(start >= domain.threshold),
            "colour": palette.DATA if start >= domain.threshold else palette.PALE,
        }
        for start, end, rows in zip(edges[:-1], edges[1:], counts, strict=True)
    ]


def _edges(low: float, threshold: float, high: float) -> "npt.NDArray[np.float64]":
    """Return about `_BINS` edges, one of them exactly the threshold, with a bin on its right in any case."""
    step = (max(high, threshold) - low) / _BINS or 0.01
    high = high if high > threshold else threshold + step
    below = round((threshold - low) / step)
    parts = [
        np.linspace(low, threshold, max(below, 1) + 1),
        np.linspace(threshold, high, max(_BINS - below, 1) + 1),
    ]
    return np.unique(np.concatenate(parts))
