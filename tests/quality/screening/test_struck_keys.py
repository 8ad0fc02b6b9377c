"""Letters of a row, of neighbours or of few keys are told in fewer bits than if they had been drawn."""

import numpy as np
import polars as pl
import pytest

from quality.screening import struck_keys
from quality.screening.alphabets import LETTERS, words
from quality.screening.struck_keys import struck

_ENGLISH = dict(zip("etaoinshrdlcumwfgypbvkjxqz", (12.7, 9.1, 8.2, 7.5, 7, 6.7, 6.3, 6.1, 6, 4.3, 4, 2.8, 2.8, 2.4, 2.4, 2.2, 2, 2, 1.9, 1.5, 1, 0.8, 0.15, 0.15, 0.1, 0.07), strict=True))  # fmt: skip


def gain(text: str) -> float:
    drawn = np.full(LETTERS, np.log2(1 / 32))
    for at, letter in enumerate("abcdefghijklmnopqrstuvwxyz", start=1):
        drawn[at] = np.log2(max(_ENGLISH[letter] / 100, 1 / 32))
    return float(struck(words(pl.Series(["", text])), drawn, 2)[1])


@pytest.mark.parametrize("text", ["kdjfhgsl ahgjkfs", "uytre poiuyt", "gjkqxzvb xkvqzjg bqxkjzv gvkxjqb zkgbjxq"])
def test_struck_keys_take_fewer_bits(text: str) -> None:
    assert gain(text) > 0.4 * len(text)


@pytest.mark.parametrize(
    "text",
    [
        "There was a red fox that ran over the hill, and nobody had seen where it went.",
        "Kaikki ihmiset syntyvät vapaina ja tasavertaisina arvoltaan ja oikeuksiltaan.",
        "acgtacgtgg ctagctagct gatcgatcga",
        "",
    ],
)
def test_words_and_sequences_gain_nothing(text: str) -> None:
    assert gain(text) == 0


def test_each_way_to_strike_tells_what_no_other_does(monkeypatch: pytest.MonkeyPatch) -> None:
    rolled, row = gain("uytre poiuyt"), gain("kdjfhgsl ahgjkfs")
    monkeypatch.setattr(struck_keys, "_costs", lambda: [])
    assert gain("uytre poiuyt") < rolled
    assert gain("kdjfhgsl ahgjkfs") < row
