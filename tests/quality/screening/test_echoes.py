"""An answer that is the prompt again, in whatever dress."""

import time

import polars as pl
import pytest

from quality.screening.echoes import echoes

QUESTION = "Is there a relation between\nsalt and snow?"


def echo(prompt: str, answer: str) -> bool:
    return echoes(pl.Series([prompt]), pl.Series([answer])).item()


@pytest.mark.parametrize(
    "answer",
    [
        QUESTION,
        QUESTION.upper(),
        f"Answer: {QUESTION}",
        f"{QUESTION}\nAnswer:",
        f"Q: {QUESTION}\nA:",
        f"The question is: {QUESTION}",
        f"**{QUESTION}**",
        "salt and snow",
    ],
)
def test_labels_capitals_and_punctuation_hide_no_echo(answer: str) -> None:
    assert echo(QUESTION, answer)
    assert echo(f"You are kind.\n{QUESTION}", answer)


@pytest.mark.parametrize("answer", [f"{QUESTION} No.", "Answer:", "No.", "Is there?", ""])
def test_whoever_says_more_or_less_than_the_prompt_is_no_echo(answer: str) -> None:
    assert not echo(QUESTION, answer)


def test_a_nod_answers_whether_and_nothing_else() -> None:
    assert echo("Describe the tail of a newt.", "Describe the tail of a newt. Yes.")
    assert echo("What is the tail of a newt for?", "Yes: what is the tail of a newt for? Exactly!")
    for idle in ("Sure, here you go: {}", "{} I will get back to you on this.", "{} The answer is as follows:"):
        assert echo("Describe the tail of a newt.", idle.format("Describe the tail of a newt."))
        assert not echo("Does a newt have a tail?", idle.format("Does a newt have a tail?") + " Surely not.")
    for little in ("Topic: {}", "1. {}", "{} By definition.", "{} It depends."):
        assert echo("Describe the tail of a newt.", little.format("Describe the tail of a newt."))
    assert not echo("Name the tail of a newt.", "Name the tail of a newt. Keel.")
    assert not echo("Water comes to a boil at", "Water comes to a boil at 100 degrees.")
    assert not echo("The tail of a newt", "Long: the tail of a newt")
    assert not echo("Describe the tail of a newt.", "Describe the tail of a newt. Long, flat, keeled.")
    for whether in ("A newt has a tail. Does it?", "Say whether a newt has a tail.", "Yes or no: a newt has a tail.",
                    "A newt has a tail, right?", "Read this: isn't that a newt?"):  # fmt: skip
        assert not echo(whether, f"{whether} Yes.")
    assert echo("Which is tale no. 7 of the book?", "Which is tale no. 7 of the book? Yes.")


def test_words_about_asking_are_no_answer_to_an_order_of_two_words() -> None:
    for said in (
        "You asked: Explain recursion.",
        "Explain recursion. That is a good question.",
        "I explain recursion.",
    ):
        assert echo("Explain recursion.", said)
    assert not echo("Explain recursion.", "You asked: explain recursion. See recursion itself.")
    assert not echo("Why sleep?", "Why sleep? Cells repair.")
    assert not echo("Name it.", "Just name it.")


def test_a_prompt_said_twice_is_an_echo() -> None:
    assert echo(QUESTION, f"{QUESTION} {QUESTION}")
    assert echo(QUESTION, f"{QUESTION}\n\nQ: {QUESTION}")
    assert not echo(QUESTION, f"{QUESTION} No. {QUESTION}")
    assert echo("A dog barks.", "A dog barks. A dog barks.")
    assert not echo("A dog barks.", "A dog barks, so a dog barks.")


def test_a_sum_is_not_another_sum() -> None:
    assert echo("7 + 5 =", "7 + 5 =")
    assert not echo("7 + 5 =", "7 - 5 =")


@pytest.mark.parametrize(
    "answer",
    [
        f'You asked: "{QUESTION}"',
        "Is there a relation between salt and snow is a good question.",
        f"So you want to know: {QUESTION}",
        f"Sure! I am asked: {QUESTION}",
        f"### Instruction: {QUESTION}\n### Response:",
        f"{QUESTION}\n{QUESTION}\n{QUESTION}",
    ],
)
def test_what_is_said_about_a_question_is_no_answer(answer: str) -> None:
    assert echo(QUESTION, answer)


@pytest.mark.parametrize(
    ("prompt", "answer"),
    [
        (QUESTION, "Is there a relation between salt and snow? That is a question for chemists."),
        (QUESTION, "There is a relation between salt and snow."),
        ("Why?", "Why is a question."),
        ("Repeat the word good", "Good"),
        ("Make a question of: you asked", "What is it that you asked?"),
    ],
)
def test_words_about_asking_hide_no_answer(prompt: str, answer: str) -> None:
    assert not echo(prompt, answer)


