"""The colours and type of every picture: one meaning, one colour.

`report.css` finds them by their codes to swap them in the dark, and a test keeps both in step.
"""

from typing import Any, Literal

Tone = Literal["ship", "reject", "undecided", "neutral"]

INK = "#1c2530"
QUIET = "#5b6673"
GRID = "#e4e7ec"
ZONE = "#e9edf2"
PAPER = "#ffffff"
DATA = "#2f5f8f"
PALE = "#a9bfd8"
SHIP = "#1a7f4b"
REJECT = "#b3261e"
UNDECIDED = "#a15c00"

TONES: dict[str, Tone] = {
    "SHIP": "ship",
    "REJECT": "reject",
    "INCONCLUSIVE": "undecided",
    "pass": "ship",
    "fail": "reject",
    "undecided": "undecided",
    "informative": "neutral",
}
COLOURS: dict[Tone, str] = {"ship": SHIP, "reject": REJECT, "undecided": UNDECIDED, "neutral": QUIET}

PLAIN_ZERO = "datum.value ? datum.label : '0'"
"""How an axis labels nothing, which has neither a sign nor a unit; all else as its format says."""

SIGNED: dict[str, Any] = {"format": "+.6~f", "labelExpr": PLAIN_ZERO}
"""How an axis writes differences: with as many decimals as its ticks lie apart, so that no two of them read alike."""

WIDE = 752
NARROW = 340

FONT = "Inter, 'Helvetica Neue', Helvetica, Arial, 'Liberation Sans', sans-serif"

CONFIG: dict[str, Any] = {
    "background": PAPER,
    "font": FONT,
    "view": {"stroke": None},
    "axis": {
        "labelColor": QUIET,
        "labelFontSize": 12,
        "titleColor": QUIET,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "titlePadding": 10,
        "labelPadding": 6,
        "gridColor": GRID,
        "domain": False,
        "ticks": False,
    },
    "text": {"fontSize": 13, "color": INK},
}
