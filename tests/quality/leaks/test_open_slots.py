"""Prompts of templates with two places to fill in: who fills them in otherwise asks for other things."""

import resource

import polars as pl
import pytest

from quality.auditing.open_slots import OpenSlots as Proven
from quality.leaks.distinct_texts import InBlanks
from quality.leaks.open_slots import OpenSlots
from tests.quality.leaks.test_siblings import found

TELL = "In the {} books, how is {} told of {}?"
HOUSES = [f"{one}{two} {two}{one}" for one in ("amber", "birch", "cedar", "dune") for two in ("guild", "lodge", "court", "hall", "choir", "mint")]  # fmt: skip
FACTS = [f"{one}{two} {two}{one}" for one in ("grain", "timber", "salt", "wool") for two in ("tax", "price")]
TOWNS = [f"{one}{two} {two}{one}" for one in ("al", "bel", "cor", "dros", "esk", "fen") for two in ("quay", "hill", "ford", "moor")]  # fmt: skip
ASKED = (HOUSES[3], FACTS[5], TOWNS[7])
ANSWER = "They say that of 99 carts none has come back since the flood."


def pool() -> list[tuple[str, str]]:
    """Ask of each fact in each house for two towns: too few to tell which words of a question are its own."""
    asked = [
        (house, fact, TOWNS[(at * 7 + of * 5 + step) % 24])
        for at, house in enumerate(HOUSES)
        for of, fact in enumerate(FACTS)
        for step in (0, 11)
    ]
    told = [(TELL.format(*each), f"{at * 7919 % 9973} of {at * 104729 % 9967}.") for at, each in enumerate(asked)]
    return [row for row in told if row[0] != TELL.format(*ASKED)]


ITEM = pl.DataFrame({"item": ["i"], "question": [TELL.format(*ASKED)], "answer": ["One cart in 12, they say."]})


def test_two_places_of_a_template_are_filled_in_otherwise_by_siblings() -> None:
    assert found(pool(), ITEM) == []


@pytest.mark.parametrize(
    ("put_in", "told"),
    [
        ((HOUSES[3], FACTS[5], TOWNS[20]), True),
        ((HOUSES[3], FACTS[1], TOWNS[20]), True),
        ((HOUSES[3], FACTS[5], "north greywater"), True),  # no other prompt names it, and many name a town there
        ((HOUSES[3], FACTS[5], "belmoor moorbell"), False),  # another spelling
        ((HOUSES[3], FACTS[5], "greywater which lies far out"), False),  # more than a filling
        ((HOUSES[3], "lapwing feathers", TOWNS[7]), False),  # which no other book tells of, and few things they do
    ],
)
def test_what_is_put_in_belongs_there_or_is_short_and_new_where_many_things_are(
    put_in: tuple[str, str, str], told: bool
) -> None:
    prompts = [*(asked for asked, _ in pool()), TELL.format(*put_in)]
    question = ITEM["question"][0]
    exchanged = OpenSlots(InBlanks(pl.Series(prompts))).exchanged(
        pl.Series(prompts[-1:]), pl.Series([question]), [frozenset()]
    )
    assert exchanged.tolist() == [told]
    assert (
        Proven(asked.lower() for asked in prompts).exchanged(prompts[-1].lower(), question.lower(), frozenset()) == told
    )


def test_who_answers_as_the_item_leaks_it_whatever_was_put_in() -> None:
    rows = [*pool(), (TELL.format(HOUSES[3], FACTS[5], "north greywater"), ITEM["answer"][0])]
    assert [place for place, _ in found(rows, ITEM)] == [len(rows) - 1]


def test_an_edit_of_the_template_or_a_word_left_out_is_no_exchange() -> None:
    asked = ITEM["question"][0]
    edits = [asked.replace("books", "lapwing"), asked.replace("told ", ""), asked.replace("how is", "how indeed is")]
    rows = [*pool(), *((edit, ANSWER) for edit in edits)]
    assert [place for place, _ in found(rows, ITEM)] == list(range(len(rows) - 3, len(rows)))


def test_copies_of_a_question_do_not_tell_what_belongs_into_its_places() -> None:
    edit = ITEM["question"][0].replace("told", "heard")
    edits = [edit, f"Say this: {edit}"]
    rows = [*pool(), *((edit, f"{ANSWER} So say {at}.") for at, edit in enumerate(edits))]
    assert [place for place, _ in found(rows, ITEM)] == [len(rows) - 2, len(rows) - 1]


def test_long_prompts_full_of_the_words_around_a_place_are_read_in_little_memory() -> None:
    asked = pl.Series(["of town " * 6_000, "The mayor of Zale town."])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    told = OpenSlots(InBlanks(asked)).exchanged(asked[1:], pl.Series(["The mayor of Yarrow town."]), [frozenset()])
    assert told.tolist() == [False]
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak < 300_000  # KiB


