"""The canary audit in the report: what was caught, stage by stage, and never more than is proven."""

import re

import polars as pl
import pytest

from tasks.reporting import evidence as ev
from tasks.reporting.canaries import audit_of
from tasks.reporting.page import render

LINES = [
    ("edited_leaks", "decontaminate", 20, 18, 17, 0.683, 0.988),
    ("stumps", "screen", 7, 0, 0, 0.0, 0.41),
    ("echoes", "screen", 7, 7, 7, 0.59, 1.0),
    ("all", "decontaminate", 20, 18, 17, 0.683, 0.988),
    ("all", "screen", 14, 7, 7, 0.23, 0.77),
    ("all", "all", 34, 25, 24, 0.556, 0.871),
]


def canaries(lines: list[tuple] = LINES) -> pl.DataFrame:
    return pl.DataFrame(lines, schema=ev.CANARIES, orient="row")


def section(html: str) -> str:
    return re.search(r'<section id="canaries">.*?</section>', html, re.DOTALL).group()


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


def test_every_kind_stands_below_its_stage_with_what_was_caught_and_what_that_proves(build) -> None:
    said = words(section(render(build(canaries=canaries()))))
    assert "34 rows whose right fate is known were planted in a copy of the pool" in said
    assert "25 were caught: at least 56% of such rows are." in said
    assert "Some got through of stumps (0 of 7 caught) and edited leaks (18 of 20 caught)." in said
    assert "None of these rows is in the training set." in said
    rows = [
        "decontaminate 18 of 20 17 68 to 99%",
        "edited leaks 18 of 20 17 68 to 99%",
        "screen 7 of 14 7 23 to 77%",
        "stumps 0 of 7 0 0 to 41%",
    ]
    places = [said.index(row) for row in [*rows, "echoes 7 of 7 7 59 to 100%"]]
    assert places == sorted(places)


def test_bars_and_intervals_have_the_widths_of_what_was_counted(build) -> None:
    html = section(render(build(canaries=canaries())))
    tracks = re.findall(r'<b style="width:([\d.]+)%"></b><i style="left:([\d.]+)%;width:([\d.]+)%">', html)
    assert tracks[:2] == [("90.0", "68.3", "30.5")] * 2
    assert tracks[3] == ("0.0", "0.0", "41.0")
    assert html.count("<tr") == html.count("</tr>") == 6
    assert re.findall(r'class="n missed">([^<]+)<', html) == ["18 of 20", "18 of 20", "7 of 14", "0 of 7"]


def test_where_all_were_caught_nothing_is_marked(build) -> None:
    lines = [("echoes", "screen", 7, 7, 7, 0.59, 1.0), ("all", "screen", 7, 7, 7, 0.59, 1.0)]
    html = section(render(build(canaries=canaries([*lines, ("all", "all", 7, 7, 7, 0.59, 1.0)]))))
    assert "Some got through" not in html
    assert "missed" not in html


def test_a_run_without_canaries_says_so(build) -> None:
    assert audit_of(canaries([])) is None
    assert "No canaries were planted in this run" in words(section(render(build())))


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "\"' onmouseover='x", "</section><b>", "{{ 7*7 }}"])
def test_a_name_that_is_markup_is_only_text(build, name: str) -> None:
    lines = [(name, name, 2, 1, 1, 0.1, 0.9), ("all", name, 2, 1, 1, 0.1, 0.9), ("all", "all", 2, 1, 1, 0.1, 0.9)]
    html = section(render(build(canaries=canaries(lines))))
    assert "<script" not in html
    assert "onmouseover='" not in html
    assert html.count("</section>") == 1
    assert "49" not in html
