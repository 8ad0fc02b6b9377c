"""One fact has one spelling, and what may be another fact keeps its own."""

import polars as pl
import pytest

from quality.texts.spellings import in_loose_spelling, in_one_spelling, loose_spelling, one_spelling

SAME = [
    ("It isn't safe.", "It is not safe."),
    ("You can’t do it.", "You cannot do it."),
    ("They won't, and I'm late: they've gone.", "They will not, and I am late: they have gone."),
    ("What's it? It's been moved. Let's go.", "What is it? It has been moved. Let us go."),
    ("It doesnt rain", "It does not rain"),
    ("Of 1,000 bees 12,345,678 eggs.", "Of 1000 bees 12345678 eggs."),
    ("It costs $2.50 or 2.50 kg.", "It costs $2.5 or 2.5 kilograms."),
    ("10 m, 5 km, 3 h", "10 metres, 5 kilometers, 3 hours"),
    ("10 METERS", "10 metres"),
    ("5 mcg or 5 µg", "5 micrograms or 5 micrograms"),
    ("50%", "50 per cent"),
    ("10 °C", "10 degrees Celsius"),
    ("at 6 a.m.", "at 6AM"),
    ("a²", "a^2"),
    ("CO₂", "CO2"),
    ("−5", "minus 5"),
    ("½ cup", " 1/2 cup"),
    ("200 really g flour", "200 really grams flour"),
    ("5 lemon ml juice.", "5 lemon millilitres juice."),
]
OTHER = [
    ("-5", "5"),
    ("10 mg", "10 mcg"),
    ("6 am", "6 pm"),
    ("a²", "a³"),
    ("x²", "x⁻²"),
    ("½", "¼"),
    ("Python 3.10", "Python 3.1"),
    ("He'd gone", "He had gone"),
    ("(1,200)", "(1200)"),
    ("the 1980s", "the 1980 s"),
    ("$10 m", "$10 metres"),
    ("pages 3-5", "pages 3 minus 5"),
    ("Bob's", "Bob is"),
    ("vitamins 3 and G", "vitamins 3 and grams"),
    ("of 5 take min", "of 5 take minutes"),
    ("the 3 came first", "the 3 came second"),
]


@pytest.mark.parametrize(("text", "other"), SAME)
def test_what_is_surely_one_fact_is_spelled_one_way(text: str, other: str) -> None:
    assert one_spelling(text).lower() == one_spelling(other).lower()


@pytest.mark.parametrize(("text", "other"), OTHER)
def test_what_may_be_another_fact_is_spelled_otherwise(text: str, other: str) -> None:
    assert one_spelling(text).lower() != one_spelling(other).lower()


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("Twenty-one of ten.", "21 of 10."),
        ("the first", "the 1st"),
        ("2.50", "2.5"),
        ("2.0", "2"),
        ("In the USA", "In the United States of America"),
        ("in the U.K.", "in the United Kingdom"),
        ("10m", "10 metres"),
    ],
)
def test_what_may_be_one_fact_is_spelled_one_way_loosely_and_not_surely(text: str, other: str) -> None:
    assert loose_spelling(text).replace("1st", "1") == loose_spelling(other).replace("first", "1")
    assert one_spelling(text) != one_spelling(other)


def test_a_sign_that_starts_a_line_of_several_is_a_bullet() -> None:
    assert "minus" not in one_spelling("-5 eggs\n-6 nuts")
    assert one_spelling("-5") == "minus 5"


def test_a_spelling_is_its_own() -> None:
    for text in (text for pair in SAME + OTHER for text in pair):
        assert one_spelling(one_spelling(text)) == one_spelling(text)


def test_series_are_spelled_as_their_texts_are() -> None:
    texts = [text for pair in SAME + OTHER for text in pair]
    assert in_one_spelling(pl.Series(texts)).to_list() == [one_spelling(text) for text in texts]
    assert in_loose_spelling(pl.Series(texts)).to_list() == [loose_spelling(text) for text in texts]
    assert in_one_spelling(pl.Series([None, "so"])).to_list() == [None, "so"]
    given = pl.Series(["It isn't."])
    in_one_spelling(given)
    assert given.to_list() == ["It isn't."]
