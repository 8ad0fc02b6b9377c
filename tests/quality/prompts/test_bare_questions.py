"""Politeness, labels and the marks at the end make no other question of one; what is asked does."""

import polars as pl
import pytest

from quality.auditing.texts import bare, normal
from quality.duplicates.asked_again import alike_answers, conflicts
from quality.prompts.bare_questions import bare_questions

PROMPTS = [
    "Describe a lapwing.",
    "describe a  lapwing?",
    "Please describe a lapwing!",
    "Please answer: Describe a lapwing.",
    "Question: describe a lapwing",
    "Q: Describe a lapwing…",
    "I have a question. Describe a lapwing.",
    "Describe a lapwing, please.",
    "Describe a lapwing. Thanks!",
    "Describe a lapwing. Thank you very much.",
    "Can you help me with this? Describe a lapwing.",
    "Could you please tell us: describe a lapwing. Answer concisely.",
    "Hello, please describe a lapwing. Many thanks.",
]


@pytest.mark.parametrize("prompt", PROMPTS)
def test_what_is_asked_is_left(prompt: str) -> None:
    assert bare_questions(pl.Series([prompt])).to_list() == ["describe a lapwing"]


@pytest.mark.parametrize(
    ("prompt", "left"),
    [
        ("Thanks!", "thanks"),
        ("Please?", "please?"),
        ("Hello", "hello"),
        ("?!", "?!"),
        ("Questions: three", "questions: three"),
        ("Pleased to meet you", "pleased to meet you"),
        ("C++", "c++"),
        ("Say thanks", "say thanks"),
    ],
)
def test_what_is_nothing_else_or_another_word_stays(prompt: str, left: str) -> None:
    assert bare_questions(pl.Series([prompt])).item() == left


@pytest.mark.parametrize(
    "prompt",
    [
        *PROMPTS,
        "Thanks!",
        "Please?",
        "Hello",
        "?!",
        "",
        "Hi! Hi! Describe it :",
        "Q : x ; thank you .",
        "How do you say please?",
        "a .  , thanks",
        "a, many thanks. Thank you, please",
        "a please, . ? thank you",
        "q:\x1ca. \x1c",
        f"Fill in: {'.' * 100_000} and sign",  # which took the auditor minutes
    ],
)
def test_the_auditor_reads_the_same(prompt: str) -> None:
    assert bare(normal(prompt)) == bare_questions(pl.Series([prompt])).item()


def test_missing_prompts_stay_missing() -> None:
    assert bare_questions(pl.Series([None, "Why?"], dtype=pl.String)).to_list() == [None, "why"]


def test_answers_to_one_question_asked_politely_are_copies_and_contradictions_take_equal_prompts() -> None:
    prompts = pl.Series(["Describe a lapwing.", "Question: describe a lapwing?", "Describe a lapwing. Thanks."])
    said = "A plover of wet meadows with a long crest and broad wings"
    answers = pl.Series([said, said.replace("long", "thin"), "It is a small red fish that hides among corals at night"])
    copies = alike_answers(prompts, answers, pl.Series([False] * 3))
    assert copies.select("row", "witness").rows() == [(1, 0)]
    assert conflicts(prompts, answers, pl.Series(["a"] * 3)).is_empty()
