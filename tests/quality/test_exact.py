import unicodedata

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from quality.exact import exact_duplicates

# Few different characters, so that duplicates are common: cases, accents composed and not, white space.
TEXTS = st.lists(st.none() | st.text(alphabet="aAéÉe\u0301ßsS \t\n\u00a0!", max_size=5), max_size=30)


def key(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold()).split())


@settings(deadline=None)
@given(TEXTS)
def test_the_first_occurrence_is_the_witness_of_all_others(texts: list[str | None]) -> None:
    first: dict[str, int] = {}
    expected = []
    for row, text in enumerate(texts):
        if text is not None and first.setdefault(key(text), row) != row:
            expected.append((row, first[key(text)]))
    assert exact_duplicates(pl.Series(texts, dtype=pl.String)).rows() == expected


def test_null_is_no_duplicate_of_null_but_empty_is_of_empty() -> None:
    assert exact_duplicates(pl.Series([None, None, "", "  "])).rows() == [(3, 2)]


def test_the_columns_have_the_types_that_others_join_on() -> None:
    for texts in (pl.Series([], dtype=pl.String), pl.Series(["a", "a"])):
        assert exact_duplicates(texts).schema == {"row": pl.UInt32, "witness": pl.UInt32}
