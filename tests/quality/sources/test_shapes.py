"""Every input shape becomes the conversation that a person would read in it."""

import json
from collections.abc import Callable
from typing import Any

import polars as pl
import pytest

from quality.sources import Pool, SourceError

PoolOf = Callable[..., Pool]

ASKED = [("user", "Why?"), ("assistant", "Because.")]
GOOD = {"question": "Why?", "answer": "Because."}


def turns(pool: Pool, row: int = 0) -> list[tuple[str, str]]:
    return [(turn["role"], turn["content"]) for turn in pool.records["messages"][row].to_list()]


def reasons(pool: Pool) -> list[tuple[str, str]]:
    return pool.quarantined.select("origin", "reason").rows()


@pytest.mark.parametrize(
    "row",
    [
        {"messages": [{"role": "user", "content": "Why?"}, {"role": "assistant", "content": "Because."}]},
        {"conversations": [{"from": "human", "value": "Why?"}, {"from": "gpt", "value": "Because."}]},
        {
            "conversations": [
                {"role": "user", "content": "Why?"},
                {"role": "assistant", "content": "Because."},
            ]
        },
        {"conversation": [{"from": "User", "value": "Why?"}, {"from": "ChatGPT", "value": "Because."}]},
        {"instruction": "Why?", "input": "", "output": "Because."},
        {"instruction": "Why?", "output": "Because.", "text": "Below is an instruction…"},
        {"instruction": "Why?", "input": None, "output": "Because.", "prompt": "Below is an instruction…"},
        {"instruction": "Why?", "instances": [{"input": "", "output": "Because."}]},
        {"prompt": "Why?", "completion": "Because."},
        {
            "prompt": [{"role": "user", "content": "Why?"}],
            "completion": [{"role": "assistant", "content": "Because."}],
        },
        {"question": "Why?", "answer": "Because."},
        {"Question": "Why?", "Answer": "Because.", "qtype": "cause"},
        {"question": "Why?", "response": "Because."},
        {"query": "Why?", "response": "Because.", "original_question": "How?"},
        {"problem": "Why?", "solution": "Because.", "answer": "42"},
        {"input": "Why?", "output": "Because."},
        {"question": "Why?", "answer": "Because.", "messages": None, "tools": "[]", "image": None},
        {"messages": json.dumps([{"role": "user", "content": "Why?"}, {"role": "assistant", "content": "Because."}])},
        {
            "messages": [
                {"role": "system", "content": ""},
                {"role": "user", "content": [{"type": "text", "text": "Why?"}]},
                {"role": "assistant", "content": "Because.", "tool_calls": None},
                {"role": "user", "content": "And then?"},
            ]
        },
    ],
    ids=lambda row: "+".join(row),
)
def test_a_question_and_its_answer_are_read_from_every_shape(pool_of: PoolOf, row: dict[str, Any]) -> None:
    pool = pool_of(row)
    assert pool.quarantined.is_empty()
    assert turns(pool) == ASKED
    assert pool.records["origin"].to_list() == ["rows.jsonl:1"]


def test_system_messages_and_all_turns_are_kept_in_order(pool_of: PoolOf) -> None:
    pool = pool_of(
        {
            "conversations": [
                {"from": "system", "value": "Be brief."},
                {"from": "human", "value": "One?"},
                {"from": "gpt", "value": "Two."},
                {"from": "human", "value": "Three?"},
                {"from": "gpt", "value": "Four."},
            ]
        },
        {"system_prompt": "Be brief.", "question": "One?", "response": "Two."},
        {"instruction": "Three?", "output": "Four.", "history": [["One?", "Two."]], "system": "Be brief."},
    )
    whole = [
        ("system", "Be brief."),
        ("user", "One?"),
        ("assistant", "Two."),
        ("user", "Three?"),
        ("assistant", "Four."),
    ]
    assert turns(pool, 0) == whole
    assert turns(pool, 1) == whole[:3]
    assert turns(pool, 2) == whole


def test_what_a_question_is_about_goes_with_it(pool_of: PoolOf) -> None:
    pool = pool_of(
        {"instruction": "Translate.", "input": "Bonjour", "output": "Hello"},
        {"instruction": "Sum up.", "context": "Long text.", "response": "Text."},
        {"question": "Who?", "context": ["Anna came.", "Ben left."], "answer": "Anna"},
    )
    asked = [turns(pool, row)[0][1] for row in range(3)]
    assert asked == ["Translate.\n\nBonjour", "Sum up.\n\nLong text.", "Anna came.\nBen left.\n\nWho?"]


def test_contents_are_kept_as_they_are_but_for_line_ends(pool_of: PoolOf) -> None:
    pool = pool_of({"question": " Why?\r\nSay!\r", "answer": "    return  1\n\n"})
    assert turns(pool) == [("user", " Why?\nSay!\n"), ("assistant", "    return  1\n\n")]


