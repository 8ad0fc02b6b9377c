"""Prompts that ask for any one of many, and those that ask for one thing."""

import polars as pl
import pytest

from quality.duplicates.asked_again import Pairing, conflicts
from quality.prompts.open_requests import open_requests

ANY = [
    "Write a poem about rain.",
    "Please tell me a joke about bees",
    "Could you give us three names for a grey cat?",
    "Suggest some dinners for a hot day.",
    "write code that adds two numbers",
    "I need you to come up with an excuse.",
    "Schreibe mir bitte ein Gedicht über Regen.",
    "Nennen Sie drei Flüsse.",
    "Écris une phrase avec le mot pluie.",
    "Cuéntame un chiste.",
]
ONE = [
    "Tell me the height of the tower.",
    "What is a poem?",
    "Give the capital of Chile.",
    "Name the author of this line.",
    "Is writing a poem hard?",
    "Write the number twelve in Roman numerals.",
    "Nenne die Hauptstadt von Chile.",
    "Write 3/4 as a decimal number.",
    "Write 25% as a fraction.",
    "Write 2024 in Roman numerals.",
    "Choose A, B or C: which planet is the largest?",
    "Pick one: is 91 prime or composite?",
    "Donne la date de la bataille.",
]


@pytest.mark.parametrize("prompt", ANY)
def test_who_asks_for_any_one_may_be_answered_in_several_ways(prompt: str) -> None:
    assert open_requests(pl.Series([prompt])).to_list() == [True]
    assert found(prompt) == []


@pytest.mark.parametrize("prompt", ONE)
def test_who_asks_for_one_thing_may_not(prompt: str) -> None:
    assert open_requests(pl.Series([prompt])).to_list() == [False]
    assert found(prompt) == [(0, 1), (1, 0)]


def test_null_asks_for_nothing() -> None:
    assert open_requests(pl.Series([None], dtype=pl.String)).to_list() == [False]


def found(prompt: str) -> list[tuple[int, int]]:
    answers = pl.Series(["grey clouds over the quiet harbour", "seventeen old boats of painted wood"])
    told = conflicts(pl.Series([prompt, prompt]), answers, pl.Series(["a", "a"]), Pairing(least_prompt_words=1))
    return told.select("row", "witness").rows()
