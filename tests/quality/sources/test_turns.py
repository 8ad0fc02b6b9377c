"""Where a conversation ends: with its last answer that holds something."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from quality.sources import Pool

PoolOf = Callable[..., Pool]

ASKED = [("user", "Why?"), ("assistant", "Because.")]
GOOD = {"question": "Why?", "answer": "Because."}


def _turns(pool: Pool, row: int = 0) -> list[tuple[str, str]]:
    return [(turn["role"], turn["content"]) for turn in pool.records["messages"][row].to_list()]


def test_records_that_lost_turns_after_their_last_answer_are_counted(pool_of: PoolOf) -> None:
    user, answer = {"role": "user", "content": "Why?"}, {"role": "assistant", "content": "Because."}
    empty = {"role": "user", "content": ""}
    pool = pool_of(
        {"messages": [user, answer]},
        {"messages": [user, answer, user, user]},
        {"messages": [user, answer, user, answer]},
        {"messages": [user, answer, empty]},
        {"messages": [user]},
        {"prompt": [user, answer, user], "completion": [answer, user]},
        GOOD,
    )
    assert (pool.records.height, pool.quarantined.height, pool.cut) == (6, 1, 2)
    assert pool_of(GOOD).cut == 0


def _shared(*said: str | None) -> dict[str, Any]:
    """A conversation as ShareGPT has it, people and models by turns."""
    return {"conversations": [{"from": ("human", "gpt")[turn % 2], "value": value} for turn, value in enumerate(said)]}


@pytest.mark.parametrize(
    ("said", "cut"),
    [
        (("Thanks!", None), 1),
        (("Thanks!", ""), 1),
        (("Thanks!", " \n"), 1),
        (("Thanks!", None, "Are you there?"), 1),
        (("Thanks!", None, "Are you there?", ""), 1),
        ((None,), 0),  # nothing is lost with what holds nothing
        ((None, None), 0),
    ],
)
def test_an_exchange_behind_the_last_answer_is_left_out_if_its_answer_holds_nothing(
    pool_of: PoolOf, said: tuple[str | None, ...], cut: int
) -> None:
    pool = pool_of(_shared("Why?", "Because.", *said), _shared("a", "b", "Why?", "Because.", *said))
    assert pool.quarantined.is_empty()
    assert _turns(pool) == ASKED
    assert _turns(pool, 1) == [("user", "a"), ("assistant", "b"), *ASKED]
    assert pool.cut == cut * 2
    quoted = {"messages": json.dumps(_shared("Why?", "Because.", *said)["conversations"])}
    assert _turns(pool_of(quoted)) == ASKED


@pytest.mark.parametrize(
    "said",
    [
        ("Why?", None, "Please!", "Because."),
        ("Why?", "Because.", None, "You are welcome."),
        ("Why?", "Because.", "How?", None, "Please!", "So."),
        ("Why?", None),
        ("Why?", None, "Please!"),
        ("Why?", "", "Please!", None),
    ],
)
def test_a_conversation_without_content_before_an_answer_stays_quarantined(
    pool_of: PoolOf, said: tuple[str | None, ...]
) -> None:
    assert pool_of(_shared(*said)).quarantined.select("origin", "reason").rows() == [("rows.jsonl:1", "empty_message")]


def test_an_empty_answer_is_left_to_screening_where_no_other_stands(pool_of: PoolOf) -> None:
    pool = pool_of(_shared("Why?", ""), _shared("Why?", "", "Please!", "Because."))
    assert _turns(pool) == [("user", "Why?"), ("assistant", "")]
    assert len(_turns(pool, 1)) == 4
