"""An answer that another answer to its prompt completes was cut off; the longest is the witness."""

import polars as pl
import pytest

from quality.unfinished import unfinished_answers

ASK = "Where do bees sleep in winter?"
WHOLE = "In the hive, in a ball around the queen, shivering to keep warm."


def found(*answers: str, prompts: list[str] | None = None, proving: int | None = None) -> list[tuple[int, int]]:
    marks = [row == proving for row in range(len(answers))]
    asked = pl.Series(prompts or [ASK] * len(answers))
    return unfinished_answers(asked, pl.Series(answers), pl.Series(marks)).select("row", "witness").rows()


@pytest.mark.parametrize("size", [1, 7, 20, 60])
def test_a_beginning_is_unfinished_wherever_it_was_cut(size: int) -> None:
    assert found(WHOLE[:size], WHOLE) == [(0, 1)]
    assert found(WHOLE, WHOLE[:size].upper()) == [(1, 0)]


@pytest.mark.parametrize("other", ["In the hive.", "In a hole", "", WHOLE, WHOLE.upper(), "...", "In the hive!"])
def test_a_finished_another_or_an_equal_answer_is_not(other: str) -> None:
    assert found(other, WHOLE) == []


def test_dots_hide_no_cut() -> None:
    assert found("In the hive, in a ball...", "In the hive, in a ball …", WHOLE) == [(0, 2), (1, 2)]


def test_the_longest_answer_is_the_witness_of_all_and_stays() -> None:
    assert found("In the", "In the hive, in", WHOLE, "In the hive") == [(0, 2), (1, 2), (3, 2)]
    assert found("In the", f"{WHOLE} So", WHOLE) == [(0, 1)]


def test_another_prompt_and_a_row_that_proves_are_left_alone() -> None:
    assert found("In the hive", WHOLE, prompts=[ASK, "Where do wasps sleep?"]) == []
    assert found("In the hive", WHOLE, proving=0) == []
    assert found("In the hive", WHOLE, prompts=["", ""]) == []


def test_an_empty_pool_has_none() -> None:
    none = pl.Series([], dtype=pl.String)
    assert unfinished_answers(none, none, pl.Series([], dtype=pl.Boolean)).is_empty()