def test_each_instance_is_a_record_and_all_stay_in_one_group(pool_of: PoolOf) -> None:
    pool = pool_of(
        {
            "instruction": "Add.",
            "instances": [{"input": "1 1", "output": "2"}, {"input": "2 2", "output": "4"}],
        },
        {"instruction": "Add.", "instances": [{"input": "3 3", "output": "6"}]},
    )
    assert pool.records["origin"].to_list() == ["rows.jsonl:1", "rows.jsonl:1#2", "rows.jsonl:2"]
    assert pool.records["group"].to_list() == ["rows.jsonl:1", "rows.jsonl:1", None]
    assert turns(pool, 1) == [("user", "Add.\n\n2 2"), ("assistant", "4")]


def test_mixed_shapes_in_one_file_are_read_row_by_row(pool_of: PoolOf) -> None:
    pool = pool_of(
        GOOD,
        {"prompt": "Why?", "completion": "Because."},
        {"strange": 1},
        {"instruction": "Why?", "output": "Because."},
    )
    assert [turns(pool, row) for row in range(3)] == [ASKED] * 3
    assert reasons(pool) == [("rows.jsonl:3", "unknown_shape")]


@pytest.mark.parametrize(
    ("value", "spelled"), [(42, "42"), (0, "0"), (1.5, "1.5"), (True, "true"), (False, "false"), ("", "")]
)
def test_numbers_truth_values_and_empty_strings_are_answers(pool_of: PoolOf, value: Any, spelled: str) -> None:
    pool = pool_of({"question": "Why?", "answer": value})
    assert turns(pool) == [("user", "Why?"), ("assistant", spelled)]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"question": "Why?", "answer": None}, "empty_message"),
        ({"question": None, "answer": "Because."}, "empty_message"),
        (
            {"messages": [{"role": "user", "content": None}, {"role": "assistant", "content": "a"}]},
            "empty_message",
        ),
        ({"messages": [{"role": "user"}, {"role": "assistant", "content": "a"}]}, "empty_message"),
        ({"question": "Why?", "answer": ["a", "b"]}, "not_messages"),
        ({"question": "Why?", "answer": {"text": "a"}}, "not_text"),
        ({"question": "Why?", "answer": float("nan")}, "not_text"),
        ({"question": "Why?", "answer": "a\0b"}, "nul_byte"),
        ({"question": "Why?", "answer": "ÿþB\0e\0c\0a\0u\0s\0e\0"}, "broken_characters"),
        ({"question": "Why?", "answer": "\0B\0e\0c\0a\0u\0s\0e"}, "broken_characters"),
        ({"question": "Why?", "answer": "a\ud800b"}, "lone_surrogate"),
        ({"messages": [{"role": "user", "content": "Why?"}]}, "no_answer"),
        ({"messages": []}, "no_answer"),
        ({"messages": [{"role": "assistant", "content": "Hi!"}]}, "no_prompt"),
        ({"messages": "once upon a time"}, "not_messages"),
        ({"messages": 7}, "not_messages"),
        ({"messages": ["a", "b"]}, "not_messages"),
        ({"messages": [{"role": "narrator", "content": "a"}]}, "unknown_role"),
        ({"messages": [{"role": ["user"], "content": "a"}]}, "unknown_role"),
        ({"messages": [{"role": "tool", "content": "a"}]}, "has_tools"),
        ({"messages": [{"role": "assistant", "content": None, "tool_calls": [{"id": "1"}]}]}, "has_tools"),
        ({**GOOD, "tools": [{"name": "search"}]}, "has_tools"),
        ({**GOOD, "images": ["a.png"]}, "has_media"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": "x"}]}]}, "has_media"),
        ({"instruction": "Why?", "instances": []}, "no_answer"),
        ({"instruction": "Why?", "instances": "none"}, "not_messages"),
        ({"instruction": "Why?", "instances": [{"input": "a"}]}, "empty_message"),
        ({"prompt": "a", "question": "b", "completion": "c", "answer": "d"}, "ambiguous_shape"),
        ({"question": "a", "output": "b", "response": "c"}, "ambiguous_shape"),
        ({"question": "a"}, "unknown_shape"),
        ({}, "unknown_shape"),
        ([1, 2], "not_a_row"),
        ("text", "not_a_row"),
        (None, "not_a_row"),
    ],
    ids=str,
)
def test_what_can_not_be_read_is_quarantined_with_its_reason(pool_of: PoolOf, row: Any, reason: str) -> None:
    pool = pool_of(GOOD, row, GOOD)
    assert reasons(pool) == [("rows.jsonl:2", reason)]
    assert pool.records["origin"].to_list() == ["rows.jsonl:1", "rows.jsonl:3"]
    assert 0 < len(pool.quarantined["detail"].item()) <= 200


