"""Answers that repeat what their prompt asks to be repeated."""

import polars as pl
import pytest

from quality.screening.asked_to_repeat import repeats_as_asked
from quality.screening.screen import screen


def told(prompt: str, answer: str) -> bool:
    return repeats_as_asked(pl.Series([prompt]), pl.Series([answer])).item()


@pytest.mark.parametrize(
    ("prompt", "answer"),
    [
        ("Write “ha” ten times.", " ".join(["ha"] * 10)),
        ("Repeat the word 'ha' 10 times.", "Ha, " * 9 + "ha!"),
        ("Write the sentence I will not talk in class 20 times", "I will not talk in class.\n" * 20),
        ("Write 'I must not talk in class' ten times.", "I must not talk in class.\n" * 10),
        ('Write "be kind" five times, numbered.', "\n".join(f"{n}. Be kind" for n in range(1, 6))),
        ("Say hello again and again", "hello hello hello hello hello hello hello hello"),
    ],
)
def test_what_is_asked_for_again_and_again_is_kept(prompt: str, answer: str) -> None:
    assert told(prompt, answer)
    assert screen(pl.Series([prompt]), pl.Series([answer])).is_empty()


@pytest.mark.parametrize("answer", ["I can't do that.", "I'm sorry, I must not do that.\n" * 3])
def test_who_is_to_write_something_again_and_again_and_refuses_is_refused_for(answer: str) -> None:
    found = screen(pl.Series(["Write 'I talk in class' ten times."]), pl.Series([answer]))
    assert found["reason"].to_list() == ["refusal"]


@pytest.mark.parametrize(
    ("prompt", "answer"),
    [
        ("How do I calm a dog?", " ".join(["ha"] * 10)),
        ("Write “ha” ten times.", "the the the the the the the the the the"),
        ("Write “ha” ten times.", "Here you are: ha ha ha ha and then the dog the dog the dog the dog the dog"),
        (
            "Explain three times tables to me, and say why they matter",
            "they matter they matter they matter they matter",
        ),
        ("Say what happens when it rains several times", ""),
    ],
)
def test_what_is_stuck_is_not(prompt: str, answer: str) -> None:
    assert not told(prompt, answer)


def test_a_long_answer_takes_no_longer_than_it_may() -> None:
    assert not told("Write “ab” ten times.", "ab ba " * 100_000)
    assert not told("Write “a” many times.", "a" * 3_999)
