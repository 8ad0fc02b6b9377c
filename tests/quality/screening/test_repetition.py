"""An alphabet in both cases says each letter once; a text that says each word again is stuck."""

import string

import polars as pl
import pytest

from quality.screening.repetition import repetition
from quality.screening.screen import Screen

MOST = Screen().most_looped_words
GREEK = "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩ"
SAID = "we go on to the sea in old ships of wood and iron until our sons come home"


def looped(text: str) -> float:
    return repetition(pl.Series([text]))["looped_words"].item()


@pytest.mark.parametrize("capitals", [string.ascii_uppercase, GREEK])
def test_a_letter_and_its_capital_are_a_pair(capitals: str) -> None:
    assert looped(", ".join(f"{letter} {letter.lower()}" for letter in capitals)) <= MOST
    assert looped(", ".join(f"{letter} {letter}" for letter in capitals)) > MOST


def test_a_word_is_said_again_whatever_its_case() -> None:
    assert looped(" ".join(f"{word} {word}" for word in SAID.split())) > MOST
    assert looped(" ".join(f"{word.title()} {word}" for word in SAID.split())) > MOST
    assert looped(SAID) <= MOST
