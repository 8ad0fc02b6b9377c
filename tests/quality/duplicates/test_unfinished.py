"""An answer that another answer to its prompt completes was cut off; the longest is the witness."""

import polars as pl
import pytest

from quality.duplicates.unfinished import unfinished_answers

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


@pytest.mark.parametrize("mark", ".!?。！？)]}\"'`”’»」")
def test_behind_a_closing_mark_an_answer_is_finished(mark: str) -> None:
    assert found(f"In the hive{mark}", f"In the hive{mark} In a ball around the queen.") == []


@pytest.mark.parametrize("mark", [")", "”", ".", "]"])
@pytest.mark.parametrize("comma", ",;:、")
def test_before_a_comma_no_mark_closes_an_answer(mark: str, comma: str) -> None:
    assert found(f"In the hive{mark}", f"In the hive{mark}{comma} in a ball around the queen.") == [(0, 1)]
    assert found(f"In the hive{mark}", f"In the hive{comma}{mark} in a ball around the queen.") == []


@pytest.mark.parametrize("dots", ["..", "...", " …"])
def test_dots_hide_no_cut(dots: str) -> None:
    assert found(f"In the hive, in a ball{dots}", WHOLE) == [(0, 1)]


def test_answers_that_say_as_much_are_not_cut_from_each_other() -> None:
    assert found("In the hive", "in the  HIVE") == []
    assert found("In the hive …", "in the hive") == []
    assert found("In the hive ...", "in the hive", "In the hive, in a ball ...") == [(0, 2), (1, 2)]


def test_of_equal_whole_answers_the_first_is_the_witness() -> None:
    assert found(WHOLE.upper(), "In the hive", WHOLE) == [(1, 0)]


def test_the_share_told_is_that_of_the_characters_which_are_there() -> None:
    cut = unfinished_answers(pl.Series([ASK] * 2), pl.Series(["Völlig", "Völlig leer."]), pl.Series([False] * 2))
    assert cut["jaccard"].to_list() == [6 / 12]


def test_the_longest_answer_is_the_witness_of_all_and_stays() -> None:
    assert found("In the", "In the hive, in", WHOLE, "In the hive") == [(0, 2), (1, 2), (3, 2)]
    assert found("In the", f"{WHOLE} So", WHOLE) == [(0, 1)]


def test_dots_make_no_answer_longer_than_one_that_goes_on() -> None:
    assert found("In the", f"In the hive{'.' * 60}", "In the hive, in") == [(0, 2), (1, 2)]


def test_what_is_gone_may_be_found_and_is_no_witness() -> None:
    asked, said, no = pl.Series([ASK] * 3), pl.Series(["In the", "In the hive", WHOLE]), pl.Series([False] * 3)
    for gone, pairs in ((1, [(0, 2), (1, 2)]), (2, [(0, 1)])):
        cut = unfinished_answers(asked, said, no, pl.Series([row == gone for row in range(3)]))
        assert cut.select("row", "witness").rows() == pairs


def test_another_prompt_and_a_row_that_proves_are_left_alone() -> None:
    assert found("In the hive", WHOLE, prompts=[ASK, "Where do wasps sleep?"]) == []
    assert found("In the hive", WHOLE, proving=0) == []
    assert found("In the hive", WHOLE, prompts=["", ""]) == []


def test_an_empty_pool_has_none() -> None:
    none = pl.Series([], dtype=pl.String)
    assert unfinished_answers(none, none, pl.Series([], dtype=pl.Boolean)).is_empty()


def test_who_lacks_the_last_mark_lacks_nothing() -> None:
    prompts = pl.Series(["Where do bees winter?", "where do bees winter"])
    none = pl.Series([False, False])
    assert unfinished_answers(prompts, pl.Series(["In the hive.", "in the hive"]), none).is_empty()
    assert unfinished_answers(prompts, pl.Series(["In the hive, in a ball.", "in the hive"]), none)[
        "row"
    ].to_list() == [1]
