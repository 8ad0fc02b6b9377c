"""Whatever way patterns are searched, they find what one search finds."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality.texts import patterns
from quality.texts.patterns import any_of, count_of, holds, which_hold, without

PATTERNS = [
    r"\bcat\b", r"(?i)\bcat|dog\b", r"a\\b", r"\Bat", r"(?-u:\bat\b)", r"\\\bcat", "no bounds", r"\b\w+\b.\bat",
    r"[^é]{0,40}cat", r"(?i)[\w ]{0,90}\bDOG\b|no [a-z]+", r"at$|\d",
    r"\b{start}at", r"cat\b{end}", r"[]{0,40}c]{2}",
]  # fmt: skip
PIECES = st.lists(
    st.sampled_from(["cat", "Dog", "at", "é", "“", " ", "\\", "b", "_", "1", "no bounds", "-", "\u200d", "\n"]),
    max_size=9,
)
TEXTS = st.lists(st.one_of(st.none(), PIECES.map("".join)), min_size=1)


# So few texts are searched once for what a pattern needs, else; and those beyond ASCII as all others.
@pytest.mark.parametrize(("few", "worth_two"), [(0, 0), (0, 10_000), (10_000, 10_000)])
@given(texts=TEXTS, pattern=st.sampled_from(PATTERNS))
def test_as_by_one_search(few: int, worth_two: int, texts: list[str | None], pattern: str) -> None:
    text = pl.col("text")
    told = pl.DataFrame({"text": texts}, schema={"text": pl.String})
    expected = told.select(
        holds=text.str.contains(pattern),
        count=text.str.count_matches(pattern),
        left=text.str.replace_all(pattern, "+"),
    )
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(patterns, "_WORTH_TWO", worth_two)
        patched.setattr(patterns, "_FEW_CHARACTERS", few)
        found = told.select(holds=holds(text, pattern), count=count_of(text, pattern), left=without(text, pattern, "+"))
        assert found.equals(expected)
        assert which_hold(told["text"], pattern).equals(expected["holds"])
        assert told["text"].to_list() == texts


@pytest.mark.parametrize("rows", [0, 3])
def test_null_holds_nothing(rows: int) -> None:
    told = pl.DataFrame({"text": [None] * rows}, schema={"text": pl.String})
    assert told.select(any_of(PATTERNS, pl.col("text"))).to_series().to_list() == [False] * rows


def test_a_text_behind_a_null_is_not_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    searched: list[str] = []
    monkeypatch.setattr(patterns, "_held", lambda texts, _: searched.extend(texts) or texts == "a dog")
    told = pl.DataFrame({"text": ["a cat", "a dog"]})
    masked = pl.when(pl.col("text") == "a dog").then(pl.col("text"))
    assert told.select(holds(masked, "dog")).to_series().to_list() == [None, True]
    assert searched == ["a dog"]
