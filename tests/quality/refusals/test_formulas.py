"""What need not be said lacks nothing; what is announced and does not come does."""

import polars as pl
import pytest

from quality.refusals.refusals import refusals


def idle(prompt: str, answer: str) -> bool:
    return refusals(pl.Series([prompt]), pl.Series([answer]))["assistant_boilerplate"].item() > 0.5


def test_who_need_not_say_anything_has_a_right_and_who_does_not_say_it_lacks_something() -> None:
    assert not idle("What is the right to silence?", "You do not have to say anything.")
    assert not idle("What is the right to silence?", "You don't have to provide any information.")
    assert not idle("What does code 148 mean?", "You have to give a file name and no folder name.")
    assert idle("Which bird nests on the ground?", "You do not say what you mean.")
    assert idle("Which bird nests on the ground?", "You don't even provide the details.")


def test_who_must_be_more_specific_was_asked_and_what_is_more_specific_was_not() -> None:
    asked = "How is it to be tagged?"
    for said in (
        "You need to be more specific.",
        "I'd need something a little more specific to go on.",
        "A more specific question would help me.",
    ):
        assert idle(asked, said)
    for said in (
        "Tags tell others where your picture was taken, what it is about, who made it, and more specific rights, "
        "so give as many as you can find.",
        "Your text is about one thing, and a heading is more specific than that.",
        "Use a more specific term.",
    ):
        assert not idle(asked, said)


@pytest.mark.parametrize(
    "opening",
    [
        "Certainly! Below is a detailed explanation of what an appeal is.",
        "Below you will find a more detailed explanation of the appeal.",
        "Sure! The following is a summary of an appeal.",
    ],
)
def test_an_opening_without_what_it_announces_says_nothing(opening: str) -> None:
    asked = "What is an appeal?"
    assert idle(asked, opening)
    assert not idle(asked, f"{opening} A higher court looks at the judgment of a lower one and may set it aside.")
    assert not idle("Where in the building is the archive?", "Below is the cellar, and an example of a vault is there.")
