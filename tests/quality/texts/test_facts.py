"""Texts that differ in one fact, and texts that somebody edited."""

from collections import Counter

import pytest

from quality.texts.facts import names, tell_another_fact

LONG = (
    "At the foot of the hill, pure water boils at 100 degrees on the scale of Celsius, as the old keeper Anna Keller "
    "found in the spring of the third year, when she had two red kettles on the stove and should always stir them."
)


def differ(said: str, other: str) -> bool:
    words = (Counter("".join(c if c.isalnum() else " " for c in text.casefold()).split()) for text in (said, other))
    one, two = words
    return tell_another_fact(one, two, said, other)


@pytest.mark.parametrize(
    ("said", "other"),
    [
        ("100", "90"),
        ("100", "ninety"),
        ("third", "fourth"),
        ("two", "three"),
        ("Celsius", "Fahrenheit"),
        ("Anna Keller", "Berta Moser"),
        ("Keller", "Moser"),
        ("red", "green"),
        ("spring", "autumn"),
        ("always", "never"),
        ("should always", "should not always"),
        ("pure", "impure"),
        ("at 100", "at the 90"),
    ],
)
def test_a_text_that_puts_another_fact_does_so_either_way(said: str, other: str) -> None:
    changed = LONG.replace(said, other)
    assert differ(LONG, changed)
    assert differ(changed, LONG)


@pytest.mark.parametrize(
    ("said", "other"),
    [
        ("100", "hundreds"),  # a number for none
        ("100", ""),
        ("two", "2"),
        ("100", "100,0"[:3]),
        ("Keller", "Kellner"),  # mistyped
        ("Anna Keller", "Anna"),
        ("kettles", "pots"),
        ("foot", "top"),  # or a fact, or a synonym: that can't be told
        ("At the", "Near the"),
        ("keeper", "Keeper"),
        ("Celsius", "Cel. Sius"),  # a name in two parts
        ("the hill, pure", "the hill,t pure"),  # no “not”
        ("100 degrees on", "90 degrees by day on"),  # another word besides
        ("two red kettles", "three large kettles"),
    ],
)
def test_a_text_that_was_edited_tells_no_other_fact(said: str, other: str) -> None:
    assert not differ(LONG, LONG.replace(said, other))
    assert not differ(LONG.replace(said, other), LONG)


def test_a_number_is_the_same_with_marks_between_thousands_and_is_not_without_its_decimals() -> None:
    assert not differ("Of the hill there are 1,250 steps.", "Of the hill there are 1250 steps.")
    assert not differ("It takes 1.5 hours.", "It takes 1,5 hours.")
    assert differ("It takes 1.5 hours.", "It takes 1.25 hours.")
    assert not differ("He has 48/2 = 24 hives.", "He has 30 hives."), "one word was put for several numbers"


def test_a_letter_is_a_name_and_an_article_is_none() -> None:
    assert differ("It holds vitamin A above all.", "It holds vitamin C above all.")
    assert not differ("It holds a vitamin above all.", "It holds C vitamin above all.")


def test_a_t_denies_behind_an_apostrophe() -> None:
    assert differ("All of them can swim.", "All of them can't swim.")
    assert differ("All of them can’t swim.", "All of them can swim.")
    assert not differ("All of them can swim.", "All of them can t swim.")


def test_names_are_written_with_a_capital_in_mid_sentence() -> None:
    text = "Bees met Dr. Moser in Bern. Later (in New York):\n- Wasps\n2. Hornets “The End”"
    assert names(text) == {"dr", "moser", "bern", "new", "york", "the", "end"}
