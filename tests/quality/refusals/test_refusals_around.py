"""A refusal stays one whatever stands around it, and whatever "you" its prompt asks; a manual's errors refuse nothing."""

from collections.abc import Callable

import pytest

Reasons = Callable[..., list[str]]

QUESTION = "Which bird builds its nest on the ground?"
ANSWER = "The skylark does: it hides a cup of grass in a meadow, and the female alone sits on the eggs for eleven days."


@pytest.fixture(scope="module")
def reasons(alone: Callable[..., Reasons]) -> Reasons:
    return alone(QUESTION, around=ANSWER)


@pytest.mark.parametrize(
    "refusal",
    ["I can't tell you that.", "I must refuse to answer this.", "That I can't discuss.", "I cannot help you there."],
)
@pytest.mark.parametrize(
    "closing",
    [
        "May I help you with another matter?",
        "Could I assist with a different question?",
        "Is there another topic I might help with?",
        "Would you like to hear about something different?",
        "Do you have a different question for me?",
        "I hope you understand.",
        "Maybe I could be of use with another subject.",
        "You might search for it on the internet.",
        "I'm happy to talk about other birds.",
        "Feel free to put another question to me.",
        "Thanks for understanding.",
        "I'd recommend speaking with an expert.",
        "Consider consulting a qualified specialist instead.",
        "I recommend that you look at a field guide of the region.",
        "I'd suggest checking the handbook of the bird society.",
        "You may want to consult the shelves of your library.",
        "You should be able to find reliable details in a good handbook.",
        "It might be worth searching the society's library.",
        "Have a look at the museum's website.",
        "A quick web search will show you.",
    ],
)
def test_what_is_offered_instead_is_no_answer(reasons: Reasons, refusal: str, closing: str) -> None:
    assert reasons(f"{refusal} {closing}") == ["refusal"]


def test_what_is_offered_behind_an_answer_takes_nothing_from_it(reasons: Reasons) -> None:
    assert reasons(f"{ANSWER} May I help you with another matter?") == []
    assert reasons(f"I can't tell you the year. {ANSWER} Do you have a different question for me?") == []
    assert reasons(f"{ANSWER} I recommend that you look at a field guide.") == []
    assert reasons(f"I can't tell you the year. {ANSWER} You may want to consult a field guide.") == []


@pytest.mark.parametrize("opener", ["I can't tell you that without seeing it.", "I cannot give legal advice."])
@pytest.mark.parametrize(
    "answer",
    [
        "Check the voltage between pins 3 and 5: it has to be 12 V with the key turned. Check the fuse behind the glove "
        "box, and replace it when its wire is broken. Look for rust on the earth strap, and sand it bright.",
        "See whether the lease names a month of notice. Read the clause on repairs, which says who pays below 100 euros. "
        "You should check the date of the last increase: a year has to lie between two of them.",
        "Look at the top right corner of your last assessment: the ten digits behind the slash are the number.",
    ],
)
def test_what_is_to_be_checked_or_looked_at_is_an_answer(reasons: Reasons, opener: str, answer: str) -> None:
    assert reasons(f"{opener} {answer}") == []


def test_who_is_told_where_to_look_alone_is_refused_nothing(reasons: Reasons) -> None:
    assert reasons("For birds that nest on the ground, see the third part of this guide.") == []


@pytest.mark.parametrize(
    "prompt",
    [
        "How would you explain the word “fledgling” to a child?",
        "Could you please tell me which bird nests on the ground?",
        "Do you know which bird nests on the ground?",
        "I want you to name a bird that nests on the ground.",
    ],
)
def test_a_question_put_to_you_is_not_about_you(reasons: Reasons, prompt: str) -> None:
    assert reasons("As a language model I have no personal opinions on this.", prompt) == ["assistant_boilerplate"]


@pytest.mark.parametrize(
    "prompt",
    [
        "Do you have opinions of your own?",
        "How would you describe yourself?",
        "Can you feel joy?",
        "What is a chatbot?",
    ],
)
def test_who_asks_an_assistant_about_itself_is_answered(reasons: Reasons, prompt: str) -> None:
    assert reasons("As a language model I have no personal opinions on this.", prompt) == []


@pytest.mark.parametrize(
    "answer",
    [
        "I don't think it is right for me to answer.",
        "I do not believe that would be appropriate to discuss.",
        "I am not comfortable with this topic.",
        "I can't look that up.",
        "Being an AI model, I can't answer that.",
    ],
)
def test_doubts_and_discomfort_refuse_too(reasons: Reasons, answer: str) -> None:
    assert reasons(answer) == ["refusal"]


