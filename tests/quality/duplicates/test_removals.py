"""What the stages of duplicates and of incompatible answers remove, told as one table in the order of the rows."""

import random

import polars as pl
import pytest

from quality.duplicates.asked_again import Pairing
from quality.duplicates.removals import REMOVED, duplicates
from quality.neardup import NearDup, near_duplicates
from quality.records import MESSAGE


def rows(*pairs: tuple[str, str]) -> pl.DataFrame:
    said = [[{"role": "user", "content": ask}, {"role": "assistant", "content": answer}] for ask, answer in pairs]
    return pl.DataFrame({"messages": pl.Series(said, dtype=pl.List(MESSAGE))})


def test_duplicates_stumps_and_copied_answers_are_told_in_the_order_of_the_rows() -> None:
    rng = random.Random(4)
    words = lambda count: [f"w{rng.randrange(10**6)}" for _ in range(count)]  # noqa: E731
    asked, whole, other = " ".join(words(8)), words(20), words(20)
    copied = ["changed" if at in (6, 13) else word for at, word in enumerate(whole)]
    pool = rows(
        (f"{asked}?", f"{' '.join(whole)}."),
        (f"{asked}?", f"{' '.join(copied)}."),
        (f"{asked}?", " ".join(whole[:9])),
        ("Who?", " ".join(other)),
        ("WHO?", " ".join(other)),
    )
    found = duplicates(pool, near_duplicates, NearDup(), Pairing())
    assert found.schema == REMOVED
    assert found.select("row", "witness", "reason").rows() == [
        (1, 0, "same_prompt_alike_answer"),
        (2, 0, "unfinished_answer"),
        (4, 3, "exact_duplicate"),
    ]


def told(pool: pl.DataFrame) -> list[tuple[int, int, str]]:
    return duplicates(pool, near_duplicates, NearDup(), Pairing()).select("row", "witness", "reason").rows()


def test_a_stump_never_wins_against_the_row_that_goes_on() -> None:
    words = [f"w{n}" for n in range(60)]
    ask, whole, most, half = "What is a bee?", f"{' '.join(words)}.", " ".join(words[:52]), " ".join(words[:20])
    assert told(rows((ask, most), (ask, whole))) == [(0, 1, "unfinished_answer")]
    assert told(rows((ask, half), (ask, most), (ask, whole))) == [(at, 2, "unfinished_answer") for at in (0, 1)]
    # What ends with a mark is no stump: the earlier of two near-duplicates stays.
    assert told(rows((ask, f"{most}."), (ask, whole))) == [(1, 0, "near_duplicate")]


def test_the_plain_one_of_two_copies_stays_wherever_it_stands() -> None:
    words = " ".join(f"word{n}" for n in range(20))
    asked, plain = "What is a honey bee?", f"Take a honey bee, a hive and {words}."
    disguises = {
        "wide": plain.replace("honey", "\uff48\uff4f\uff4e\uff45\uff59"),
        "look-alike": plain.replace("hive", "hiv\u0435").replace("Take", "\u0422ake"),
        "hidden": plain.replace("honey", "ho\u00adney").replace("hive", "hi\u200bve"),
        "entities": plain.replace("hive", "&#104;ive"),
    }
    for name, copy in disguises.items():
        assert [pair[:2] for pair in told(rows((asked, copy), (asked, plain)))] == [(0, 1)], name
        assert [pair[:2] for pair in told(rows((asked, plain), (asked, copy)))] == [(1, 0)], name
    of_two = told(rows((asked, disguises["hidden"]), (asked, disguises["wide"])))
    assert [pair[:2] for pair in of_two] == [(1, 0)], "neither is plain: the first stays"


def test_stumps_that_are_near_duplicates_of_each_other_go_with_the_whole_row_as_witness() -> None:
    words = [f"w{n}" for n in range(60)]
    ask, whole = "What is a bee?", f"{' '.join(words)}."
    stumps = [(ask, " ".join(words[:size])) for size in (31, 30)]
    assert told(rows(*stumps, (ask, whole))) == [(at, 2, "unfinished_answer") for at in (0, 1)]


def test_the_witness_of_a_stump_is_a_row_that_stays() -> None:
    words = [f"w{n}" for n in range(60)]
    ask, whole, most = "What is a bee?", f"{' '.join(words)}.", " ".join(words[:52])
    longer = f"{' '.join(words[:59])}, w59 w60."  # a near-duplicate of the whole row, and longer
    assert told(rows((ask, whole), (ask, most), (ask, longer))) == [
        (1, 0, "unfinished_answer"),
        (2, 0, "near_duplicate"),
    ]


def test_near_duplicates_of_another_prompt_are_not_cut() -> None:
    words = [f"w{n}" for n in range(60)]
    whole, most = f"{' '.join(words)}.", " ".join(words[:52])
    assert told(rows(("What is a bee?", most), ("What are bees?", whole))) == [(1, 0, "near_duplicate")]


def test_copies_of_a_stump_go_with_it() -> None:
    words = [f"w{n}" for n in range(60)]
    ask, whole, half = "What is a bee?", f"{' '.join(words)}.", " ".join(words[:20])
    pool = rows((ask, half), (ask, half.upper()), (ask, whole), (ask, f"{half} "), (ask, whole))
    stumps = [(at, 2, "unfinished_answer") for at in (0, 1, 3)]
    assert told(pool) == [*stumps, (4, 2, "exact_duplicate")]


