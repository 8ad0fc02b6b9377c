"""Which removed rows the report shows, and by which of their answers."""

import polars as pl

from quality.screening.screen import Screen
from tasks.removed_rows import _answers

REFUSAL = "I'm sorry, but I cannot help with that."
POEM = "The lake is still, and below its white lid the fish wait for a warmer wind, while crows walk over it."


def talk(*answers: str) -> list[dict[str, str]]:
    asked = ("Write me a poem about a lake in winter.", "Please do.", "And now?")
    return [
        {"role": role, "content": text}
        for question, answer in zip(asked, answers, strict=False)
        for role, text in (("user", question), ("assistant", answer))
    ]


def test_a_conversation_is_shown_by_the_answer_that_cost_it_its_place() -> None:
    rows = pl.DataFrame(
        {
            "messages": [talk(REFUSAL, POEM), talk(POEM, REFUSAL), talk(REFUSAL), talk(REFUSAL, POEM)],
            "stage": ["screen", "screen", "screen", "dedupe"],
            "reason": ["refusal", "refusal", "refusal", "near_duplicate"],
        }
    )
    assert _answers(rows, Screen()).to_list() == [f"(an earlier answer) {REFUSAL}", REFUSAL, REFUSAL, POEM]
