"""An answer that is the prompt again, in whatever dress."""

import polars as pl
import pytest

from quality.echoes import echoes

QUESTION = "Is there a relation between\nsalt and snow?"


def echo(prompt: str, answer: str) -> bool:
    return echoes(pl.Series([prompt]), pl.Series([answer])).item()


@pytest.mark.parametrize(
    "answer",
    [
        QUESTION,
        QUESTION.upper(),
        f"Answer: {QUESTION}",
        f"{QUESTION}\nAnswer:",
        f"Q: {QUESTION}\nA:",
        f"The question is: {QUESTION}",
        f"**{QUESTION}**",
        "salt and snow",
    ],
)
def test_labels_capitals_and_punctuation_hide_no_echo(answer: str) -> None:
    assert echo(QUESTION, answer)
    assert echo(f"You are kind.\n{QUESTION}", answer)


@pytest.mark.parametrize("answer", [f"{QUESTION} No.", "Answer:", "No.", "Is there?", ""])
def test_whoever_says_more_or_less_than_the_prompt_is_no_echo(answer: str) -> None:
    assert not echo(QUESTION, answer)


def test_a_prompt_said_twice_is_an_echo() -> None:
    assert echo(QUESTION, f"{QUESTION} {QUESTION}")
    assert echo(QUESTION, f"{QUESTION}\n\nQ: {QUESTION}")
    assert not echo(QUESTION, f"{QUESTION} No. {QUESTION}")
    assert echo("A dog barks.", "A dog barks. A dog barks.")
    assert not echo("A dog barks.", "A dog barks, so a dog barks.")


def test_a_sum_is_not_another_sum() -> None:
    assert echo("7 + 5 =", "7 + 5 =")
    assert not echo("7 + 5 =", "7 - 5 =")
