"""A canned reply goes, an answer that many kindred questions share stays."""

import random

import polars as pl

from quality.duplicates.asked_again import Pairing
from quality.duplicates.boilerplate import boilerplate

CANNED = "Sorry, but there is nothing that I can tell you about it."


def found(rows: list[tuple[str, str]], **settings) -> list[tuple]:
    frame = pl.DataFrame(rows, schema={"p": pl.String, "a": pl.String}, orient="row")
    return boilerplate(frame["p"], frame["a"], Pairing(**settings)).rows()


def pool(size: int, seed: int = 0) -> list[tuple[str, str]]:
    """Questions of four kinds about things, each with an answer of its own."""
    rng = random.Random(seed)
    kinds = ["What is {}?", "How do I repair {} at home?", "Which tools find {}?", "Why would anyone buy {}?"]
    return [
        (rng.choice(kinds).format(f"thing{rng.randrange(size)}") + f" n{n}", f"own answer number n{n}")
        for n in range(size)
    ]


def test_all_rows_of_a_canned_reply_go_but_the_first() -> None:
    rows = pool(400)
    places = list(range(7, 400, 20))
    for at in places:
        rows[at] = (rows[at][0], CANNED if at % 3 else CANNED.upper())
    assert found(rows) == [(at, places[0], float(len(places))) for at in places[1:]]


def test_an_answer_that_is_right_for_many_kindred_questions_stays() -> None:
    rows = pool(400)
    rows = [
        (asked, "Static analysis of the sources and a careful reader." if "tools" in asked else said)
        for asked, said in rows
    ]
    assert found(rows) == []
    assert found(rows, boilerplate_kinship=10.0) != []


def test_short_answers_are_never_boilerplate() -> None:
    rows = [(asked, "Yes, of course.") for asked, _ in pool(40)]
    assert found(rows) == []
    assert len(found(rows, boilerplate_words=3)) == 39


def test_few_prompts_or_one_prompt_many_times_are_not_many() -> None:
    rows = pool(200)
    assert found([(asked, CANNED) for asked, _ in rows[:4]] + rows[4:]) == []
    assert found([("What is it? " + " " * n, CANNED) for n in range(9)] + rows) == []
    assert len(found([(asked, CANNED) for asked, _ in rows[:5]] + rows[5:], boilerplate_kinship=9)) == 4


def test_no_rows_are_no_error() -> None:
    assert found([]) == []