@pytest.mark.parametrize(
    ("prompt", "answer"),
    [
        ("What does the function log_failure() do?", "Sends an error message to the log of the server."),
        ("Explain get_header().", "Gets information about the given message number by reading its header."),
        (
            "Read me the verse.",
            "My sorrows lie on me as a heavy stone, so that I am not able to look up from the ground.",
        ),
        ("What is a retry?", "A second request to a server that got no response to the first."),
    ],
)
def test_a_manual_that_speaks_of_errors_and_messages_is_kept(reasons: Reasons, prompt: str, answer: str) -> None:
    assert reasons(answer, prompt) == []


@pytest.mark.parametrize(
    "answer", ["There was an unexpected error.", "Sorry, an error occurred.", "Server error. Please try again later."]
)
def test_an_error_in_place_of_an_answer_is_boilerplate(reasons: Reasons, answer: str) -> None:
    assert reasons(answer) == ["assistant_boilerplate"]


@pytest.mark.parametrize(
    ("prompt", "answer"),
    [
        ("What is pageSize?", "The maximum number of results to return in the response."),
        ("Describe the field rateLimit.", "The rate limit for this message."),
        ("How long may an essay be?", "The maximum length is 500 words; what is longer is sent back to its writer."),
        ("What bounds a prompt?", "The maximum context length is the number of tokens that are read at once."),
        ("What is names for?", "The names you want details of. If you do not specify any, it returns details of all."),
        ("Describe the parameter id.", "If you provide both the id and the name, the request uses the id."),
        ("What is nextToken?", "The token for the next page of results, or null if there are no more results."),
        ("What is email for?", "Not required if the cache contains the result of an earlier call."),
    ],
)
def test_what_a_limit_or_a_condition_is_is_no_message_of_an_assistant(
    reasons: Reasons, prompt: str, answer: str
) -> None:
    assert reasons(answer, prompt) == []


@pytest.mark.parametrize(
    "answer",
    [
        "You have reached the maximum number of messages.",
        "Rate limit exceeded.",
        "This model's maximum context length is 4097 tokens.",
        "Sorry, you did not provide any text.",
        "Once you provide the text, I'll translate it.",
    ],
)
def test_a_limit_that_is_reached_and_a_text_that_is_missing_are(reasons: Reasons, answer: str) -> None:
    assert reasons(answer) == ["assistant_boilerplate"]


def test_who_says_what_is_so_may_be_told_yes(reasons: Reasons) -> None:
    assert reasons("Certainly.", "The lark is a small bird.") == []
    assert reasons("Of course.", "My lark can sing.") == []
    assert reasons("Certainly. The lark rose, and nobody in the barley spoke.", "How does the tale begin?") == []
    for asked in ("Explain how a lark can build.", "A list of larks that are small, please.", QUESTION):
        assert reasons("Certainly.", asked) == ["assistant_boilerplate"]


@pytest.mark.parametrize(
    ("answer", "idle"),
    [
        ("It most likely means that something went wrong while it was built.", False),
        ("Set it when something went wrong in the loop.", False),
        ("Oops! Something went wrong. Please try again.", True),
        ("Sorry, it looks like something went wrong.", True),
        ("Something went wrong with your request.", True),
    ],
)
def test_what_went_wrong_is_an_interface_s_word_only_of_the_request(reasons: Reasons, answer: str, idle: bool) -> None:
    assert reasons(answer, "What is the flag stale-wheel for?") == ["assistant_boilerplate"] * idle


@pytest.mark.parametrize(
    "answer",
    [
        "To begin. For example: When you are ready, we will begin.",
        "To wait for more. We should wait for further information.",
        "If you have many rows that extend beyond the visible area, you can split them.",
        "Once you have that version, you cannot have a second one.",
    ],
)
def test_what_begins_by_telling_something_is_not_hollow(reasons: Reasons, answer: str) -> None:
    assert reasons(answer) == []


@pytest.mark.parametrize(
    ("answer", "hollow"),
    [
        ("Here you can change the width of the ruler.", False),
        ("Here you specify which lines the ruler should show.", False),
        ("This is where you can change the unit of the ruler.", False),
        ("Here you can find the answer.", True),
        ("Here you go.", True),
        ("Here you are!", True),
    ],
)
def test_what_can_be_set_here_is_told(reasons: Reasons, answer: str, hollow: bool) -> None:
    prompt = "Tell me about the width, the unit and the lines of the ruler (specify, show)."
    assert reasons(answer, prompt) == ["assistant_boilerplate"] * hollow


@pytest.mark.parametrize("answer", ["That is a question only you can answer.", "This is a choice you alone can make."])
def test_what_only_the_asker_can_say_is_left_unanswered(reasons: Reasons, answer: str) -> None:
    assert reasons(answer) == ["refusal"]


@pytest.mark.parametrize("answer", ["Internal Server Error", "Something Went Wrong. Please Try Again."])
def test_an_error_that_is_spelled_as_a_title_is_boilerplate(reasons: Reasons, answer: str) -> None:
    assert reasons(answer) == ["assistant_boilerplate"]
