"""Where a question may begin inside a prompt: behind whatever ends a sentence, and behind a colon."""

import polars as pl
import pytest

from quality.decontaminate import leaks

ITEMS = pl.DataFrame({"item": ["i"], "question": ["What is Paris?"], "answer": ["A city."]})


@pytest.mark.parametrize(
    ("prompt", "asked"),
    [
        ("Answer in one line: What is Paris?", True),
        ("Question: what is Paris?  Answer:", True),
        ("Be brief! What is Paris? Thanks.", True),
        ("Ready? What is Paris", True),
        ("请回答：What is Paris？", True),  # a full-width colon needs no space
        ("He wondered what is Paris.", False),
        ("At 10:30, what is Paris", False),
        ("Map:What is Paris?", False),
    ],
)
def test_a_short_question_is_asked_behind_the_end_of_a_sentence_or_a_colon(prompt: str, asked: bool) -> None:
    found = leaks(pl.Series([prompt]), pl.Series(["x"]), ITEMS).found
    assert found["reason"].to_list() == ["same_question"] * asked
