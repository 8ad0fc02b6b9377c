"""Rows are found by words as a person types them."""

import polars as pl
import pytest

from tasks.row_search import first_place, holding

ROWS = [
    ("Where do I start?", "At the start of the chart."),
    ("What is art?", "A long story that many have told, and told again, of what people make."),
    ("C++ or C#?", "C++ has classes."),
    ("使用GPU训练模型", "猫喜欢鱼。"),
    ("Où est le Café?", "Près de l’église."),
]


@pytest.mark.parametrize(
    ("words", "way", "prompts"),
    [
        ("art", "phrase", ["What is art?"]),
        ("ART  ", "phrase", ["What is art?"]),
        ("start", "phrase", ["Where do I start?"]),
        ("star", "within", ["Where do I start?"]),
        ("c++", "phrase", ["C++ or C#?"]),
        ("c", "phrase", ["C++ or C#?"]),
        ("gpu", "phrase", ["使用GPU训练模型"]),
        ("喜欢", "phrase", ["使用GPU训练模型"]),
        ("cafe\u0301", "phrase", ["Où est le Café?"]),
        ("told story", "words", ["What is art?"]),
        ("(a|b)", "within", []),
        ("long story that many", "phrase", ["What is art?"]),
    ],
)
def test_whole_words_come_before_words_apart_and_parts_of_words(words: str, way: str, prompts: list[str]) -> None:
    ids = [str(row) for row in range(len(ROWS))]
    texts = pl.DataFrame(ROWS, schema=["prompt", "answer"], orient="row").with_columns(
        id=pl.Series(ids), origin=pl.Series(ids)
    )
    found = holding(texts, words)
    assert [ROWS[int(row)][0] for row in found.rows["id"]] == prompts
    assert found.way == way


def test_the_place_shown_is_that_of_the_whole_word() -> None:
    assert first_place("At the start, art.", "art") == (14, 17)
    assert first_place("At the start.", "art") == (9, 12)
    assert first_place("At the start.", "start of") == (7, 12)
    assert first_place("At the end.", "art") is None
