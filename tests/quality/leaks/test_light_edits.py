"""Lightly edited leaks: what is found, what is left alone, and the edit distance against a plain table."""

import random

import polars as pl
import pytest

from quality.leaks.decontaminate import leaks
from quality.leaks.light_edits import passage_likeness

VOCABULARY = [f"word{n}" for n in range(4000)]


def table_likeness(wanted: list[str], text: list[str]) -> float:
    """The textbook: rows of the distance table, free to begin and end anywhere in the text."""
    table = [[0] * (len(text) + 1) for _ in range(len(wanted) + 1)]
    for i in range(1, len(wanted) + 1):
        table[i][0] = i
        for j in range(1, len(text) + 1):
            change = table[i - 1][j - 1] + (wanted[i - 1] != text[j - 1])
            table[i][j] = min(change, table[i - 1][j] + 1, table[i][j - 1] + 1)
    return 1 - min(table[-1]) / len(wanted)


@pytest.mark.parametrize("seed", range(4))
def test_likeness_is_that_of_the_whole_distance_table(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(200):
        wanted = rng.choices("abcd", k=rng.randint(1, 90))
        text = rng.choices("abcde", k=rng.randint(0, 60))
        assert passage_likeness(wanted, text) == pytest.approx(table_likeness(wanted, text))


def _edited(text: str, rng: random.Random) -> str:
    """Change, leave out or add 3% of the words, one at least."""
    words = text.split()
    for at in rng.sample(range(len(words)), max(1, round(0.03 * len(words)))):
        words[at] = rng.choice(["", rng.choice(VOCABULARY), f"{words[at]} {rng.choice(VOCABULARY)}"])
    return " ".join(words)


@pytest.mark.parametrize("field", ["question", "answer"])
@pytest.mark.parametrize("longest", [12, 25, 60, 200])
def test_of_leaks_with_three_percent_of_their_words_edited_99_percent_are_found(field: str, longest: int) -> None:
    rng = random.Random(longest)
    texts = [" ".join(rng.choices(VOCABULARY, k=rng.randint(10, longest))) for _ in range(400)]
    items = pl.DataFrame({"item": map(str, range(400)), "question": [""] * 400, "answer": [""] * 400})
    items = items.with_columns(pl.Series(field, texts))
    edited = [f"{' '.join(rng.choices(VOCABULARY, k=30))} {_edited(text, rng).upper()}!" for text in texts]
    other = [" ".join(rng.choices(VOCABULARY, k=8)) for _ in texts]
    columns = (edited, other) if field == "question" else (other, edited)
    found = leaks(*map(pl.Series, columns), items).found
    assert found.filter(pl.col("item") == pl.col("row").cast(pl.String)).height >= 0.99 * 400


@pytest.mark.parametrize("before", [0, 250, 10_000])
def test_a_lightly_edited_item_is_found_however_far_into_a_row_it_stands(before: int) -> None:
    rng = random.Random(before)
    item = rng.sample(VOCABULARY, 20)
    edited = [*item[:9], "another", *item[10:]]
    row = " ".join([*(f"other{rng.randrange(10**6)}" for _ in range(before)), *edited, "and", "more"])
    items = pl.DataFrame({"item": ["i"], "question": [""], "answer": [" ".join(item)]})
    found = leaks(pl.Series(["q"]), pl.Series([row]), items).found
    assert found.select("reason", "score").rows() == [("lightly_edited", 0.95)]


def test_siblings_of_a_template_are_no_light_edits_of_each_other() -> None:
    names = [f"{VOCABULARY[n]} {VOCABULARY[n + 60]} {VOCABULARY[n + 120]}" for n in range(40)]
    asked = [f"How can the weakness called {name} be found before it does any harm to users?" for name in names]
    items = pl.DataFrame({"item": map(str, range(4)), "question": asked[:4], "answer": [""] * 4})
    assert leaks(pl.Series(asked[4:]), pl.Series(["a"] * 36), items).found.is_empty()


@pytest.mark.parametrize("copies", [20, 21, 100])
@pytest.mark.parametrize("size", [12, 20, 73])
@pytest.mark.parametrize("same", [True, False])
def test_edited_copies_are_leaks_in_however_many_rows(copies: int, size: int, same: bool) -> None:
    rng = random.Random(6)
    words = rng.choices(VOCABULARY, k=size)
    items = pl.DataFrame({"item": ["i"], "question": [" ".join(words)], "answer": [""]})
    asked = []
    for row in range(copies):
        at = 5 if same else rng.randrange(size)
        edited = [*words[:at], "other" if same else f"other{row}", *words[at + 1 :]]
        asked.append(" ".join([*rng.choices(VOCABULARY, k=9), *edited, *rng.choices(VOCABULARY, k=9)]))
    assert leaks(pl.Series(asked), pl.Series(["a"] * copies), items).found.height == copies


def test_a_short_field_needs_as_many_words_as_an_ngram() -> None:
    words = VOCABULARY[:9]
    for count, is_leak in ((9, True), (7, False)):
        text = " ".join(words[:count])
        edited = text.replace("word4", "other")
        items = pl.DataFrame({"item": ["i"], "question": [""], "answer": [text]})
        assert (leaks(pl.Series(["q"]), pl.Series([edited]), items).found.height == 1) == is_leak


def test_an_edit_is_one_word_between_spaces_whatever_marks_it_holds() -> None:
    text = "the proxy sits between client/server/database and hides every one of their names"
    items = pl.DataFrame({"item": ["i"], "question": [""], "answer": [text]})
    found = leaks(pl.Series(["q"]), pl.Series([text.replace("client/server/database", "them")]), items).found
    assert found.select("reason", "score", "threshold").rows() == [("lightly_edited", 1 - 1 / 12, 0.88)]
