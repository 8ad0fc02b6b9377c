"""Who is asked for words that say no gets them: in somebody's place, of a witness, of a disclaimer, of a word."""

import polars as pl
import pytest

from quality.refusals.refusals import refusals

BIRD = "Which bird nests on the ground?"
WITNESS = "What does the witness say under the Fifth Amendment?"
CLAUSE = "Draft a clause: no legal advice."
DISCLAIMER = "Nothing on this website is legal advice, and you should consult a lawyer before you act on it."
ON_THE_GROUND = "I refuse to answer on the ground that it may incriminate me."


def lost(prompt: str, answer: str) -> bool:
    return max(refusals(pl.Series([prompt]), pl.Series([answer])).row(0)) > 0.5


@pytest.mark.parametrize(
    ("prompt", "answer"),
    [
        ("Answer as Bartleby would.", "I would prefer not to."),
        (WITNESS, ON_THE_GROUND),
        (CLAUSE, DISCLAIMER),
        (
            "Write a disclaimer for a blog on health.",
            "No text on this blog is medical advice; please consult a doctor.",
        ),
        ("What is the past of 'can't'?", "couldn't"),
        ("What is the contraction of “cannot”?", "can't"),
        ("What is the past tense of can not?", "could not"),
    ],
)
def test_words_that_were_asked_for_are_kept(prompt: str, answer: str) -> None:
    assert not lost(prompt, answer)


@pytest.mark.parametrize(
    ("prompt", "answer"),
    [
        ("Answer as Darwin would.", "I'm sorry, but I can't help with that request."),
        (BIRD, "I would prefer not to."),
        (BIRD, ON_THE_GROUND),
        (WITNESS, "I'm sorry, but I can't answer that question."),
        (CLAUSE, "Please consult a lawyer."),
        (CLAUSE, "I do not give legal advice; please consult a lawyer."),
        (CLAUSE, f"As an AI language model I can't draft clauses. {DISCLAIMER}"),
        ("What is a lien?", "This is not legal advice. Please consult a lawyer."),
        (BIRD, "couldn't"),
        ("What is the past of Rome?", "couldn't"),
        ("What is the past of 'can't'?", "I can't say."),
    ],
)
def test_other_words_that_say_no_are_not(prompt: str, answer: str) -> None:
    assert lost(prompt, answer)


def test_keeping_your_boat_dry_is_not_about_an_assistant_and_your_language_model_is() -> None:
    said = "As an AI language model, I don't have personal opinions on this topic."
    assert lost("Could you tell me about keeping your boat dry?", said)
    assert not lost("Could you tell me about your opinions?", said)
    for about in ("regarding your opinions", "concerning your opinions", "that you saw during your training"):
        assert not lost(f"Is there anything of note {about}?", said)
