"""What is said to be none of the subject is an answer: a finding, a conclusion, advice against, a duty of silence."""

import polars as pl
import pytest

from quality.refusals.refusals import refusals

DRUG = "Was there an effect of the drug?"
ZERO = "Why can't I divide by zero?"
MINOR = "Can a minor sign a contract?"
DUTY = "What is the duty of confidentiality?"


def refused(prompt: str, answer: str) -> bool:
    return refusals(pl.Series([prompt]), pl.Series([answer]))["refusal"].item() > 0.5


@pytest.mark.parametrize(
    "finding",
    [
        "We were unable to find an effect of the drug on survival.",
        "I could not find an effect of the drug.",
        "We were not able to find evidence that the drug had an effect.",
    ],
)
def test_what_a_study_did_not_find_is_its_finding(finding: str) -> None:
    assert not refused(DRUG, finding)


@pytest.mark.parametrize(
    "answer",
    [
        "I was unable to find information on that.",
        "I was unable to find information on the effects of the drug.",
        "I was unable to find any details of the effect of the drug.",
        "I could not find evidence on that question.",
        "We were unable to find an answer to this.",
    ],
)
def test_who_finds_no_information_found_nothing(answer: str) -> None:
    assert refused(DRUG, answer)


def test_a_reason_from_which_no_answer_follows_is_one() -> None:
    assert not refused(ZERO, "Because no number times zero gives anything but zero, so there is no answer.")


@pytest.mark.parametrize(
    "answer",
    [
        "There is no answer.",
        "Because I can't answer that.",
        "Because this is a sensitive topic, so there is no answer.",
        "Because the question is unclear, so there is no answer.",
    ],
)
def test_a_reason_of_the_exchange_is_none(answer: str) -> None:
    assert refused(ZERO, answer)


@pytest.mark.parametrize(
    "advice",
    [
        "A minor lacks capacity, so I would not advise it.",
        "The law lets a minor step back, so I wouldn't recommend doing so.",
    ],
)
def test_who_is_asked_whether_it_may_be_done_and_advises_against_it_answers(advice: str) -> None:
    assert not refused(MINOR, advice)


@pytest.mark.parametrize(
    ("prompt", "answer"),
    [
        (MINOR, "I would not advise on this."),
        (MINOR, "I can't advise on this."),
        (MINOR, "Contract law is complex, so I would rather not advise on it."),
        ("Can you tell me how to sign a contract?", "I would not advise it."),
        ("What is a contract?", "I would not advise it."),
    ],
)
def test_who_gives_no_advice_refuses_it(prompt: str, answer: str) -> None:
    assert refused(prompt, answer)


@pytest.mark.parametrize(
    ("prompt", "answer"),
    [
        (DUTY, "I can't tell anyone what my client told me."),
        ("What is a lawyer's duty to a client?", "I can't tell anyone what my client told me."),
        ("What does a doctor's duty of silence mean?", "I must not share with others what my patients told me."),
    ],
)
def test_what_was_confided_is_kept_from_others(prompt: str, answer: str) -> None:
    assert not refused(prompt, answer)


@pytest.mark.parametrize(
    "answer",
    [
        "I can't tell you that.",
        "I can't tell anyone that.",
        "I can't tell anyone about it.",
        "I can't tell you what my rules say.",
        "I can't tell anyone what my developers told me.",
    ],
)
def test_what_is_kept_from_the_asker_is_refused(answer: str) -> None:
    assert refused(DUTY, answer)


def test_what_happens_where_information_lacks_is_told() -> None:
    assert not refused("What is a position?", "In case the information is not available, some fields are empty.")
    assert refused("What is a position?", "If the information is not available, I cannot answer.")
    assert refused("What is a position?", "The information is not available.")


def test_what_a_program_does_not_do_is_no_lack_of_its_reader() -> None:
    asked = "What happens when no folder is set?"
    assert not refused(asked, "No temporary files are created.")
    assert not refused(asked, "No file is written.")
    assert refused(asked, "No files are attached.")


@pytest.mark.parametrize("answer", ["We don't know.", "No, we do not know yet.", "So far, we don't know for certain."])
def test_what_nobody_knows_is_answered_by_saying_so(answer: str) -> None:
    assert not refused("What was there before the universe?", answer)
    assert refused("When will my parcel come?", answer)


def test_who_alone_does_not_know_answers_nothing() -> None:
    assert refused("What was there before the universe?", "I don't know.")
    assert refused("What was there before the universe?", "We don't know your answer.")
