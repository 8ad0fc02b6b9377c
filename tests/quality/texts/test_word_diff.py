"""Texts are compared word by word, and both can be put together again from what is told."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality.texts.word_diff import Part, joined, likeness, word_diff

_WORDS = st.lists(st.sampled_from(["a", "b", "c", "d"]), max_size=12)


def test_a_replaced_word_is_told_between_those_alike() -> None:
    parts = word_diff("the cat sat\non the mat", "the  dog sat on the mat again")
    assert parts == [
        Part("same", ("the",)),
        Part("only_first", ("cat",)),
        Part("only_second", ("dog",)),
        Part("same", ("sat", "on", "the", "mat")),
        Part("only_second", ("again",)),
    ]
    assert likeness(parts) == 2 * 5 / 13


@given(_WORDS, _WORDS)
def test_both_texts_can_be_read_from_the_parts(first: list[str], second: list[str]) -> None:
    parts = word_diff(" ".join(first), " ".join(second))
    for own, words in (("only_first", first), ("only_second", second)):
        assert [word for part in parts if part.kind in ("same", own) for word in part.words] == words
    assert 0 <= likeness(parts) <= 1
    assert (likeness(parts) == 1) == (first == second)


def test_long_texts_take_bounded_time() -> None:
    began = time.monotonic()
    word_diff("a b " * 200_000, "b a " * 200_000)
    assert time.monotonic() - began < 20


@pytest.mark.parametrize(
    ("first", "second", "gone", "new"),
    [
        ("我们去公园。", "我们去河边。", ("公", "园"), ("河", "边")),
        ("ผมชอบกินข้าว", "ผมชอบกินปลา", ("ข้",), ("ป", "ล")),
        ("コーヒーを飲む", "コーラを飲む", ("ヒ", "ー"), ("ラ",)),
        ("用 git push 推送", "用 git pull 推送", ("push",), ("pull",)),
    ],
)
def test_scripts_without_spaces_are_compared_by_character(
    first: str, second: str, gone: tuple[str, ...], new: tuple[str, ...]
) -> None:
    parts = word_diff(first, second)
    assert Part("only_first", gone) in parts
    assert Part("only_second", new) in parts
    assert likeness(parts) >= 0.5


@pytest.mark.parametrize("text", ["the cat, again", "今天很好，去公园。", "ผมชอบกินข้าว", "コーヒーを飲む", "นี่คือ"])
def test_words_are_joined_as_their_script_writes_them(text: str) -> None:
    (part,) = word_diff(text, text)
    assert joined(part.words) == text
