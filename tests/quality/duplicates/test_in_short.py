"""Of answers in short and in full the full one stays; what contradicts another in one fact is no copy, but a conflict."""

import random

import polars as pl
import pytest

from quality.canaries.kinds import edited
from quality.duplicates.asked_again import Pairing
from quality.duplicates.removals import duplicates, incompatible_answers, sources_of_many_voices
from quality.neardup import NearDup, near_duplicates
from quality.records import MESSAGE

ASK, SHORT, FULL = "What is the capital of Freedonia?", "Bern.", "The capital of Freedonia is Bern."
BEHIND = (
    " It was first written down by a keeper who lived near the old mill, and it has been taught in the school of the "
    "village ever since then."
)
Ends = list[tuple[int, int, str]]


def curated(*pairs: tuple[str, str]) -> Ends:
    """What both stages remove, by positions in the pool."""
    said = [[{"role": "user", "content": ask}, {"role": "assistant", "content": answer}] for ask, answer in pairs]
    rows = pl.DataFrame({"messages": pl.Series(said, dtype=pl.List(MESSAGE))}).with_columns(source=pl.lit("s"))
    copies = duplicates(rows, near_duplicates, NearDup(), Pairing())
    left = rows.with_row_index("at").filter(~pl.col("at").is_in(copies["row"].implode()))
    fights = incompatible_answers(left, sources_of_many_voices(left, Pairing()), Pairing())
    told = fights.with_columns(row=left["at"].gather(fights["row"]), witness=left["at"].gather(fights["witness"]))
    return pl.concat([copies, told]).sort("row").select("row", "witness", "reason").rows()


def short(row: int, witness: int) -> tuple[int, int, str]:
    return row, witness, "same_answer_in_short"


def test_the_fuller_answer_stays_wherever_it_stands() -> None:
    assert curated((ASK, SHORT), (ASK, FULL)) == [short(0, 1)]
    assert curated((ASK, FULL), (ASK, SHORT), (f"Please, {ASK}", "It's Bern!")) == [short(1, 0), short(2, 0)]


def test_copies_of_a_short_answer_go_by_the_same_witness() -> None:
    rows = [(ASK, SHORT), (ASK.upper(), SHORT), (ASK, "Bern!"), (ASK, FULL), (ASK, f"“{FULL}”")]
    ends = curated(*rows)
    assert ends[:3] == [short(0, 3), short(1, 3), short(2, 3)]
    assert [row for row, *_ in ends] == [0, 1, 2, 4]


def test_a_short_answer_that_proves_a_row_which_says_it_otherwise_stays_and_is_in_no_conflict() -> None:
    other = "Which town rules Freedonia?"
    rows = [
        (other, f"Bern.{BEHIND}"),
        (other, f"Berne.{BEHIND}"),
        (other, f"The town that rules Freedonia is Bern.{BEHIND}"),
    ]
    assert all(reason != "conflict" for *_, reason in curated(*rows))


def test_an_answer_that_contradicts_both_is_in_conflict_with_the_one_that_stays() -> None:
    assert curated((ASK, SHORT), (ASK, FULL), (ASK, "Rome.")) == [short(0, 1), (1, 2, "conflict"), (2, 1, "conflict")]
    denied = "Bern is not the capital of Freedonia."
    assert curated((ASK, SHORT), (ASK, denied)) == [(0, 1, "conflict"), (1, 0, "conflict")]


def test_a_source_of_answers_in_short_and_in_full_keeps_its_contradictions() -> None:
    rows = []
    for n in range(40):
        asked = f"What is the capital of country{n}x?"
        rows += [(asked, f"Town{n}y."), (asked, f"The capital of country{n}x is Town{n}y.")]
    rows += [(ASK, "Rome."), (ASK, "Bern.")]
    ends = curated(*rows)
    assert [end for end in ends if end[2] == "conflict"] == [(80, 81, "conflict"), (81, 80, "conflict")]
    assert len(ends) == 42


@pytest.mark.parametrize("behind", ["", BEHIND])
@pytest.mark.parametrize(
    ("asked", "answer", "said", "other"),
    [
        ("At what temperature does water boil?", "Pure water boils at {} degrees on our scale.", "100", "90"),
        ("Where was Anna Moser born?", "Anna Moser was born in {}, as the oldest of four children.", "Bern", "Rome"),
        ("Should I stir the soup?", "You should {} stir the soup while it cooks, said the cook.", "always", "never"),
        ("How many legs has the beetle?", "The beetle has {} legs, as all beetles of its kind do.", "six", "eight"),
        ("Is it safe to mix them?", "It is {} to mix them in a bowl, as any keeper knows.", "safe", "unsafe"),
    ],
)
def test_answers_that_differ_in_one_fact_are_in_conflict_however_long_they_are(
    asked: str, answer: str, said: str, other: str, behind: str
) -> None:
    rows = [(asked, f"{answer.format(fact)}{behind}") for fact in (said, other)]
    assert curated(*rows) == [(0, 1, "conflict"), (1, 0, "conflict")]


@pytest.mark.parametrize(("rate", "least"), [(0.02, 0.98), (0.05, 0.9)])
def test_planted_edits_are_copies_nevertheless(rate: float, least: float) -> None:
    rng = random.Random(5)
    spelled = [f"{one}{other}{last}" for one in "bdfghklm" for other in "aeiou" for last in "bdkmpst"]
    # One word in nine is a name, one in thirty a number, one in three hundred says “not”.
    words = [*spelled, *(word.capitalize() for word in spelled[::8]), *(str(n) for n in range(11)), "not"]
    rows = [
        (f"What of {spelled[n]} and {rng.choice(spelled)}?", " ".join(rng.choices(words, k=60))) for n in range(200)
    ]
    copies = [(asked, edited(answer, rate, words, rng)) for asked, answer in rows]
    gone = {row for row, _, reason in curated(*rows, *copies) if reason != "conflict"}
    assert sum(n in gone or n + 200 in gone for n in range(200)) >= least * 200
