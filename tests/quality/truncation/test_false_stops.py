"""A full stop behind a word that ends no sentence of the pool was put behind a cut."""

import polars as pl
import pytest

from quality.truncation.false_stops import false_stops

POOL = [
    f"The master of the harbour wrote down the number {row} and the name of the boat. "
    f"He was asked what the list of the boats was used for. It is a part of the log that boat {row} brought in."
    for row in range(1_000)
]


def told(answer: str, pool: list[str] = POOL) -> float:
    return float(false_stops(pl.Series([*pool, answer]))[-1])


@pytest.mark.parametrize("end", ["the.", "of the.", 'the."', "and."])
def test_what_ends_in_a_word_that_ends_nothing_was_cut(end: str) -> None:
    assert told(f"The boats that came to the harbour at dawn brought {end}") > 0.5


@pytest.mark.parametrize(
    "end",
    [
        "what the boats were used for",  # ends sentences of the pool
        "the boat",
        "boat A",
        "the letter `the`",
        "the",  # no full stop: judged by its own rules
    ],
)
def test_what_may_end_a_sentence_is_whole(end: str) -> None:
    mark = "" if end == "the" else "."
    assert told(f"The boats that came in at dawn brought {end}{mark}") <= 0.5


def test_few_sentences_teach_nothing() -> None:
    assert told("The boats brought the.", POOL[:400]) == 0


def test_two_words_that_end_sentences_end_others() -> None:
    pool = [text.replace("It is a part of the log", "It is what it was a part of. So it is the log") for text in POOL]
    cut = "The boats that came in at dawn brought a cargo of."
    assert told(cut, pool) < told(cut)
    assert told("That is the harbour which the pier is a part of.", pool) == 0


def test_order_makes_no_difference() -> None:
    answers = pl.Series([*POOL, "The boats brought the."])
    assert false_stops(answers.reverse()).to_list() == false_stops(answers).to_list()[::-1]


@pytest.mark.parametrize(
    "end",
    [
        "They ask what it is.",
        "Nobody knows how old the pier is.",
        "They wrote down which of the boats it is.",
        "The log says where the boats are.",
        "The more boats there are, the longer the list of the master is.",
        "He is the master that the guild claims he is.",
        "They paint the side that the name is part of.",
        "There is a rope which the crew makes use of.",
        "They count all the planks they consist of.",
        "That was the name that the boat was known by.",
        "The crews have no boat, and neither has he.",
        "See under Harbour, a.",
        "They paint the boats by and by.",
    ],
)
def test_a_clause_may_leave_its_verb_or_its_preposition_behind(end: str) -> None:
    pool = [text.replace(" of the", " of all the").replace("was used for", "was used for then") for text in POOL]
    pool = [
        f"{text} The log is by the door and there are some boats, as he is old, part of or known by all."
        for text in pool
    ]
    assert told(f"The boats came in at dawn. {end}", pool) == 0


def test_a_letter_is_a_name_beside_another_letter() -> None:
    assert told("The length b of a boat is never the length of a.") == 0
    assert told("The length of a boat is never the length of a.") > 0.5


@pytest.mark.parametrize(
    "end",
    [
        "It means that the boat is.",
        "It rains in months when the boat is.",
        "The master that came in wrote down the name of.",
        "It was written such that the first name of.",
        "A boat that was brought in by.",
        "They paint the boats and by.",
        "They brought in the boat, a.",
    ],
)
def test_a_relative_word_of_another_clause_leaves_nothing_behind(end: str) -> None:
    pool = [
        f"{text} The log is by the door and there is a list of boats, as he is old, and known by all." for text in POOL
    ]
    assert told(f"The boats came in at dawn. {end}", pool) > 0.5
