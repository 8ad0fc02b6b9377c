"""A slip of the hand is one letter, in a word that nobody else writes; what says otherwise is none."""

import random

import polars as pl
import pytest

from quality.auditing import slips as audit
from quality.texts.slips import are_slips, mistyped, says_otherwise, slips, texts_holding
from quality.texts.words import WORD


@pytest.mark.parametrize("slip", ["lader", "laddder", "lanter", "laddre", "lsdder", "ladde"])
def test_one_letter_is_a_slip(slip: str) -> None:
    expected = slip != "lanter"
    assert mistyped(slip, "ladder") == mistyped("ladder", slip) == expected
    assert audit._one_apart(slip, "ladder") == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [("ladder", "ladder"), ("ladder", "bladder"), ("row", "now"), ("ros", "rows"), ("import", "export"), ("", "a")],
)
def test_equal_words_short_ones_and_those_that_begin_otherwise_are_none(one: str, other: str) -> None:
    assert not mistyped(one, other)
    assert not mistyped(other, one)


def test_slips_are_words_at_a_distance_of_one_by_any_reckoning() -> None:
    chance = random.Random(7)
    told = [0, 0]
    for _ in range(4000):
        one = "x" + "".join(chance.choices("ab", k=chance.randint(3, 6)))
        other = "x" + "".join(chance.choices("ab", k=chance.randint(3, 6)))
        assert mistyped(one, other) == audit._one_apart(one, other) == (_distance(one, other) == 1)
        told[mistyped(one, other)] += 1
    assert min(told) > 300


def _distance(one: str, other: str) -> int:
    """Restricted Damerau-Levenshtein distance, by the book."""
    table = {(-1, -1): 0}
    for i in range(len(one)):
        table[i, -1] = i + 1
    for j in range(len(other)):
        table[-1, j] = j + 1
    for i in range(len(one)):
        for j in range(len(other)):
            ways = [table[i - 1, j] + 1, table[i, j - 1] + 1, table[i - 1, j - 1] + (one[i] != other[j])]
            if i and j and one[i] == other[j - 1] and one[i - 1] == other[j]:
                ways.append(table[i - 2, j - 2] + 1)
            table[i, j] = min(ways)
    return table[len(one) - 1, len(other) - 1]


def test_all_words_of_a_side_must_be_slips() -> None:
    assert slips({"laddr", "harbuor"}, {"ladder", "harbour", "the"}) == {"laddr": {"ladder"}, "harbuor": {"harbour"}}
    assert slips({"laddr", "kettle"}, {"ladder", "harbour"}) == {}
    assert slips(set(), {"ladder"}) == {}


def test_a_slip_is_unknown_and_its_word_known() -> None:
    found = {"laddr": {"ladder", "laddre"}}
    for held, expected in (((2, 3, 0), True), ((3, 9, 0), False), ((0, 2, 2), False), ((0, 0, 3), True)):
        texts = [word for word, times in zip(("laddr", "ladder", "laddre"), held, strict=True) for _ in range(times)]
        places = texts_holding(pl.Series(texts, dtype=pl.String), ["laddr", "ladder", "laddre"])
        assert are_slips(found, places) == expected
    assert not are_slips({}, {})


@pytest.mark.parametrize("word", ["not", "without", "2d", "٣", "keine", "ninguna"])
def test_numbers_and_negations_say_otherwise(word: str) -> None:
    assert says_otherwise({"ladder", word})
    assert audit.turns(word)
    assert not says_otherwise({"ladder", "knot"})


def test_texts_that_hold_a_word_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("quality.texts.slips._CHUNK_TEXTS", 7)
    chance = random.Random(3)
    words = ["bee", "Bees", "STRASSE", "straße", "茶", "teapot", "pot", "", "é", "e\u0301"]
    texts = pl.Series([" ".join(chance.choices(words, k=chance.randint(0, 5))) for _ in range(60)] + [None])
    sought = ["bee", "bees", "strasse", "茶", "pot", "é", "wasp"]
    folded = [set(pl.Series([text or ""]).str.normalize("NFC").str.replace_all("ß", "ss").str.to_lowercase()
                  .str.replace_all("(茶)", " $1 ").str.extract_all(WORD)[0]) for text in texts]  # fmt: skip
    found = {word: rows.tolist() for word, rows in texts_holding(texts, sought).items()}
    assert found == {word: [row for row, held in enumerate(folded) if word in held] for word in sought}
    assert sum(map(len, found.values())) > 60
    assert texts_holding(texts, set()) == {}
