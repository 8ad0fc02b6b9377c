"""The page's colours: every one has its dark twin, and text stands out from what is behind it."""

import re
from pathlib import Path

import pytest

import tasks.reporting
from tasks.reporting import palette


def test_the_dark_scheme_knows_every_colour_of_the_pictures():
    css = (Path(tasks.reporting.__file__).parent / "report.css").read_text(encoding="utf-8")
    dark = css[css.index("prefers-color-scheme: dark") :]
    colours = {value for name, value in vars(palette).items() if name.isupper() and str(value).startswith("#")}
    assert len(colours) == 10
    assert {colour for colour in colours if f'"{colour}"' not in dark} == set()


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_text_has_the_contrast_that_people_need(scheme):
    css = (Path(tasks.reporting.__file__).parent / "report.css").read_text(encoding="utf-8")
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", re.findall(r":root \{(.*?)\}", css, re.DOTALL)[scheme]))

    def luminance(colour):
        channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    def contrast(front, back):
        high, low = sorted((luminance(colours[front]), luminance(colours[back])), reverse=True)
        return (high + 0.05) / (low + 0.05)

    pairs = [(front, "paper") for front in ("ink", "quiet", "data", "ship", "reject", "undecided")]
    pairs += [
        (front, f"{tone}-tint")
        for tone in ("ship", "reject", "undecided", "neutral")
        for front in ("ink", "quiet", tone)
    ]
    assert {pair: round(contrast(*pair), 2) for pair in pairs if contrast(*pair) < 4.5} == {}
