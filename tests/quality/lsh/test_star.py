"""Who is dropped, against the definition read one text at a time."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality.lsh.star import deciding, drop


def one_by_one(pairs: list[tuple[int, int]], size: int) -> list[bool]:
    dropped = [False] * size
    for text in range(size):
        dropped[text] = any(right == text and not dropped[left] for left, right in pairs)
    return dropped


def dropped(pairs: list[tuple[int, int]], size: int) -> list[bool]:
    ordered = sorted(pairs, key=lambda pair: pair[1])
    left, right = np.array([pair[0] for pair in ordered], np.int64), np.array([pair[1] for pair in ordered], np.int64)
    return drop(left, right, size).tolist()


@given(st.sets(st.tuples(st.integers(0, 29), st.integers(0, 29)).filter(lambda pair: pair[0] < pair[1]), max_size=60))
def test_each_text_with_a_kept_one_before_it_is_dropped(pairs: set[tuple[int, int]]) -> None:
    assert dropped(list(pairs), 30) == one_by_one(list(pairs), 30)


@pytest.mark.parametrize("links", [2, 9, 17, 200])
def test_in_a_chain_every_other_text_stays(links: int) -> None:
    chain = [(text, text + 1) for text in range(links)]
    random.Random(0).shuffle(chain)
    assert dropped(chain, links + 1) == [bool(text % 2) for text in range(links + 1)]


@given(st.sets(st.tuples(st.integers(0, 14), st.integers(0, 14)), max_size=40), st.sets(st.integers(0, 14)))
def test_deciding_pairs_alone_tell_whether_texts_are_dropped(pairs: set[tuple[int, int]], asked: set[int]) -> None:
    ordered = sorted(((a, b) for a, b in pairs if a < b), key=lambda pair: pair[::-1])
    left, right = (np.array([pair[side] for pair in ordered], np.int64) for side in (0, 1))
    texts = np.isin(np.arange(15), sorted(asked))
    chosen = deciding(left, right, texts)
    every, some = drop(left, right, 15), drop(left[chosen], right[chosen], 15)
    assert every[texts].tolist() == some[texts].tolist()
    needed = {b for a, b in ordered if b in asked}
    assert needed <= set(right[chosen].tolist())


def test_far_apart_pairs_decide_nothing_and_long_chains_are_taken_whole() -> None:
    left, right = np.array([0, 1, 5]), np.array([1, 2, 6])
    assert deciding(left, right, np.arange(7) == 2).tolist() == [True, True, False]
    chain = np.arange(100)
    assert deciding(chain, chain + 1, np.arange(101) == 100).all()
