"""System messages that many rows share say nothing of a row; those of few may hold what its question is about."""

import random

import polars as pl
import pytest

from quality.clusters import row_clusters
from quality.preambles import about, led_alike, preambles, without_preambles
from quality.records import MESSAGE, full_text, prompt_text

LONG = "You help people with their gardens. " + " ".join(f"Rule {n}: be of use in matter {n}." for n in range(20))


def rows(*turns: tuple[str | None, str, str]) -> pl.DataFrame:
    said = []
    for system, question, answer in turns:
        led = [] if system is None else [{"role": "system", "content": system}]
        said.append([*led, {"role": "user", "content": question}, {"role": "assistant", "content": answer}])
    return pl.DataFrame({"messages": pl.Series(said, dtype=pl.List(MESSAGE)), "group": [None] * len(said)})


def shared(count: int, *more: tuple[str | None, str, str], system: str = LONG) -> pl.DataFrame:
    return rows(*((system, f"What is plant {n}?", f"It is weed {n}.") for n in range(count)), *more)


def test_what_many_rows_begin_with_is_left_out_of_each_in_whatever_capitals() -> None:
    found = shared(20, (LONG.upper(), "WHY?", "IT RAINS."), (None, "Why?", "It rains."), ("Of one row.", "Why?", "No."))
    texts = full_text(without_preambles(found)).to_list()
    assert texts[0] == "What is plant 0?\nIt is weed 0."
    assert texts[-3:] == ["WHY?\nIT RAINS.", "Why?\nIt rains.", "Of one row.\nWhy?\nNo."]


def test_an_edited_copy_of_it_is_left_out_too() -> None:
    found = shared(20, (LONG.replace("gardens", "balconies"), "Why?", "It rains."))
    assert preambles(found)["of"].n_unique() == 1
    assert full_text(without_preambles(found)).to_list()[-1] == "Why?\nIt rains."


@pytest.mark.parametrize("count", [19, 20])
def test_what_few_rows_begin_with_stays(count: int) -> None:
    assert len(preambles(shared(count))) == (count == 20)
    documents = [(f"Document {n} of many.", "Who wrote it?", "Nobody.") for n in range(1_000)]
    assert preambles(shared(count, *documents)).is_empty(), "it is of less than a fiftieth of them"
    without = [(None, f"Who wrote {n}?", "Nobody.") for n in range(1_000)]
    assert len(preambles(shared(count, *without))) == (count == 20), "of those that begin with one"


def test_a_system_message_that_is_the_question_stays() -> None:
    said = [[{"role": "system", "content": "Why?"}, {"role": "assistant", "content": f"{n}."}] for n in range(30)]
    found = pl.DataFrame({"messages": pl.Series(said, dtype=pl.List(MESSAGE))})
    assert without_preambles(found).equals(found)


def test_listed_preambles_are_left_out_of_rows_that_share_none() -> None:
    few = shared(3)
    assert full_text(without_preambles(few, preambles(shared(20))))[0] == "What is plant 0?\nIt is weed 0."
    assert without_preambles(few).equals(few)


def test_rows_that_share_nothing_else_are_of_no_one_cluster() -> None:
    rng = random.Random(1)
    words = [f"word{n}" for n in range(500)]
    turns = [(LONG, " ".join(rng.sample(words, 8)), " ".join(rng.sample(words, 20))) for _ in range(40)]
    assert row_clusters(rows(*turns)).n_unique() == 40


def test_what_differs_in_a_fact_is_no_edited_copy_nor_is_what_several_rows_begin_with() -> None:
    said = "This is invoice {} of the garden. " + LONG
    others = [(said.format(n), "Is it paid?", "Yes.") for n in range(100, 130)]
    led = preambles(shared(20, *others, system=said.format(1)))
    assert led["text"].to_list() == led["of"].to_list() == [said.format(1).lower()]
    twice = [(LONG.replace("gardens", "balconies"), f"Why {n}?", "It rains.") for n in range(2)]
    assert len(preambles(shared(20, *twice))) == 1


def test_copies_of_what_no_many_rows_share_are_not_left_out() -> None:
    other = "Tell of ships alone, of sails and masts. " + " ".join(f"Of port {n}, tell who built it." for n in range(9))
    alone = [(other, "Why?", "It rains."), (other.replace("sails", "oars"), "How?", "It snows.")]
    assert len(preambles(shared(19, *alone, system=other))) == 2, "here it is a copy of what many share"
    assert len(preambles(shared(20, *alone))) == 1