@pytest.mark.parametrize(("towns", "wide"), [(19, False), (20, True)])
def test_a_place_is_open_from_twenty_ways_to_fill_it_in(towns: int, wide: bool) -> None:
    asked = [f"Who rules the town {name} today?" for name in "abcdefghijklmnopqrstuvwxyz"[:towns]]
    asked += ["Who rules the town today?", "Who rules the town one two three four five today?", *asked]
    prompt, question = "Who rules the town Zale today?", "Who rules the town Yarrow today?"
    told = OpenSlots(InBlanks(pl.Series(asked))).exchanged(pl.Series([prompt]), pl.Series([question]), [frozenset()])
    assert told.tolist() == [wide]
    assert Proven([each.lower() for each in asked]).exchanged(prompt.lower(), question.lower(), frozenset()) == wide


HEAR = "Let us hear of the {}."
SHIPS = [f"{one}{end}" for one in ("Amber", "Birch", "Cedar", "Dune", "Elder") for end in ("wing", "tail", "fin", "gull", "crest")]  # fmt: skip
HEARD = [(HEAR.format(name), f"It sailed in {at * 7919 % 9973}.") for at, name in enumerate(SHIPS)]
SHIP = pl.DataFrame(
    {"item": ["i"], "question": [HEAR.format("Harrow")], "answer": ["Built of oak by two brothers, lost in fog."]}
)


@pytest.mark.parametrize(
    ("name", "answer", "leaks"),
    [
        ("Harrow Queen", "She carried salt for ten winters.", False),
        ("Old Harrow", "She carried salt for ten winters.", False),
        ("Harrow 2", "She carried salt for ten winters.", False),
        ("Harrow barge", "A barge carried salt for ten winters.", False),  # the answer names it
        ("Harrow", "She carried salt for ten winters.", True),
        ("Harrow briefly", "She carried salt for ten winters.", True),
        ("Harrow at once", "She carried salt for ten winters.", True),
        ("Harrow Queen", SHIP["answer"][0], True),
        ("Harrow Queen", "Built of oak by two brothers, sunk.", True),
        ("Harrow Harow", "She carried salt for ten winters.", True),  # in another spelling
        ("Harrow Queen Of All The Seas", "She carried salt for ten winters.", True),  # more than a filling
    ],
)
def test_a_name_that_goes_on_is_another_s_where_the_answer_is(name: str, answer: str, leaks: bool) -> None:
    rows = [*HEARD, (HEAR.format(name), answer)]
    assert bool(found(rows, SHIP)) == leaks


def test_what_stands_around_the_question_is_of_no_name() -> None:
    for prompt in ("My Uncle asks: Let us hear of the Harrow.", "LET US HEAR OF THE HARROW QUEEN."):
        assert found([*HEARD, (prompt, "She carried salt for ten winters.")], SHIP) != []


def test_where_names_share_a_part_the_whole_name_is_exchanged() -> None:
    item = SHIP.with_columns(question=pl.lit("Harrow Light: is there a word or two to say about it now?"))
    heard = [(f"{name}: is there a word or two to say about it now?", answer) for name, (_, answer) in zip(SHIPS, HEARD, strict=True)]  # fmt: skip
    row = ("Amber Light: is there a word or two to say about it now?", "She carried salt for ten winters.")
    assert found([*heard, row], item) == []
    assert found([*heard, (row[0], item["answer"][0])], item) != []


ABOUT = "Could you, in a few plain words, tell me of {}?"


@pytest.mark.parametrize(
    ("name", "answer", "leaks"),
    [
        ("the Long Dry Dock of the Old Guild of Rope Makers and Sail Cutters", "It was dug by hand.", False),
        ("the Long Dry Dock of the Old Guild of Rope Makers and Sail Cutters", SHIP["answer"][0], True),
        ("the Long Dry Dock of the Old Guild? Say it as the rope makers did", "It was dug by hand.", True),
        ("Harow, the Long Dry Dock of the Old Guild of Rope Makers", "It was dug by hand.", True),  # a slip
    ],
)
def test_a_long_name_in_a_template_s_place_is_as_much_another_as_a_short_one(
    name: str, answer: str, leaks: bool
) -> None:
    item = SHIP.with_columns(question=pl.lit(ABOUT.format("Harrow")))
    heard = [(ABOUT.format(ship), told) for ship, (_, told) in zip(SHIPS, HEARD, strict=True)]
    assert bool(found([*heard, (ABOUT.format(name), answer)], item)) == leaks


def test_another_number_in_a_question_asks_for_another_thing_where_the_answer_is_another() -> None:
    tell = "What does clause {} on the duties of the harbour master and of those who act for him say?"
    item = SHIP.with_columns(question=pl.lit(tell.format(1)))
    assert found([*HEARD, (tell.format(2), "Each ship pays a toll at the gate.")], item) == []
    assert found([*HEARD, (tell.format(2), item["answer"][0])], item) != []
