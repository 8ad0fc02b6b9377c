"""What explains a verdict, on the page and in its artifact: told whole, as text alone, and only where there is any."""

import re
from typing import Any

import pytest
from markdown_it import MarkdownIt

from tasks.reporting.markdown import probe_markdown, verdict_markdown
from tasks.reporting.page import render
from tasks.reporting.probe import Flip, Near, Probe, recalled, spill

HOSTILE = [
    "a|b",
    "<script>alert(1)</script>",
    "[x](javascript:alert(1))",
    "{{7*7}}",
    "nul\x00 \u202e half\ud83d",
    "`c`",
]


def moved(role: str, mean: float, half: float, suite: str = "code") -> dict[str, Any]:
    ends = {"lower": max(0.0, mean - half), "upper": mean + half}
    return {"suite": suite, "role": role, "n": 24, "clusters": 12, "tokens": 1591, "mean": mean} | ends


KNOWN = {
    "suite": "code-choice", "asked": 40, "known": 20, "base": 0.95, "candidate": 0.9, "lower": -0.2, "upper": 0.1,
    "lost": 2, "gained": 1, "p": 1.0,
}  # fmt: skip


def near(text: str, **more: Any) -> Near:
    row = {"id": text, "origin": text, "source": text, "similarity": 0.71, "stage": "keep_domain", "prompt": text}
    return Near(**(row | {"answer": text, "score": 2.31, "threshold": 0.4} | more))


def flip(text: str, rows: int = 3) -> Flip:
    return Flip(suite=text, question=text, right=text, base=text, candidate=text, nearest=[near(text)] * rows)


@pytest.fixture
def probe() -> Probe:
    return Probe(
        divergence=[moved("domain", 0.119, 0.02, "answers"), moved("retention", 0.044, 0.02)],
        recall=[KNOWN],
        missing=["prose: not asked again, because its texts hold no questions"],
        flips=[Flip("code-choice", "What is 2 + 2?", "four", "four", "five", [near("Is it five?")])],
    )


def test_the_page_tells_all_of_it(build, probe):
    html = render(build(probe=probe))
    for told in ("0.119", "[0.024, 0.064]", "2 lost, 1 gained", "What is 2 + 2?", "five", "Is it five?", "cosine 0.71"):
        assert told in html, told
    assert "Let in by keep domain, with a score of 2.31; the threshold is 0.40" in html
    assert "not asked again, because its texts hold no questions." in html
    assert 'href="#probe"' in html
    assert 'id="probe"' not in render(build())
    assert 'href="#probe"' not in render(build())


def test_hostile_rows_are_only_text(build):
    told = [moved("domain", 0.1, 0.1, text) for text in HOSTILE]
    probe = Probe(told, [KNOWN | {"suite": text} for text in HOSTILE], HOSTILE, [flip(text) for text in HOSTILE])
    html = render(build(probe=probe))
    section = html[html.index('<section id="probe"') : html.index('<section id="reading"')]
    assert not re.search(r"<(script|a|img)\b", section)
    assert "49" not in section
    assert not set(html) & set("\x00\u202e")
    shown = MarkdownIt("commonmark", {"html": True}).enable("table").render(probe_markdown(probe))
    assert not re.search(r"<(script|a|img|code)\b", shown)
    assert {row.count("<td") for row in re.findall(r"<tr>(?:(?!<th).)*?</tr>", shown, re.DOTALL)} == {6, 4}


def test_no_more_than_ten_lost_items_are_shown(build):
    html = render(build(probe=Probe(recall=[KNOWN], flips=[flip(f"q{n:02}x", 0) for n in range(14)])))
    assert "The first 10 of 14." in html
    assert "q09x" in html
    assert "q10x" not in html


@pytest.mark.parametrize(
    ("kept", "domain", "warned"), [((0.3, 0.05), (0.1, 0.05), True), ((0.3, 0.2), (0.1, 0.05), False)]
)
def test_who_moves_surely_farther_outside_the_domain_is_warned_of(kept, domain, warned):
    all_of_it = [moved("domain", *domain), moved("retention", *kept), moved("retention", 9.0, 0.1)]
    assert bool(spill(Probe(divergence=all_of_it))) == warned
    assert not spill(Probe(divergence=all_of_it[1:]))
    assert not spill(Probe(divergence=[all_of_it[0] | {"upper": None}, all_of_it[1]]))


def test_what_is_known_is_told_with_its_numbers():
    assert recalled(KNOWN) == (
        "code-choice: the base answers 20 of 40 right. Asked again, it answers 95% of those right, the candidate 90% "
        "(2 lost, 1 gained; p = 1.000; the change lies between −20.0 and +10.0 points)."
    )
    assert recalled(KNOWN | {"suite": "a + b"}).startswith("All suites together: ")
    assert "; the change can't be bounded by so few documents)." in recalled(KNOWN | {"lower": None})


def test_why_a_row_was_let_in():
    assert near("x").admitted == "let in by keep domain, with a score of 2.31; the threshold is 0.40"
    assert near("x", stage="choose", score=None, threshold=None).admitted == "let in by choose"
    assert near("x", stage="split", score=None, threshold=None).admitted == "no stage had a reason to remove it"


def test_style_or_knowledge_is_told_on_the_page_and_in_the_artifact(build, verdict):
    learnt = {"answer": "format", "reason": "format, not knowledge: bits per byte gain", "right": {}}
    told = build(verdict=verdict() | {"learnt": learnt})
    assert "Format, not knowledge: bits per byte gain." in render(told)
    assert "Format, not knowledge" in verdict_markdown(told)
    silent = build(verdict=verdict() | {"learnt": learnt | {"answer": "no gain"}})
    assert "ormat, not knowledge" not in render(silent) + verdict_markdown(silent)