def test_columns_say_where_an_unusual_row_keeps_its_question_and_answer(pool_of: PoolOf) -> None:
    row = {"QUESTION": "Why?", "CONTEXTS": ["One.", "Two."], "LONG_ANSWER": "Because.", "YEAR": 1999}
    plain = pool_of(row, columns={"prompt": "QUESTION", "answer": "LONG_ANSWER"})
    assert turns(plain) == ASKED
    full = pool_of(row, columns={"prompt": "QUESTION", "answer": "LONG_ANSWER", "context": "CONTEXTS"})
    assert turns(full) == [("user", "One.\nTwo.\n\nWhy?"), ("assistant", "Because.")]
    chat = pool_of(
        {"log": [{"from": "human", "value": "Why?"}, {"from": "gpt", "value": "Because."}]},
        columns={"messages": "log"},
    )
    assert turns(chat) == ASKED


def test_a_row_without_a_named_column_is_quarantined(pool_of: PoolOf) -> None:
    pool = pool_of(
        {"q": "Why?", "a": "Because."},
        {"q": "Why?"},
        {"q": "Why?", "a": None},
        columns={"prompt": "q", "answer": "a"},
    )
    assert turns(pool) == ASKED
    assert reasons(pool) == [("rows.jsonl:2", "missing_column"), ("rows.jsonl:3", "empty_message")]


def test_a_file_of_unknown_shape_is_one_sentence_with_its_fields_and_a_way_out(pool_of: PoolOf) -> None:
    row = {"QUESTION": "Why?", "LABELS": [], "LONG_ANSWER": "Because."}
    with pytest.raises(SourceError) as told:
        pool_of(row, row)
    sentence = str(told.value)
    assert "rows.jsonl" in sentence
    assert "QUESTION, LABELS, LONG_ANSWER" in sentence
    assert "messages, conversations, instruction/input/output" in sentence
    assert "`columns: {prompt: QUESTION, answer: LONG_ANSWER}`" in sentence


def test_a_misspelt_column_is_one_sentence_that_names_it(pool_of: PoolOf) -> None:
    with pytest.raises(SourceError, match=r"columns says answer: anwser, but the row's fields are q, answer"):
        pool_of({"q": "Why?", "answer": "Because."}, columns={"prompt": "q", "answer": "anwser"})


def test_rows_are_grouped_by_the_field_that_names_their_document(pool_of: PoolOf) -> None:
    pool = pool_of({**GOOD, "doc": "a"}, {**GOOD, "doc": 7}, {**GOOD, "doc": None}, GOOD, group="doc")
    assert pool.records["group"].to_list() == ["a", "7", None, None]


def test_a_group_that_no_row_has_is_an_error_since_rows_would_leak(pool_of: PoolOf) -> None:
    with pytest.raises(SourceError, match=r"group: paper is a field of none of the rows of rows.jsonl"):
        pool_of(GOOD, group="paper")


def test_rows_name_their_sources_and_those_that_do_not_have_the_recipe_s(pool_of: PoolOf) -> None:
    held = ({"from": " lectures\n"}, {"from": " "}, {"from": None}, {}, {"from": 7})
    pool = pool_of(*[GOOD | more for more in held], {"strange": 1}, name="mine", named_by="from")
    assert pool.records["source"].to_list() == ["lectures", "mine", "mine", "mine", "7"]
    assert pool.quarantined["source"].to_list() == ["mine"]


@pytest.mark.parametrize(("held", "told"), [("x" * 101, "a text of 101 signs"), (None, "more than 1,000 values")])
def test_a_field_that_names_no_sources_is_told(pool_of: PoolOf, held: str | None, told: str) -> None:
    rows = [GOOD | {"from": held or f"row {number}"} for number in range(1_001)]
    assert pool_of(*rows[:1_000] if held is None else [GOOD | {"from": "x" * 100}], named_by="from").records.height
    with pytest.raises(SourceError, match=f"named_by: from of rows.jsonl holds {told}, so it hardly names sources"):
        pool_of(*rows, named_by="from")


def test_a_field_that_names_people_is_told_without_their_addresses(pool_of: PoolOf) -> None:
    with pytest.raises(SourceError, match=r"named_by: from of rows\.jsonl holds an e-mail address, so it") as told:
        pool_of(GOOD | {"from": "anna.berg@lake.example"}, named_by="from")
    assert "anna" not in str(told.value)


def test_the_frames_have_the_agreed_schemas(pool_of: PoolOf) -> None:
    from quality.records import QUARANTINED, RECORDS

    pool = pool_of(GOOD, {"strange": 1}, GOOD, name="mine")
    assert dict(pool.records.schema) == {**RECORDS}
    assert dict(pool.quarantined.schema) == {**QUARANTINED}
    assert pool.records["row"].to_list() == [0, 1]
    assert pool.records["id"].n_unique() == 1
    assert pool.records["source"].to_list() == ["mine"] * 2
    assert pool.quarantined["source"].to_list() == ["mine"]
    assert isinstance(pool.records["messages"].dtype, pl.List)
