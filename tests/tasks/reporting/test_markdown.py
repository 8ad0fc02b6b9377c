import base64
import re
from html import unescape

import polars as pl
import pytest
from markdown_it import MarkdownIt

from tasks.reporting.markdown import escape, funnel_markdown, verdict_markdown
from tasks.reporting.text import one_line

HOSTILE = [
    "a|b||c",
    "`code` ``x",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "[click](javascript:alert(1)) ![x](https://example.invalid/x.png)",
    "https://example.invalid <https://example.invalid>",
    "*bold* _em_ ~~gone~~ # head",
    "\\| back\\slash",
    "line\n\n| a | b |\n|---|---|\n# Title",
    "&lt;script&gt; &#60;",
    "nul\x00 \u202e half\ud83d",
]


def rendered(markdown):
    return MarkdownIt("commonmark", {"html": True}).enable("table").render(markdown)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_escaped_text_is_shown_literally(text):
    html = rendered(f"| a | b |\n|---|---|\n| {escape(text)} | end |")
    assert html.count("<td>") == 2
    cell = re.search(r"<td>(.*?)</td>", html, re.DOTALL).group(1)
    assert "<" not in cell
    assert unescape(cell) == one_line(text)


def test_nothing_is_escaped_by_a_character_reference_since_prefects_pages_show_it_as_it_is_written(build):
    told = re.sub(r"!\[[^]]*\]\(data:[^)]*\)", "", verdict_markdown(build()) + funnel_markdown(build()))
    assert "\\+0.214" in told
    assert "&" not in told


def test_hostile_suites_and_reasons_stay_in_their_cells(build, comparison, verdict):
    names = [text.encode("utf-8", "replace").decode() for text in HOSTILE]
    judged = verdict() | {
        "reason": " ".join(HOSTILE),
        "retention": [comparison(text, 0.2, 0.1, 0.0) for text in HOSTILE],
    }
    reasons = pl.DataFrame(
        [("dedupe", "dropped", name, 1) for name in names], schema=build().reasons.schema, orient="row"
    )
    evidence = build(verdict=judged, reasons=reasons)
    for html, columns in (
        (rendered(verdict_markdown(evidence)), 6),
        (rendered(funnel_markdown(evidence)), 4),
    ):
        rows = re.findall(r"<tr>(?:(?!<th).)*?</tr>", html, re.DOTALL)
        assert len(rows) >= len(HOSTILE)
        assert {row.count("<td") for row in rows} == {columns}
        assert html.count("<table>") == 1
        assert html.count("<img") == 1
        assert not re.search(r"<(script|a|code|del|svg)\b", html)


def test_the_verdict_is_told_with_its_picture_and_numbers(build):
    markdown = verdict_markdown(build())
    assert markdown.startswith("# ✅ Ship it: better in the domain")
    picture = re.search(r"!\[Gain against forgetting\]\(data:image/png;base64,([A-Za-z0-9+/=]+)\)", markdown)
    assert base64.b64decode(picture.group(1))[:4] == b"\x89PNG"
    assert len(markdown) < 400_000
    assert '<td style="text-align:right">+0.214</td>' in rendered(markdown)


def test_units_are_told_below_the_table_once_where_all_have_the_same_and_else_by_suite(build, comparison, verdict):
    judged = {"retention": [comparison("code", -0.007, 0.009, -0.02)], "informative": []}
    alone = rendered(verdict_markdown(build(verdict=verdict() | judged)))
    assert "<p>Differences are in bits per byte. Behind the items" in alone
    mixed = rendered(verdict_markdown(build()))
    of_bits, of_points = "domain answers, encyclopedia, code", "general questions, domain choice"
    assert f"Differences are in bits per byte of {of_bits}; in accuracy points of {of_points}." in mixed


def test_a_suite_that_could_not_be_made_is_told_with_its_reason(build, verdict):
    missing = [{"suite": "garden-choice", "reason": "no row has siblings | <b>none</b>"}]
    html = rendered(verdict_markdown(build(verdict=verdict() | {"unexamined": missing})))
    assert "garden-choice: not examined, because no row has siblings | &lt;b&gt;none" in html
    assert "not examined" not in verdict_markdown(build())


def test_the_funnel_is_told_with_balanced_books(build):
    html = rendered(funnel_markdown(build()))
    assert "<strong>4,962 rows in = 1,458 kept + 3,470 dropped + 34 quarantined</strong>" in html
    assert html.count("<tr>") == 1 + build().reasons.height


@pytest.mark.parametrize("decision", ["REJECT", "INCONCLUSIVE"])
def test_other_decisions_carry_another_sign(build, decision):
    heads = {"REJECT": "# ❌ Do not ship it", "INCONCLUSIVE": "# ⚠️ Not decided"}
    assert verdict_markdown(build(decision)).startswith(heads[decision])


def test_without_a_verdict_or_a_pool_there_is_still_something_to_read(build):
    assert "No verdict" in verdict_markdown(build(verdict=None))
    empty = build(funnel=build().funnel.head(0))
    assert funnel_markdown(empty) == "No pool was curated in this run.\n"
