"""Chains of one word and answers that only count are loops, unless the prompt asks for numbers."""

from time import process_time

import polars as pl
import pytest

from quality.screening.stuck_words import chained, counted


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("ship-ship-ship sails-sails-sails at-at-at night-night-night", 12),
        ("sail/" * 9 + "sail", 10),
        ("well-to-do up-to-date one-by-one day-by-day and side-by-side", 0),
        ("ha-ha-ha, he said, and everybody laughed with him for a while", 0),
    ],
)
def test_words_that_are_chained_to_themselves_are_counted(text: str, words: int) -> None:
    assert chained(pl.Series([text])).tolist() == [words]


@pytest.mark.parametrize(
    ("answer", "counts"),
    [
        (" ".join(map(str, range(1, 60))), True),
        (", ".join(map(str, range(400, 10, -5))), True),
        ("\n".join(f"Line {place}" for place in range(20)), True),
        ("one two three four five six seven eight nine ten", True),
        (", ".join(map(str, range(101, 200))), True),
        (", ".join(map(str, range(101, 124))), False),
        (", ".join(f"Room {number}" for number in range(201, 215)), False),
        ("1 2 3", False),
        ("3 1 4 1 5 9 2 6 5 3 5 8 9 7 9 3 2 3 8 4 6 2 6 4", False),
        ("1. red 2. blue 3. green 4. white 5. black 6. grey 7. pink 8. brown 9. gold", False),
        ("\n".join(f"{place}. b" for place in range(30)), False),
    ],
)
def test_answers_that_only_count_are_told_where_nobody_asked_for_numbers(answer: str, *, counts: bool) -> None:
    told = counted(pl.Series(["What is a ship?", "Count to a hundred."]), pl.Series([answer, answer]))
    assert (told[0] > 0) is counts
    assert told[1] == 0


def test_a_long_count_takes_no_time_that_grows_with_its_square() -> None:
    long = "; ".join(f"{place} {place % 7 * 'x'}" for place in range(100_000))
    began = process_time()
    assert counted(pl.Series(["What is a ship?"]), pl.Series([long])).to_list() == [0]
    assert process_time() - began < 10  # seconds; a look at each number for each number is ten billion