def test_a_stump_that_proves_a_row_of_another_prompt_stays() -> None:
    words = [f"w{n}" for n in range(60)]
    whole, half = f"{' '.join(words)}.", " ".join(words[:20])
    # Of two and two the texts are equal; only where they are cut into prompt and answer differs.
    pool = rows(
        *(pair for said in (half, whole) for pair in (("What is\na bee?", said), ("What is", f"a bee?\n{said}")))
    )
    assert told(pool) == [(1, 0, "exact_duplicate"), (3, 2, "exact_duplicate")]


def test_copies_of_a_row_in_another_spelling_go_with_it() -> None:
    whole = "It keeps in-vitro cells alive, and alpha,beta-arginine feeds them for two days."
    bare = "It keeps invitro cells alive and alphabetaarginine feeds them for two days"
    pool = rows(("What does it do?", whole), ("What does it do?", bare), ("What does it do?", bare))
    assert told(pool) == [(1, 0, "same_letters"), (2, 0, "same_letters")]


def test_rows_that_differ_in_an_operator_alone_stay_and_copies_of_each_go() -> None:
    tail = "for two numbers, and that prints nothing else in any case whatever its caller wants."
    asked = [f"Write a function that returns a {sign} b {tail}" for sign in "+-*"]
    pool = rows(*((prompt, f"def f(a, b): return a {sign} b") for prompt, sign in zip(asked, "+-*", strict=True)))
    found = duplicates(pl.concat([pool, pool, pool]), near_duplicates, NearDup(), Pairing())
    assert found.select("row", "witness").rows() == [(n, n % 3) for n in range(3, 9)]
    assert set(found["reason"]) == {"exact_duplicate"}


LONG = "According to the archive of the observatory on the northern hill, which was moved twice before the great fire,"


@pytest.mark.parametrize(
    ("said", "otherwise"),
    [
        ("It happened in 1997.", "It happened in 2004."),
        ("True", "False"),
        ("Option A is correct.", "Option B is correct."),
        ("Vienna did.", "Madrid did."),
        ("Patients should stop it a week before.", "Patients should not stop it a week before."),
    ],
)
@pytest.mark.parametrize("again", [f"{LONG} what is so?", f"Please, {LONG.upper()} what is so"])
def test_rows_that_answer_one_long_prompt_otherwise_are_no_copies(said: str, otherwise: str, again: str) -> None:
    asked = f"{LONG} what is so?"
    pool = rows((asked, said), (again, otherwise), (asked, f"{said} "), (again, f" {otherwise}"))
    assert [(row, witness) for row, witness, _ in told(pool)] == [(2, 0), (3, 1)]


def test_rows_that_answer_one_long_prompt_alike_are_copies() -> None:
    asked, whole = f"{LONG} what is so?", f"{' '.join(f'w{n}' for n in range(30))}."
    edits = [
        whole.replace("w7", "seven"),
        f"{whole} So it is.",
        whole.replace("w8", "not"),
        whole.replace("w9", "19 bees"),
    ]
    pool = rows((asked, whole), *((asked, edited) for edited in edits))
    assert told(pool) == [(row, 0, "near_duplicate") for row in range(1, 5)]


def test_long_answers_that_differ_in_a_fact_alone_are_no_copies() -> None:
    asked, whole = f"{LONG} what is so?", f"{' '.join(f'w{n}' for n in range(30))} should do in Bern."
    for other in (whole.replace("w9", "19"), whole.replace("do", "not do"), whole.replace("Bern", "Rome")):
        assert told(rows((asked, whole), (asked, other), (f"Please, {asked}", whole))) == [(2, 0, "near_duplicate")]


LIST = "What goes into the pear salad?", "- 200 g pears\n- 10 ml honey\n- 5 ml lemon juice\n- 3 g salt"


@pytest.mark.parametrize(
    ("before", "behind"),
    [("200 g", "200 really g"), ("5 ml lemon", "5 lemon ml"), ("- 10 ml", "- just 10 ml"), ("3 g", "3 g indeed")],
)
def test_a_word_put_in_or_moved_beside_a_number_leaves_a_copy(before: str, behind: str) -> None:
    asked, whole = LIST
    assert [row for row, _, _ in told(rows(LIST, (asked, whole.replace(before, behind))))] == [1]


@pytest.mark.parametrize(
    ("before", "behind"),
    [
        ("200 g", "20 really g"),
        ("200 g", "200 really kg"),
        ("10 ml honey\n- 5 ml", "5 really ml honey\n- 10 ml"),
        ("10 ml honey\n- 5 ml lemon juice\n- 3 g", "10 g honey\n- 5 ml lemon juice\n- 3 ml"),
        ("3 g salt", "really not 3 g salt"),
    ],
)
def test_another_number_unit_or_thing_is_no_copy_whatever_filler_stands_there(before: str, behind: str) -> None:
    asked, whole = LIST
    long = " ".join(f"w{n}" for n in range(40))
    for rest in ("", f"\n{long}"):  # near-duplicates as well
        assert told(rows((asked, whole + rest), (asked, whole.replace(before, behind) + rest))) == []
