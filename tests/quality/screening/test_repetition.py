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


def test_words_said_twice_between_other_signs_are_two_statements() -> None:
    said = [f"a{place} {{}} b{place}" for place in range(12)]
    less, more = (" ".join(said).replace("{}", sign) for sign in "<>")
    assert looped(f"{less}\n{more}") <= MOST
    assert looped(f"{less}\n{less}") > MOST
    assert looped(f"*{' '.join(SAID.split())} again and again until dawn*\n" * 2) > MOST


def test_a_line_of_an_alignment_is_not_stuck() -> None:
    aligned = "\n".join(["one  " + "A" * 40, "two  AACCTGCCCATAAGCAACACATAAACATTAGACCAGTACA"])
    assert looped(f"The matrix is\n{aligned}") <= MOST
    assert looped(f"The matrix is {'A' * 40}") > MOST


@pytest.mark.parametrize("sign", ["0", "!", ". ", "😂", "? "])
def test_a_sign_in_which_an_answer_ends_again_and_again_is_a_loop(sign: str) -> None:
    assert looped("Ships of wood sail " + sign * 60) > MOST
    assert (looped(f"{SAID} " * 3 + sign * 40) > MOST) == (sign[0] in "!?")
    assert looped("It sails\n" + sign * 60) <= MOST
    assert looped("Names of all ships: " + sign * 60) <= MOST


@pytest.mark.parametrize("text", ["Write it as a one, 1" + "0" * 60, "In figures it is 0." + "0" * 60])
def test_zeros_of_a_number_are_no_loop(text: str) -> None:
    assert looped(text) <= MOST


def test_notes_between_commands_are_no_loops_and_words_each_said_many_times_are() -> None:
    notes = "\n".join(f"c16 c c c c c c\n\\set group{place} to {place}" for place in range(6))
    assert looped(f"The beams of notes are written so:\n{notes}") <= MOST
    assert looped(f"{SAID} " + " ".join(f"{word} " * 5 for word in SAID.split()[:6])) > MOST
