"""What a person is shown of a row that gives an item away: the passage, not the whole row."""

import pytest

from quality.leaks.given_away import given_away

ITEM = ("How far do the roots of an old oak go?", "As far as its branches, or to the well.")
LONG = " ".join(f"word{n}" for n in range(300))


@pytest.mark.parametrize(
    ("prompt", "answer", "passage"),
    [
        (f"{LONG} {ITEM[0]} {LONG}", "No.", ITEM[0]),
        (f"{LONG} How deep do all the roots of the oak go? {LONG}", "No.", "How deep do all the roots of the oak go?"),
        ("Tell me.", f"{LONG} As far as its branches, or to the river. {LONG}", "As far as its branches, or to the"),
        (
            "The oak of 1 2 3 4 5 6 7 8 do the roots of an old oak",
            "Far.",
            "do the roots of an old oak",
        ),  # not from afar
        (f"HOW FAR DO THE ROOTS, OF AN OLD OAK, GO {LONG}", "12 of them.", "HOW FAR DO THE ROOTS, OF AN OLD OAK, GO"),
        (f"We talked of the old oak. {LONG * 9} {ITEM[0]}", "No.", ITEM[0]),  # however far behind
        (f"We talked of the old oak. {LONG}", "To the well.", ""),  # too little
        (ITEM[0], "Far.", ""),  # all of it
        ("今天天气很好，我们去公园散步。", "No.", ""),
        ("", "", ""),
    ],
)
def test_the_passage_nearest_to_an_item_is_told(prompt: str, answer: str, passage: str) -> None:
    assert given_away((prompt, answer), ITEM) == passage


def test_an_item_without_a_question_is_told_by_its_answer() -> None:
    assert given_away((f"{LONG} its branches, or to the well.", ""), ("", ITEM[1])) == "its branches, or to the well."


def test_of_several_the_passage_of_the_longer_text_is_told_rather_than_all_of_a_short_one() -> None:
    asked = "Be brief. How deep do the roots of the old oak go?"
    assert (
        given_away((asked, "I think it is 12 m or so."), (ITEM[0], "12")) == "How deep do the roots of the old oak go?"
    )
