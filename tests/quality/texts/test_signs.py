"""Operators, currencies and C++ tell texts apart that have the same words; layout and lost marks do not."""

from time import process_time

import polars as pl
import pytest

from quality.texts.signs import have_other_signs, signs_differ


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("returns a + b for", "returns a - b for"),
        ("while i < n, go", "while i >= n, go"),
        ("if x == 3", "if x = 3"),
        ("then i++ comes", "then i-- comes"),
        ("f(a) - g(b)", "f(a) + g(b)"),
        ("What is `^` in this", "What is `&` in this"),
        ("Which for C on my machine?", "Which for C++ on my machine?"),
        ("Which for C# on my machine?", "Which for C++ on my machine?"),
        ("What is $50 worth", "What is €50 worth"),
        ("for price - rebate", "for price + rebate"),
    ],
)
def test_a_sign_in_the_place_of_another_makes_another_text(text: str, other: str) -> None:
    assert signs_differ(text, other)
    assert signs_differ(other, text)


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("returns a + b for", "returns a b for"),
        ("- one\n- two", "* one\n* two"),
        ("## Title\ntext", "# Title\ntext"),
        ("**Note** - see", "Note: see"),
        ("a <b>word</b> here", "a **word** here"),
        ("one — two", "one - two"),
        ("and/or both", "and-or both"),
        ("x ≤ y now", "x <= y now"),
        ("x &lt; y now", "x < y now"),
        ("x => y now", "x → y now"),
        ("Stop! Now", "Stop - now"),
        ("C++ is fast.", "c is fast"),
        ("| a | b |\n|---|---|", "a b"),
        ("a + b, then a - b", "a - b, and a + b"),
        ("", "a + b"),
        ("used 6 x 5 = <<6*5=30>>30", "used 6 x 5 <<6*5=30>>30"),
    ],
)
def test_layout_and_marks_that_were_lost_make_no_other_text(text: str, other: str) -> None:
    assert not signs_differ(text, other)
    assert not signs_differ(other, text)


def test_pairs_are_told_place_by_place_and_null_is_empty() -> None:
    texts = pl.Series(["a + b", None, "C# now.", "a + b"])
    others = pl.Series(["a - b", "a - b", "C++ now.", "a + b"])
    assert have_other_signs(texts, others).tolist() == [True, False, True, False]
    assert have_other_signs(texts.clear(), others.clear()).tolist() == []


@pytest.mark.parametrize("part", ["*a ", "<a ", "| a ", "- ", "&lt; ", "=> a "])
def test_long_lines_of_signs_take_bounded_time(part: str) -> None:
    text = part * 100_000
    began = process_time()
    signs_differ(f"{text} x + y", f"{text} x - y")
    assert process_time() - began < 20
