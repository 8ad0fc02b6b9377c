"""Every picture of the report, and how it becomes SVG or PNG without a browser and without the network.

Their channels are written as classes (``alt.Text("label:N")``, ``alt.XValue(0)``): what a string or `alt.value` stands
for, altair looks up among all its classes, which took a third of a page's time.
"""

import re
from typing import TYPE_CHECKING, Any

from tasks.reporting.dividend_charts import dividend_chart, on_the_curve, scaling_chart
from tasks.reporting.domain import domain_chart
from tasks.reporting.forest import forest_chart
from tasks.reporting.funnel import funnel_chart
from tasks.reporting.meaning import meaning_chart
from tasks.reporting.palette import CONFIG
from tasks.reporting.pareto import pareto_chart
from tasks.reporting.timeline import Point, timeline_chart
from tasks.reporting.training import training_chart

if TYPE_CHECKING:
    import altair as alt

    Chart = alt.Chart | alt.LayerChart | alt.VConcatChart

__all__ = [
    "Point",
    "dividend_chart",
    "domain_chart",
    "forest_chart",
    "funnel_chart",
    "meaning_chart",
    "on_the_curve",
    "pareto_chart",
    "png",
    "scaling_chart",
    "svg",
    "timeline_chart",
    "training_chart",
]

_SIDES = ("left", "right", "top", "bottom")


def svg(chart: "Chart", name: str = "chart") -> str:
    """Return the chart as an SVG element.

    Parameters
    ----------
    chart : altair chart
        Its data must be inline: addresses are refused.
    name : str
        Prefix of the ids inside, so that several charts can stand in one page.
    """
    import vl_convert

    drawn: str = vl_convert.vegalite_to_svg(_specification(chart, padding=0), allowed_base_urls=[])
    return re.sub(r'(\bid="|url\(#)(?=clip|gradient)', rf"\g<1>{name}-", drawn)


def png(chart: "Chart", scale: float = 2.0) -> bytes:
    """Return the chart as a PNG picture, `scale` pixels to a point."""
    import vl_convert

    drawn: bytes = vl_convert.vegalite_to_png(_specification(chart, padding=16), scale=scale, allowed_base_urls=[])
    return drawn


def _specification(chart: "Chart", padding: int) -> dict[str, Any]:
    # Altair validates axes, scales and marks as they are made; the whole is validated by the tests, for its time.
    specification: dict[str, Any] = chart.to_dict(validate=False, context={"pre_transform": False})
    # Altair's own default view size would win over a theme: winnow's look replaces its configuration whole.
    return {
        **specification,
        "config": CONFIG,
        "padding": {side: max(padding, 6 if side == "bottom" else 0) for side in _SIDES},
    }