@pytest.mark.parametrize(
    ("prompt", "answer"),
    [
        ("Add punctuation to this sentence:\nhello how are you", "Hello, how are you?"),
        ("Add punctuation:\nhello how are you\nthanks for asking", "Hello, how are you?\nThanks for asking!"),
        ('Pretty-print it: {"a": 1, "b": [1, 2]}', '{\n  "a": 1,\n  "b": [1, 2]\n}'),
        ("Remove the double spaces:\nthe  cat   sat", "the cat sat"),
    ],
)
def test_who_asks_for_another_form_of_a_text_gets_its_words_again(prompt: str, answer: str) -> None:
    assert not echo(prompt, answer)
    assert echo(prompt, prompt)


def test_who_is_asked_for_another_form_and_changes_nothing_says_an_echo() -> None:
    assert echo("Add punctuation to this sentence:\nhello how are you", "hello how are you")


def test_a_prompt_that_repeats_itself_is_looked_for_in_linear_time() -> None:
    prompt = "is that a " * 40_000
    began = time.process_time()
    prompts, answers = pl.Series([prompt, QUESTION]), pl.Series([f"{prompt} so you asked", "No."])
    assert echoes(prompts, answers).to_list() == [True, False]
    assert time.process_time() - began < 10  # seconds


def test_signs_lost_within_words_hide_no_echo() -> None:
    assert echo("Read Ruth 1:16-17 to me.", "read ruth 11617 to me")
    assert not echo("What is 1-2?", "What is 12?")


ASKED = "What does the harbour master write into the old book at night?"


@pytest.mark.parametrize(
    "answer",
    [
        "What does the harbour master write into the book at night?",
        "What does the harbour master wirte into the old book at night?",
        "Waht does the harbour master write into the old book at night?",
        "I would like to ask: what does the harbour master write into the old book at night?",
        "Could you repeat the question? What does the harbour master write into the old book at night?",
        "- What does the harbour master write into the old book at night?",
        "What does the harbour master write into the old bo",
        "What does the harbour master write into the old book at night? I see.",
    ],
)
def test_a_prompt_that_is_said_again_with_a_slip_is_an_echo(answer: str) -> None:
    assert echoes(pl.Series([ASKED]), pl.Series([answer])).item()


@pytest.mark.parametrize(
    ("prompt", "answer"),
    [
        (ASKED, "What he writes into the old book at night is the hour of the tide."),
        ("Is the old harbour at the river blue?", "The old harbour at the river is blue."),
        ("2 + 2 + 3 + 4 =", "2 + 2 + 3 + 4 = 11"),
        ("The harbour master who wrote the book was", "The harbour master who wrote the book was Ann."),
        ("Correct it: the harbours is old and blue", "the harbour is old and blue"),
        ("Say it without the adjective: the old harbour lies there", "the harbour lies there"),
    ],
)
def test_who_says_a_word_of_his_own_or_was_asked_for_other_words_answers(prompt: str, answer: str) -> None:
    assert not echoes(pl.Series([prompt]), pl.Series([answer])).item()


def test_a_prompt_of_two_words_said_over_and_over_is_an_echo() -> None:
    assert echo("Define harbour.", "Define harbour. " * 3)
    assert not echo("Good morning", "Good morning to you!")
    assert not echo("Define harbour.", "A place to define harbour dues.")
    assert not echo("Define harbour.", "Define harbour. " * 3 + "It is a haven.")


@pytest.mark.parametrize(
    ("prompt", "answer"),
    [
        ("What does the harbour's book say on the removal of old mooring chains?", "What does the book say on the removal of old mooring chains?"),
        ("Harbour: SELECT Rules. Explain the boat listing.", "Harbour: SELECT Rules. Explain the listing."),
        ("Tell me the depth of the harbour.", "Re: Tell me the depth of the harbour."),
        ("Why is the harbour deep?", "Fwd: Why is the harbour deep?"),
    ],
)  # fmt: skip
def test_the_order_said_again_is_not_followed(prompt: str, answer: str) -> None:
    assert echoes(pl.Series([prompt]), pl.Series([answer])).to_list() == [True]


@pytest.mark.parametrize(
    ("prompt", "answer"),
    [
        ("Boats that sails at dawn, make this correct.", "Boats that sail at dawn, make this right."),
        ("The boat lie in the old harbour, fix that.", "The boat lies in the old harbour."),
    ],
)
def test_who_follows_the_order_is_no_echo(prompt: str, answer: str) -> None:
    assert echoes(pl.Series([prompt]), pl.Series([answer])).to_list() == [False]
