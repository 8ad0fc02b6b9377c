"""Shared words against Python's own multisets."""

import re
from collections import Counter

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from quality.texts.word_bags import NUMBER, WordBags

TEXTS = st.lists(st.text(alphabet="aAb2ß- \n", max_size=12), min_size=1, max_size=8)


def bag(text: str, pattern: str) -> Counter[str]:
    return Counter(re.findall(pattern, text.casefold()))


@given(TEXTS)
def test_words_are_counted_as_multisets_are(texts: list[str]) -> None:
    left, right = (side.ravel() for side in np.indices((len(texts), len(texts))))
    for pattern in (r"\w+", NUMBER):
        bags = WordBags(pl.Series(texts), pattern)
        for at, (one, other) in enumerate(
            (bag(texts[i], pattern), bag(texts[j], pattern)) for i, j in zip(left, right, strict=True)
        ):
            both, either = (one & other).total(), (one | other).total()
            assert bags.shared(left, right)[at] == both
            assert bags.jaccard(left, right)[at] == (both / either if either else 1)
            assert bags.within(left, right)[at] == (one <= other or other <= one)


def test_more_pairs_than_are_compared_at_a_time_are_all_compared() -> None:
    bags = WordBags(pl.Series(["one two", "two three", None]))
    left, right = np.tile([0, 0, 1], 20_000), np.tile([0, 1, 2], 20_000)
    assert bags.shared(left, right).reshape(-1, 3).tolist() == [[2, 1, 0]] * 20_000


def test_no_texts_and_no_pairs_are_no_error() -> None:
    none = np.empty(0, np.int64)
    assert WordBags(pl.Series([], dtype=pl.String)).jaccard(none, none).tolist() == []
