"""A record's name and its texts."""

import unicodedata
from collections.abc import Sequence

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from quality.records import (
    MESSAGE,
    RECORDS,
    answer_text,
    asked_text,
    canonical,
    earlier_exchanges,
    full_text,
    prompt_text,
    record_ids,
)

Turns = list[tuple[str, str]]

CONTENT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    ["user:1:a", ":", "1:a", "assistant:", "\r\n", "\r", "é"]
)
CONVERSATION = st.lists(st.tuples(st.sampled_from(["system", "user", "assistant"]), CONTENT), max_size=4)


def series(conversations: Sequence[Turns]) -> pl.Series:
    rows = [[{"role": role, "content": content} for role, content in turns] for turns in conversations]
    return pl.Series("messages", rows, dtype=pl.List(MESSAGE))


def frame(*conversations: Turns) -> pl.DataFrame:
    return pl.DataFrame({"messages": series(conversations)})


def folded(turns: Turns) -> Turns:
    return [(role, content.replace("\r\n", "\n").replace("\r", "\n")) for role, content in turns]


def test_an_id_is_pinned_for_all_time() -> None:
    turns = [("user", "Who wrote Эмма?"), ("assistant", "Jane Austen.\r\nIn 1815.")]
    assert canonical(series([turns])).item() == "user:19:Who wrote Эмма?assistant:21:Jane Austen.\nIn 1815."
    assert record_ids(series([turns])).item() == "65e1bd23795d4e301fb7e5d34caed697"


@given(st.lists(CONVERSATION, min_size=2, max_size=6))
def test_two_conversations_share_a_canonical_form_only_if_they_are_equal(conversations: list[Turns]) -> None:
    spelled = canonical(series(conversations)).to_list()
    ids = record_ids(series(conversations)).to_list()
    for i, first in enumerate(conversations):
        for j, second in enumerate(conversations):
            same = folded(first) == folded(second)
            assert (spelled[i] == spelled[j]) == same
            assert (ids[i] == ids[j]) == same


def test_an_id_does_not_depend_on_the_kind_of_line_end_but_on_everything_else() -> None:
    variants = ["a\nb", "a\r\nb", "a\rb", "a\n\nb", " a\nb", "A\nb", "a b"]
    ids = record_ids(series([[("user", text), ("assistant", "yes")] for text in variants])).to_list()
    assert ids[0] == ids[1] == ids[2]
    assert len(set(ids)) == 5
    assert all(len(name) == 32 and set(name) <= set("0123456789abcdef") for name in ids)


@given(st.lists(CONVERSATION, min_size=1, max_size=5))
def test_texts_equal_those_of_a_plain_loop(conversations: list[Turns]) -> None:
    records = frame(*conversations)
    prompts, answers, texts = [], [], []
    for turns in conversations:
        last = max((i for i, (role, _) in enumerate(turns) if role == "assistant"), default=len(turns))
        prompts.append("\n".join(content for _, content in turns[:last]))
        answers.append(turns[last][1] if last < len(turns) else "")
        texts.append("\n".join(content for _, content in turns))
    assert prompt_text(records).to_list() == prompts
    assert answer_text(records).to_list() == answers
    assert full_text(records).to_list() == texts


def test_the_prompt_holds_system_and_earlier_turns_but_not_the_answer() -> None:
    records = frame(
        [
            ("system", "Be brief."),
            ("user", "Hi"),
            ("assistant", "Hello"),
            ("user", "Bye"),
            ("assistant", "Ciao"),
        ]
    )
    assert prompt_text(records).to_list() == ["Be brief.\nHi\nHello\nBye"]
    assert answer_text(records).to_list() == ["Ciao"]


def test_a_blank_question_asks_nothing_whatever_stands_before_it() -> None:
    led = ("system", "Be brief.")
    records = frame(
        [led, ("user", "Hi"), ("assistant", "Ciao")],
        [led, ("user", " \n"), ("assistant", "Ciao")],
        [("user", "Hi"), ("assistant", "Hello"), ("user", ""), ("assistant", "Ciao")],
        [("user", ""), ("assistant", "Hello"), ("user", "Hi"), ("assistant", "Ciao")],
        [led, ("assistant", "Ciao")],
    )
    assert asked_text(records).to_list() == ["Be brief.\nHi", "", "", "\nHello\nHi", "Be brief."]


def test_no_records_have_no_texts_and_no_ids() -> None:
    none = pl.DataFrame(schema=RECORDS)
    for texts in (
        prompt_text(none),
        asked_text(none),
        answer_text(none),
        full_text(none),
        record_ids(none["messages"]),
    ):
        assert texts.dtype == pl.String
        assert texts.len() == 0


def test_canonical_form_is_hashed_with_a_published_hash() -> None:
    """BLAKE3 of the empty input, from the reference test vectors."""
    reference = "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262"
    assert record_ids(series([[]])).item() == reference[:32]


def test_the_answers_before_the_last_stand_below_what_they_answer() -> None:
    talk = [("system", "Be brief."), *(turn for n in "1234" for turn in (("user", f"q{n}"), ("assistant", f"a{n}")))]
    told = earlier_exchanges(frame([("user", "q"), ("assistant", "a")], talk))
    assert told["row"].to_list() == [1, 1, 1]
    assert told["answer"].to_list() == ["a1", "a2", "a3"]
    assert told["prompt"].to_list() == ["Be brief.\nq1", "Be brief.\nq1\na1\nq2", "Be brief.\nq1\nq2\na2\nq3"]


def test_a_greeting_and_a_blank_answer_are_no_exchanges() -> None:
    end = [("user", "q"), ("assistant", "a")]
    assert earlier_exchanges(frame([("assistant", "Hello."), *end])).is_empty()
    assert earlier_exchanges(frame([("user", "q"), ("assistant", " \n"), *end])).is_empty()
    assert earlier_exchanges(frame(end, [("user", "q")], [])).is_empty()


def assigned(turns: Turns) -> bool:
    """Whether Python's Unicode knows all letters: of the others a newer one may say that they are seen."""
    return all(unicodedata.category(letter) != "Cn" for _, text in turns for letter in text)


def seen(text: str) -> bool:
    return any(not letter.isspace() and unicodedata.category(letter)[0] != "C" for letter in text)


@given(st.lists(CONVERSATION.filter(assigned), max_size=5))
def test_earlier_answers_are_those_that_a_loop_finds(conversations: list[Turns]) -> None:
    wanted = []
    for row, turns in enumerate(conversations):
        answers = [place for place, (role, _) in enumerate(turns) if role == "assistant"]
        for place in answers[:-1]:
            asked = any(role == "user" for role, _ in turns[:place])
            wanted += [(row, turns[place][1])] if asked and seen(turns[place][1]) else []
    assert earlier_exchanges(frame(*conversations)).select("row", "answer").rows() == wanted
