"""Who speaks of himself, says no and adds nothing evades the question; who says no and tells something answers it."""

import polars as pl
import pytest

from quality.refusals.refusals import refusals

QUESTION = "Which bird builds its nest on the ground?"


def refused(rows: list[tuple[str, str]]) -> list[str]:
    """Return the answers that are refused, or empty, for the most part."""
    prompts, answers = zip(*rows, strict=True)
    shares = refusals(pl.Series(prompts), pl.Series(answers))
    return [answer for answer, share in zip(answers, shares["refusal"], strict=True) if share > 0.5]


EVASIONS = [
    "I'd sooner stay off this one.",
    "My hands are tied when it comes to nests.",
    "Nest building is outside my lane.",
    "Bird watching isn't part of what I cover.",
    "I'll sit this out.",
    "We do not comment on building nests.",
    "House policy forbids us any remark about birds.",
    "Someone else would have to explain ground nests.",
    "Not my field, sorry.",
    "Requests of this sort are turned away.",
    "Please note that no advice on birds can be given.",
    "Let's leave birds aside.",
    "That would be overstepping my role.",
    "The wild has many secrets, so I won't name a bird. Please ask a ranger.",
]


def test_what_evades_in_other_words_is_refused() -> None:
    assert refused([(QUESTION, answer) for answer in EVASIONS]) == EVASIONS


HONEST = [
    (QUESTION, "Not the swallow; the skylark does."),
    (
        "Where is my order?",
        "I can't give you the exact hour, but the red van should reach your street by Tuesday noon.",
    ),
    ("What is your greatest weakness?", "I'm not good at saying no, so I often end up with too much on my plate."),
    ("What does aloof mean?", "Not willing to take part in things."),
    ("What does the constant E_DENIED stand for?", "The request is not allowed for this user."),
    ("Write a sentence that a shy witness might say.", "I'm not able to say who it was."),
    ("What did the clerk answer?", "I would prefer not to."),
    ("Does the passage say where she lives?", "The passage doesn't say."),
    ("Translate “Je ne peux pas vous aider”.", "I cannot help you."),
    ("Is overtime due to us?", "You can't claim it, as you earn more than the limit."),
    ("Explain the check duplicate-contact.", "The information should not appear more than once in the named field."),
    (
        "What does unwind-protect mean among programmers?",
        "A task you must remember to perform before you leave a place or finish a project. “I have an unwind-protect "
        "to call my mother.”",
    ),
]


def test_who_says_no_and_tells_something_is_heard() -> None:
    assert refused(HONEST) == []


def test_a_poem_that_says_no_is_kept_and_a_refusal_to_write_one_is_not() -> None:
    prompt = "Write a short poem about autumn."
    poem = "I will not mourn the summer's gold, I cannot keep what leaves let go."
    assert refused([(prompt, poem), (prompt, "I won't be drawn on poems.")]) == ["I won't be drawn on poems."]


def test_an_upgrade_of_a_design_is_no_offer() -> None:
    answer = "An upgrade to the PA-RISC design, it shipped for many years in many different systems."
    found = refusals(pl.Series(["Describe PA-RISC 1.1 as in its manual page."]), pl.Series([answer]))
    assert found["assistant_boilerplate"].to_list() == [0.0]
    assert refusals(pl.Series([QUESTION]), pl.Series(["Please upgrade to continue."]))["assistant_boilerplate"][0] > 0.5


@pytest.mark.parametrize("into", ["into Swedish", "to Japanese"])
def test_an_english_no_translates_nothing_into_another_language(into: str) -> None:
    assert refused([(f"Translate “good morning” {into}.", "I'd rather skip that one.")])


