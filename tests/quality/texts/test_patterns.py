"""Patterns with word boundaries are searched twice, and find what one search finds."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality.texts import patterns
from quality.texts.patterns import any_of, holds

PATTERNS = [r"\bcat\b", r"(?i)\bcat|dog\b", r"a\\b", r"\Bat", r"(?-u:\bat\b)", r"\\\bcat", "no bounds"]
PIECES = st.lists(
    st.sampled_from(["cat", "Dog", "at", "é", "“", " ", "\\", "b", "_", "1", "no bounds", "-"]), max_size=9
)


@given(texts=st.lists(st.one_of(st.none(), PIECES.map("".join)), min_size=1), pattern=st.sampled_from(PATTERNS))
def test_the_same_texts_hold_a_pattern_as_by_one_search(texts: list[str | None], pattern: str) -> None:
    told = pl.DataFrame({"text": texts}, schema={"text": pl.String})
    expected = told.select(pl.col("text").str.contains(pattern).fill_null(value=False))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(patterns, "_WORTH_TWO", 0)  # so few texts are searched once, else
        assert told.select(holds(pl.col("text"), pattern)).equals(expected)


@pytest.mark.parametrize("rows", [0, 3])
def test_null_holds_nothing(rows: int) -> None:
    told = pl.DataFrame({"text": [None] * rows}, schema={"text": pl.String})
    assert told.select(any_of(PATTERNS, pl.col("text"))).to_series().to_list() == [False] * rows