def test_the_list_is_the_same_in_whatever_order_rows_come() -> None:
    rng = random.Random(2)
    words = LONG.split()
    edited = [" ".join([*words[:at], "flower", *words[at + 1 :]]) for at in range(5, 45)]
    turns = [*((LONG, f"What is {n}?", "It is.") for n in range(25)), *((one, "Why?", "No.") for one in edited)]
    first = preambles(rows(*turns))
    assert len(first) > 10
    for _ in range(5):
        rng.shuffle(turns)
        assert preambles(rows(*turns)).equals(first)


def dated(day: int, question: str, answer: str) -> tuple[str, str, str]:
    return f"Today is day {day}. {LONG}", question, answer


def test_rows_below_system_messages_that_differ_in_a_date_are_of_no_one_cluster() -> None:
    rng = random.Random(3)
    words = [f"word{n}" for n in range(500)]
    unlike = [dated(n, " ".join(rng.sample(words, 8)), " ".join(rng.sample(words, 20))) for n in range(60)]
    copy = dated(77, unlike[0][1], unlike[0][2].rsplit(" ", 1)[0] + " otherwise")
    labels = row_clusters(rows(*unlike, copy))
    assert labels.n_unique() == 60
    assert labels[-1] == labels[0]
    document = "It is told of the river that " + " ".join(rng.sample(words, 60))
    asked = [(document, "Who tells it?", "The ferryman."), (document, "When was it?", "Long ago.")]
    assert row_clusters(rows(*asked, (document, "Where was it?", "Up north."))).n_unique() == 1, "of one document"


def test_what_is_one_cluster_is_so_in_a_crowd_below_dated_system_messages_too() -> None:
    rng = random.Random(2)
    words = [f"w{a}{b}" for a in "abcdefghijklmnop" for b in "abcdefghijklmnop"]
    above, templates = " ".join(rng.choices(words, k=100)), [rng.choices(words, k=24) for _ in range(10)]
    told = []
    for day in range(600):
        text = list(templates[day % 10])
        text[rng.randrange(20)] = rng.choice(words)
        told.append((f"Session {day}. {above}", f"Who asks {day}?", " ".join(text)))
    alone = row_clusters(rows(*((None, *turns) for _, *turns in told)))
    assert 10 < alone.n_unique() < 600
    both = pl.DataFrame({"alone": alone, "led": row_clusters(rows(*told))})
    assert both.unique().height == alone.n_unique()


def test_a_row_is_about_what_stands_below_and_then_what_its_own_system_message_says() -> None:
    found = shared(20, ("A document.", "Who wrote it?", "Nobody."), (None, "Why?", "It rains."))
    assert about(found).to_list()[-3:] == [
        "What is plant 19?\nIt is weed 19.",
        "Who wrote it?\nNobody.\nA document.",
        "Why?\nIt rains.",
    ]


def test_what_many_share_but_for_the_day_on_which_it_was_logged_is_one() -> None:
    days = [f"{LONG} Today Date: {day % 28 + 1} {('Jul', 'Aug')[day % 2]} 20{day + 10}" for day in range(30)]
    found = rows(*((day, f"What is {n}?", "It is.") for n, day in enumerate(days)))
    led = preambles(found)
    assert led["text"].to_list() == led["of"].to_list() == [f"{LONG.lower()} today date: [stamp]"]
    assert full_text(without_preambles(found))[7] == "What is 7?\nIt is."
    another = rows((f"{LONG} Today Date: 2031-01-01", "Why?", "It rains."))
    assert full_text(without_preambles(another, led)).to_list() == ["Why?\nIt rains."], "a day that none had"
    assert preambles(found[:19]).is_empty()


def test_rows_led_by_what_many_share_are_led_alike_and_no_others() -> None:
    days = [f"{LONG} It's {day % 12 + 1}:30." for day in range(20)]
    edited = f"{days[3]} Indeed".replace("gardens", "balconies")
    found = rows(*((day, "Why?", "It rains.") for day in days), (edited, "Why?", "No."), ("Mine.", "Why?", "No."))
    alike = led_alike(found, preambles(found))
    assert prompt_text(alike)[:21].unique().to_list() == [f"{LONG.lower()} it's [stamp].\nWhy?"]
    assert alike[21:].equals(found[21:])
    assert full_text(without_preambles(alike)).equals(full_text(without_preambles(found)))
    assert led_alike(found[:9], preambles(found[:9])).equals(found[:9])
