"""Multiple choice from rows that bring their options."""

import polars as pl
import pytest

from evals.items import ITEMS
from evals.option_rows import items_from_options
from evals.suites import Suite, SuiteError

QUIZ = Suite(name="quiz", role="retention", kind="choice", cluster="page")


def row(n: int, answer: object = 1, **more: object) -> tuple[str, object]:
    asked = {"question": f"Which is {n}?", "options": ["none", f"{n}", "+"], "answer": answer, "page": n // 2}
    return f"quiz.jsonl:{n + 1}", asked | more


def test_an_item_asks_what_its_row_asks_and_the_answer_is_a_place_a_text_or_a_letter() -> None:
    items = items_from_options([row(0), row(1, "1"), row(2, "B"), row(3, 0), row(0)], suite=QUIZ)
    assert items.schema == pl.Schema(ITEMS)
    assert {
        one["prompt"][0]["content"]: (one["options"], one["answer"], one["target"])
        for one in items.iter_rows(named=True)
    } == {f"Which is {n}?": (["none", f"{n}", "+"], int(n < 3), f"{n}" if n < 3 else "none") for n in range(4)}
    assert sorted(items["cluster"]) == ["0", "0", "1", "1"]
    (letter,) = items_from_options(
        [("x:1", {"question": "?", "choices": ["Yes", "B"], "answer": "B"})],
        suite=QUIZ.model_copy(update={"cluster": None}),
    )["answer"]
    assert letter == 1


@pytest.mark.parametrize(
    ("answer", "options", "right"),
    [
        (1.0, ["none", "some", "all"], 1),
        ("5.0", ["4", "5", "50"], 1),
        ("5.0", ["5", "5.0", "6"], 1),
        ("5", ["5", "5.0", "6"], 0),
        (1.0, ["0.0", "1.0", "2.0"], 1),
        ("1", ["1.0", "2.0"], 0),
        ("Rome", ["Paris", "Rome "], 1),
        ("2", ["none", "some", "all"], 2),
        ("1.0", ["none", "some"], 1),
    ],
)
def test_a_whole_number_is_meant_where_a_table_writes_noughts_behind_it(answer, options, right) -> None:
    assert items_from_options([row(4, answer, options=options)], suite=QUIZ)["answer"].to_list() == [right]


def test_blanks_around_an_option_are_no_part_of_it() -> None:
    offered = [" none", " 4", "\tall "]
    items = items_from_options([row(4, " 4", options=offered), row(6, 0, options=offered)], suite=QUIZ)
    assert items["options"].to_list() == [["none", "4", "all"]] * 2
    assert sorted(items["target"]) == ["4", "none"]


def test_the_draw_goes_by_the_rows_and_the_seed() -> None:
    rows = [row(n) for n in range(20)]
    first = items_from_options(rows, suite=QUIZ, seed=1)
    assert items_from_options(rows[::-1], suite=QUIZ, seed=1).equals(first)
    assert not items_from_options(rows, suite=QUIZ, seed=2).equals(first)


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        (row(4, options=["a", "  "]), "quiz.jsonl:5: options.1: this option is blank"),
        (row(4, options=["a", "b", "a"]), "options.2: this option stands twice"),
        (row(4, options=["a"]), "it offers 1, and a choice is between 2 or more"),
        (row(4, options="ab"), "options: a list of texts is wanted"),
        (row(4, options=[1, 2]), "options: a list of texts is wanted"),
        (row(4, answer=3), "answer: 3 is none of the 3 options"),
        (row(4, answer=-1), "answer: -1 is none"),
        (row(4, answer=True), "answer: True is none"),
        (row(4, answer=3.0), "answer: 3.0 is none of the 3 options"),
        (row(4, answer=0.5), "answer: 0.5 is none"),
        (row(4, answer=float("nan")), "answer: nan is none"),
        (row(4, answer="5.0", options=["1", "2", "05"]), "answer: '5.0' is none"),
        (row(4, 1.0, options=["1.0", "2.0"]), "answer: 1 is the place of “2.0”, counted from 0, and another option"),
        (row(4, answer="D"), "answer: 'D' is none"),
        (row(4, answer=""), "answer: '' is none"),
        (row(4, answer="BC"), "answer: 'BC' is none"),
        (row(4, question=" "), "question: a text is wanted"),
        (("quiz.jsonl:9", {"prompt": "?"}), "question: a text is wanted, and the row has the fields prompt"),
        (
            ("quiz.jsonl:9", {"question": "?", "A": "1", "B": "2"}),
            "options: a list of texts is wanted, and the row has the fields question, A, B",
        ),
        (row(4, page=None), "page: the suite names this field as cluster, and the row has none"),
        (row(4, page=" "), "page: the suite names this field as cluster, and the row has none"),
        (row(4, page=float("nan")), "page: the suite names this field as cluster, and the row has none"),
        (row(4, options=["Paris", "Rome", "Paris "]), "options.2: this option stands twice"),
        (row(4, options=["caf\u00e9", "cafe\u0301"]), "options.1: this option stands twice"),
        (
            row(4, 2, options=["1", "2", "3"]),
            "answer: 2 is the place of “3”, counted from 0, and another option reads 2",
        ),
        (("quiz.jsonl:9", ["a"]), "quiz.jsonl:9: a row is an object"),
    ],
)
def test_a_row_that_asks_no_choice_is_refused_by_its_line(broken: tuple[str, object], told: str) -> None:
    with pytest.raises(SuiteError, match=r"^quiz.jsonl:\d: ") as error:
        items_from_options([row(0), broken], suite=QUIZ)
    assert told in str(error.value)


def test_a_number_that_is_the_place_of_its_own_text_is_no_riddle() -> None:
    (answer,) = items_from_options([row(4, 1, options=["0", "1", "2"])], suite=QUIZ)["answer"]
    assert answer == 1


def test_rows_that_answer_the_same_question_differently_are_refused_by_both_lines() -> None:
    told = r"^quiz.jsonl:3: answer: it is '4' here and 'none' in quiz.jsonl:2, for the same question and options"
    same = {"question": "Which is even?", "options": ["none", "4", "+"]}
    turned = {"question": "Which is even?", "options": ["+", "4", "none"]}
    with pytest.raises(SuiteError, match=told):
        items_from_options([row(0), row(1, 0, **same), row(2, 1, **turned)], suite=QUIZ)


def test_the_same_question_with_its_options_in_another_order_is_no_further_document() -> None:
    alone = QUIZ.model_copy(update={"cluster": None})

    def clusters(*asked: tuple[str, list[str], int]) -> list[str]:
        rows = [
            (f"quiz.jsonl:{place}", {"question": question, "options": options, "answer": answer})
            for place, (question, options, answer) in enumerate(asked)
        ]
        items = items_from_options(rows, suite=alone)
        assert items.height == len(asked)
        return items["cluster"].unique().to_list()

    turned = [("2 + 2?", ["3", "4", "5"], 1), ("2 + 2?", ["5", "3", "4"], 2), ("2 + 2?", ["4", "3", "5"], 0)]
    assert len(clusters(*turned)) == 1
    assert len(clusters(*turned, ("2 + 2?", ["4", "22", "44"], 0), ("2 + 3?", ["3", "4", "5"], 2))) == 2
    # What all rows ask alike tells nothing.
    assert len(clusters(("Which is right?", ["a cat", "an cat"], 0), ("Which is right?", ["a ox", "an ox"], 1))) == 2
