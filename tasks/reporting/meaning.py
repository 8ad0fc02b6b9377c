"""The picture of semantic duplicates: how close copies lie to their rows, how close other rows do, the threshold."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from tasks.reporting import palette

if TYPE_CHECKING:
    import altair as alt

_HEIGHT = 150
_BIN = 0.02  # of `quality.meaning.threshold`

DISTRIBUTION: dict[str, pl.DataType] = {"cosine": pl.Float64(), "others": pl.Int64(), "copies": pl.Int64()}
"""By lower end of the bin: rows whose nearest row of other words is there, and lightly edited copies of rows. The first
bin holds all below the second."""


@dataclass(frozen=True)
class Meaning:
    """From which cosine two rows may say the same, what that was found on (`DISTRIBUTION`), and what was aimed at.

    `false_merges` and `recall` are shares (0 to 1) beyond the threshold: of rows that a row of other words is as close
    to, and of edited copies. Recall is None where no row was long enough to be edited.
    """

    distribution: pl.DataFrame
    threshold: float
    false_merges: float
    most_false_merges: float
    recall: float | None
    least_recall: float

    @property
    def others(self) -> int:
        """Rows whose nearest row of other words was looked for."""
        return int(self.distribution["others"].sum())

    @property
    def copies(self) -> int:
        """Edited copies that were made."""
        return int(self.distribution["copies"].sum())

    @property
    def lowest(self) -> float:
        """Upper end of the first bin."""
        return float(self.distribution["cosine"][1]) if self.distribution.height > 1 else 1.0


def meaning_chart(found: Meaning, width: int = palette.WIDE) -> "alt.LayerChart":
    """Draw both distributions side by side in each bin, as shares of their own, and the threshold."""
    import altair as alt

    rows, left, right = _bars(found), 44, width - 8
    scale = alt.Scale(domain=[found.lowest - _BIN, 1.0], range=[left, right], nice=False, clamp=True)
    title = f"cosine with the row (leftmost: all below {found.lowest:.2f})"
    x_axis = alt.Axis(title=title, grid=False, tickCount=6, format=".2f")
    bars = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_bar(stroke=palette.PAPER, strokeWidth=1)
        .encode(
            x=alt.X("from:Q", scale=scale, axis=x_axis),
            x2=alt.X2("to:Q"),
            y=alt.Y("share:Q", axis=alt.Axis(title=None, tickCount=4, format=".0%", offset=-left)),
            y2=alt.datum(0),
            color=alt.Color("colour:N", scale=None),
        )
    )
    cut = alt.Chart(alt.InlineData(values=[{"at": found.threshold}])).encode(x=alt.X("at:Q", scale=scale))
    middle = found.threshold < (found.lowest + 1) / 2
    told: dict[str, Any] = {"align": "left" if middle else "right", "dx": 8 if middle else -8, "dy": -20}
    layers = [
        bars,
        cut.mark_rule(strokeWidth=2, color=palette.INK).encode(y=alt.YValue(-26), y2=alt.Y2Value(_HEIGHT)),
        cut.mark_text(color=palette.INK, fontWeight="bold", **told).encode(
            y=alt.YValue(0), text=alt.TextValue(f"same meaning from {found.threshold:.3f} on")
        ),
    ]
    return alt.LayerChart(layer=layers, width=width, height=_HEIGHT)


def _bars(found: Meaning) -> list[dict[str, Any]]:
    """Return two bars for each bin, which share its width: neighbours of other words, and edited copies."""
    sides = (("others", found.others, palette.PALE, 0.0), ("copies", found.copies, palette.DATA, 0.5))
    bars = []
    for at, row in enumerate(found.distribution.iter_rows(named=True)):
        start = row["cosine"] if at else found.lowest - _BIN
        bars += [
            {
                "from": start + part * _BIN,
                "to": start + (part + 0.5) * _BIN,
                "share": row[name] / whole,
                "colour": colour,
            }
            for name, whole, colour, part in sides
            if whole
        ]
    return bars
