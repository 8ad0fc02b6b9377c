"""Who asks why a row was dropped is shown the words that gave it away."""

import pytest

from quality.screening.blame import blamed

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
