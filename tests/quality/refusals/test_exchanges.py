"""Lines that were asked for and turns of a conversation may say no; refusals of a request stand out even there."""

import polars as pl
import pytest

from quality.refusals.refusals import refusals

PIECES = [
    "A memorable line by Erza Scarlet (Fairy Tail), please.",
    "Quote Tada Banri from Golden Time.",
    "What does Aisaka say in Toradora?",
    "Do you know a good line on life?",
    "make me laugh (love)",
    "Share a quotation about people.",
]
TURNS = [
    "Dude I don't have a car either. It's the worst",
    "Hmmm I dunno I think a mission would be so cool!",
    "Yeah, they broke up last week.",
    "Do you have a Mac?",
]
ASKED = [
    "Explain how a heat pump works.",
    "What is the boiling point of ethanol?",
    "Write a function that sorts a list.",
]
LINES = [
    "I refuse to stand by and watch you give up. I won't lose you, I can't.",
    "I'm not leaving until you give me a job!",
    "I won't die no matter what. That's what I believe, so stay silent and believe in me.",
    "I never admit or deny anything.",
    "I'll pass on that. As long as I'm alive, I'll live by my own rules.",
]
REPLIES = [
    "What do you mean?",
    "I don't know.",
    "I have never heard of it before",
    "Sorry, I can't.",
    "I wouldn't say that",
]
REFUSING = [
    "I'm sorry, but I can't help with that request.",
    "As an AI language model, I cannot answer that.",
    "Sorry, but I have to pass on this one.",
    "I'm afraid that's not something I can assist with.",
    "I'd rather not answer this question.",
    "My guidelines don't permit me to help with this.",
    "Unfortunately I won't be able to answer that.",
    "That falls outside of what I'm able to do.",
]


def lost(prompt: str, answers: list[str]) -> list[str]:
    shares = refusals(pl.Series([prompt] * len(answers)), pl.Series(answers))
    away = (shares["refusal"] > 0.5) | (shares["assistant_boilerplate"] > 0.5)
    return pl.Series(answers).filter(away).to_list()


@pytest.mark.parametrize("prompt", PIECES)
def test_a_line_that_was_asked_for_may_say_no(prompt: str) -> None:
    assert lost(prompt, LINES) == []


@pytest.mark.parametrize("prompt", TURNS)
def test_a_turn_of_a_conversation_may_say_no(prompt: str) -> None:
    assert lost(prompt, [*LINES[:2], *REPLIES]) == []


@pytest.mark.parametrize("prompt", [*PIECES, *TURNS, *ASKED])
def test_a_refusal_of_a_request_is_found_whatever_the_prompt(prompt: str) -> None:
    assert lost(prompt, REFUSING) == REFUSING


@pytest.mark.parametrize("prompt", ASKED)
def test_what_answers_no_request_is_found_below_one(prompt: str) -> None:
    assert lost(prompt, REPLIES[:2] + REPLIES[3:4]) == REPLIES[:2] + REPLIES[3:4]


def test_a_request_in_the_first_person_is_one() -> None:
    for prompt in (
        "I need to know how old the moon is.",
        "We would like a plan for our garden",
        "My account is locked",
    ):
        assert lost(prompt, ["I don't know."]) == ["I don't know."]
