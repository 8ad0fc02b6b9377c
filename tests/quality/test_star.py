"""Who is dropped, against the definition read one text at a time."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quality.star import drop


def one_by_one(pairs: list[tuple[int, int]], size: int) -> list[bool]:
    dropped = [False] * size
    for text in range(size):
        dropped[text] = any(right == text and not dropped[left] for left, right in pairs)
    return dropped


def dropped(pairs: list[tuple[int, int]], size: int) -> list[bool]:
    ordered = sorted(pairs, key=lambda pair: pair[1])
    left, right = np.array([pair[0] for pair in ordered], np.int64), np.array([pair[1] for pair in ordered], np.int64)
    return drop(left, right, size).tolist()


@settings(deadline=None)
@given(st.sets(st.tuples(st.integers(0, 29), st.integers(0, 29)).filter(lambda pair: pair[0] < pair[1]), max_size=60))
def test_each_text_with_a_kept_one_before_it_is_dropped(pairs: set[tuple[int, int]]) -> None:
    assert dropped(list(pairs), 30) == one_by_one(list(pairs), 30)


@pytest.mark.parametrize("links", [2, 9, 17, 200])
def test_in_a_chain_every_other_text_stays(links: int) -> None:
    chain = [(text, text + 1) for text in range(links)]
    random.Random(0).shuffle(chain)
    assert dropped(chain, links + 1) == [bool(text % 2) for text in range(links + 1)]
