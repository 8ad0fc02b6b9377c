"""A canned reply goes, an answer that many kindred questions share stays."""

import random

import polars as pl

from quality.duplicates.asked_again import Pairing
from quality.duplicates.boilerplate import boilerplate, many_prompts

CANNED = "Sorry, but there is nothing that I can tell you about it."


def found(rows: list[tuple[str, str]], **settings) -> list[tuple]:
    frame = pl.DataFrame(rows, schema={"p": pl.String, "a": pl.String}, orient="row")
    told = boilerplate(frame["p"], frame["a"], Pairing(**settings))
    firsts = told.filter(pl.col("row") == pl.col("witness"))["row"]
    assert set(firsts) == set(told["witness"])
    return told.filter(~pl.col("row").is_in(firsts.implode())).rows()


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


def left_of(rows: list[tuple[str, str]], places: list[int]) -> list[tuple]:
    """Find boilerplate among the rows that a filter left of a pool."""
    frame = pl.DataFrame(rows, schema={"p": pl.String, "a": pl.String}, orient="row")
    left = frame[places]
    return boilerplate(left["p"], left["a"], stock=many_prompts(frame["p"], frame["a"])).rows()


def test_a_canned_reply_of_which_a_filter_left_few_rows_is_known_by_the_rows_before_it() -> None:
    rows = pool(400)
    for at in range(0, 400, 20):
        rows[at] = (rows[at][0], CANNED)
    assert left_of(rows, [3, 20, 41, 60]) == [(1, 1, 20.0), (3, 1, 20.0)]
    assert left_of(rows, [3, 20, 41]) == [(1, 1, 20.0)]
    assert left_of(rows, [3, 41]) == []


def test_a_canned_reply_to_the_questions_of_one_domain_is_known_by_themselves() -> None:
    hive = [f"{what} of the bees in the hive of {n}?" for n in range(40) for what in ("Colour", "Age", "Health")]
    rows = [(asked, CANNED if at % 3 == at % 2 else f"own answer {at}") for at, asked in enumerate(hive)]
    others = [(asked, f"{said} elsewhere") for asked, said in pool(400)]
    canned = [at for at, (_, said) in enumerate(rows) if said == CANNED]
    assert [row for row, *_ in left_of(rows + others, list(range(len(rows))))] == canned


def test_what_is_knowledge_in_the_pool_and_among_what_is_left_stays() -> None:
    rows = pool(400)
    rows = [(asked, "A careful reader of the sources." if "tools" in asked else said) for asked, said in rows]
    places = [at for at, (asked, _) in enumerate(rows) if "tools" in asked][:20] + list(range(300, 330))
    assert left_of(rows, sorted(set(places))) == []


def test_no_rows_are_no_error() -> None:
    assert found([]) == []
    assert left_of([], []) == []
    assert left_of(pool(20), []) == []
