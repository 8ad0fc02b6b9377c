"""Who asks why a row was dropped is shown the words that gave it away."""

import polars as pl
import pytest

from quality.records import MESSAGE
from quality.screening.blame import Blame, blamed, blamed_in
from quality.screening.measuring import measure_records
from quality.screening.screen import find_defects

QUESTION = "Which bird nests on the ground?"


@pytest.mark.parametrize(
    ("answer", "reason", "told"),
    [
        ("The lark does. I'm sorry, but I can't help you with that.", "refusal", "I'm sorry, but I can't help you with that."),
        ("The lark does.\n<div class=\"x\"><script>var a = 1;</script></div>\nSo it is.", "leftover_markup", '<div class="x"><script>var a = 1;</script></div>'),
        ("The lark does, and many a bird of the wide moor and of the", "truncated_answer", "… the wide moor and of the"),
        ("The lark", "truncated_answer", ""),
        ("I'm sorry, but I can't help you with that.", "refusal", ""),
        ("The lark does. The plover does.", "refusal", ""),
        ("", "empty_answer", ""),
    ],
)  # fmt: skip
def test_the_words_that_gave_an_answer_away_are_quoted(answer: str, reason: str, told: str) -> None:
    assert blamed(QUESTION, answer, reason) == told


REFUSAL = "I'm sorry, but I can't help you with that."
FINE = "The lark does, on heaths and in fields of short grass."


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ([REFUSAL, FINE], Blame(REFUSAL, earlier=True)),
        ([FINE, f"The lark does. {REFUSAL}", FINE], Blame(REFUSAL, earlier=True)),
        ([FINE, f"The lark does. {REFUSAL}"], Blame(REFUSAL)),
        ([FINE, FINE], Blame("")),
        ([REFUSAL], Blame("")),
    ],
)
def test_an_earlier_answer_is_blamed_where_the_last_is_sound(answers: list[str], told: Blame) -> None:
    turns = [line for answer in answers for line in (("user", QUESTION), ("assistant", answer))]
    said = [[{"role": role, "content": content} for role, content in turns]]
    assert blamed_in(pl.DataFrame({"messages": pl.Series(said, dtype=pl.List(MESSAGE))}), "refusal") == told


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("As an AI language model, I cannot provide that. If you have any other questions, let me know.", "refusal"),
        ("<p></p>", "leftover_markup"),
    ],
)
def test_an_earlier_answer_is_blamed_for_what_costs_the_row_its_place(answer: str, reason: str) -> None:
    turns = [("user", QUESTION), ("assistant", answer), ("user", QUESTION), ("assistant", FINE)]
    said = [[{"role": role, "content": content} for role, content in turns]]
    record = pl.DataFrame({"messages": pl.Series(said, dtype=pl.List(MESSAGE)), "source": ["pool"]})
    assert find_defects(measure_records(record))["reason"].to_list() == [reason]
    told = blamed_in(record, reason)
    assert told.earlier
    assert told.words
    assert told.words in answer