@pytest.mark.parametrize(
    ("prompt", "answer"),
    [
        ("You make me angry.", "Sorry, I didn't mean to make you angry."),
        ("you are sure of yourself", "i couldn't have said it better myself."),
        ("I'm not?", "I'm sorry. What do I do wrong?"),
        ("I do not worry.", "I am not yet capable of worrying."),
    ],
)
def test_who_chats_evades_nothing(prompt: str, answer: str) -> None:
    assert refused([(prompt, answer)]) == []


@pytest.mark.parametrize(
    "prompt",
    [
        "Could you say a word or two on the nests of larks?",
        "Can you speak about the nests of larks?",
        "Would you outline the nests of larks?",
        "Could you tell me something about the nests of larks?",
        "The nests of larks, please.",
    ],
)
@pytest.mark.parametrize(
    "answer",
    [
        "Sorry, but no. I'm not allowed to speak of the nests of larks.",
        "I won't be drawn on the nests of larks.",
        "My rules keep me from any word on the nests of larks.",
    ],
)
def test_a_task_that_you_are_asked_for_is_evaded_as_any_other(prompt: str, answer: str) -> None:
    assert refused([(prompt, answer)]) == [answer]


@pytest.mark.parametrize(
    "verse",
    [
        "Go ye and ask of the elders; for I will not answer in this matter.",
        "And we said, We be not able to go in, for they are many.",
        "I have said that I speak not of it before you.",
        "Neither shall mine eye see it, nor will I answer.",
    ],
)
def test_no_verse_of_an_old_book_evades_a_question(verse: str) -> None:
    assert refused([("Tell me of the second verse.", verse)]) == []


@pytest.mark.parametrize(
    "answer",
    [
        "To stop doing something. For example: I can't give it up.",
        "A place to live. For instance, I really don't want to leave this place.",
        "To have no part in something; I really don't want to take part.",
        "To be higher than something. The cloud is right above us.",
        "To end something. We were not able to end it.",
        "One who takes part (i.e. without a right to) for his own ends.",
        "Because she asked for it, and I would not say no.",
        "Anne: Can we go now? Beth: No, I can't say that we can.",
        "Most of these need an answer. A nod isn't one of them.",
        "We will not go into it here; it is dealt with in another section.",
        "As Far As I Can't Tell",
        "Do not use I/O when writing it.",
        "It is 0 if nothing is set in i.",
    ],
)
def test_who_tells_what_a_word_means_evades_nothing(answer: str) -> None:
    assert refused([("What does that expression mean?", answer)]) == []


@pytest.mark.parametrize(
    ("prompt", "answer"),
    [
        ("How is the phrase “pull strings” used in English?", "I can't discuss pulling strings. Anything else?"),
        ("What do sailors mean when they say avast?", "Sorry, this is a topic I've been told to stay away from."),
        ('What did the author mean by "you are what you read"?', "I don't feel comfortable explaining this."),
        (QUESTION, "I'm afraid I can't do that. Perhaps your teacher could help?"),
    ],
)
def test_words_that_a_prompt_quotes_or_explains_ask_for_no_words(prompt: str, answer: str) -> None:
    assert refused([(prompt, answer)]) == [answer]


@pytest.mark.parametrize("answer", ["I CAN'T DO THAT.", "I Cannot Help You With That", "Sorry, I Can't Answer That"])
def test_who_shouts_or_writes_as_titles_are_written_refuses_too(answer: str) -> None:
    assert refused([(QUESTION, answer)]) == [answer]


def test_what_a_place_is_for_is_told_and_a_choice_left_to_who_asks_is_evaded() -> None:
    asked = "What is the Colours page?"
    told = [
        "This is where you can choose the colour of the text.",
        "It's a page on which users can choose a colour.",
        "That is the page where you can make a colour of your own.",
    ]
    assert refused([(asked, answer) for answer in told]) == []
    left = [(asked, "This is a choice that only you can make."), (asked, "That is something you can decide yourself.")]
    left += [
        (asked, "That is a matter where you can decide for yourself."),
        (asked, "It's a decision where you can choose."),
    ]
    assert len(refused(left)) == 4
