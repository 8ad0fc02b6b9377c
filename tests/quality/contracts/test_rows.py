"""What every kept row must be: one row that is not is found."""

import polars as pl
import pytest

from quality.contracts import Contract
from quality.records import RECORDS

USER = {"role": "user", "content": "What is an ox?"}
ASSISTANT = {"role": "assistant", "content": "A draught animal."}


@pytest.mark.parametrize(
    ("check", "messages"),
    [
        ("answer_last", [ASSISTANT, USER]),
        ("roles_known", [{"role": "robot", "content": "Beep."}, USER, ASSISTANT]),
        ("roles_present", [{"role": None, "content": "Who says so?"}, ASSISTANT]),
        ("contents_present", [{"role": "user", "content": None}, ASSISTANT]),
        ("messages_present", [ASSISTANT]),
        ("messages_present", []),
        ("messages_present", None),
        ("answer_last", []),
        ("answer_last", None),
        ("answer_not_empty", [USER, {"role": "assistant", "content": ""}]),
        ("answer_not_huge", [USER, {"role": "assistant", "content": "x" * 100_001}]),
    ],
)
def test_one_row_that_breaks_an_expectation_is_found(records, with_messages, failed, healthy, check, messages):
    result = healthy(with_messages(records(60), messages))
    assert failed(result)[check] == ("warning" if check == "answer_not_huge" else "critical")


@pytest.mark.parametrize(
    ("characters", "broken"), [(4, "answer_not_empty"), (5, None), (10, None), (11, "answer_not_huge")]
)
def test_the_length_of_an_answer_is_counted_in_characters_and_may_be_just_what_is_asked(
    records, failed, healthy, characters, broken
):
    answer = [USER, {"role": "assistant", "content": "é" * characters}]
    kept = records(60).with_columns(messages=pl.Series([answer] * 60, dtype=RECORDS["messages"]))
    found = failed(healthy(kept, contract=Contract(min_answer_chars=5, max_answer_chars=10)))
    assert set(found) == ({broken} if broken else set())


def test_a_system_message_is_welcome(records, with_messages, healthy):
    system = {"role": "system", "content": "Be brief."}
    assert healthy(with_messages(records(60), [system, USER, ASSISTANT])).severity is None


def test_two_rows_of_one_id_are_critical(records, failed, healthy):
    twice = records(60).with_columns(id=pl.when(pl.col("row") == 1).then(pl.lit("0" * 32)).otherwise("id"))
    assert failed(healthy(twice)) == {"ids_unique": "critical"}


def test_a_row_without_an_id_is_critical(records, failed, healthy):
    nameless = records(60).with_columns(id=pl.when(pl.col("row") != 1).then("id"))
    assert failed(healthy(nameless)) == {"ids_present": "critical"}
