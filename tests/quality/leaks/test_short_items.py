"""Items of few words: an edit of the question shows beside the short answer, and who fills a template in is left alone."""

import random

import polars as pl
import pytest

from quality.auditing.leaks import LeakRules, prove_leaks
from quality.leaks.decontaminate import DEFAULT, leaks
from quality.receipts import RECEIPTS

RULES = LeakRules(**{name: getattr(DEFAULT, name) for name in LeakRules.__annotations__})
OTHERS = [(f"Who lives in the house of the {n}?", f"Nobody whom I know, {n} times.") for n in range(60)]
BIRD = ("What is a lapwing in the fens?", "A bird with a crest.")


def found(rows: list[tuple[str, str]], *items: tuple[str, str]) -> list[tuple[int, str]]:
    """Find leaks, and let the auditor agree with each row that goes or stays."""
    exam = pl.DataFrame(
        [(f"i{n}", *item) for n, item in enumerate(items)], ["item", "question", "answer"], orient="row"
    )
    gone = leaks(*(pl.Series(texts) for texts in zip(*rows, strict=True)), exam).found
    names = pl.Series([f"f:{row}" for row in range(len(rows))])
    said = [[{"role": "user", "content": ask}, {"role": "assistant", "content": reply}] for ask, reply in rows]
    read = pl.DataFrame({"id": names, "origin": names, "messages": said})
    told = zip(gone["row"], gone.select("reason", "item", "score", "threshold").rows(), strict=True)
    ends = {row: ("decontaminate", "dropped", *line) for row, line in told}
    kept = ("split", "kept", "train", None, None, None)
    lines = [(name, name, "s", *ends.get(row, kept)) for row, name in enumerate(names)]
    left = pl.Series([row not in ends for row in range(len(rows))])
    receipts = pl.DataFrame(lines, schema=RECEIPTS, orient="row")
    assert not any(proof.failed for proof in prove_leaks(receipts, read.filter(left), read.filter(~left), exam, RULES))
    return gone.select("row", "reason").rows()


@pytest.mark.parametrize(
    ("asked", "answer", "leak"),
    [
        ("What is a lapwing near the fens?", BIRD[1], True),
        ("What is lapwing in the fens?", BIRD[1], True),
        ("What is a small lapwing in the fens?", BIRD[1], True),
        (BIRD[0].upper(), "A bird with crest.", True),
        ("What is a peewit near the fens?", BIRD[1], False),  # two words of twelve
        ("Which birds do you like?", BIRD[1], False),
    ],
)
def test_a_word_of_a_short_item_may_be_changed(asked: str, answer: str, leak: bool) -> None:
    assert [row for row, _ in found([*OTHERS, (asked, answer)], BIRD)] == [60] * leak


def test_the_row_may_hold_more_before_the_question_and_behind_the_answer() -> None:
    row = ("Be brief. What is a lapwing near the fens?", "A bird with a crest. So they say.")
    assert found([*OTHERS, row], BIRD) == [(60, "lightly_edited")]


def test_who_names_something_else_in_the_same_words_as_others_do_is_a_sibling() -> None:
    asks = [(BIRD[0].replace("lapwing", name), BIRD[1]) for name in ("peewit", "hoopoe", "bittern")]
    assert found([*OTHERS, *asks], BIRD) == []
    assert [row for row, _ in found([*OTHERS, *asks[:2]], BIRD)] == [60, 61]
    # A word of the template was struck, and the name was not.
    edited = (BIRD[0].replace("fens", "marsh"), BIRD[1])
    assert found([*OTHERS, *asks, edited], BIRD) == [(63, "lightly_edited")]


def test_an_item_without_a_question_or_with_a_long_answer_is_not_looked_for_so() -> None:
    long = "A bird with a crest that nests in wet meadows."
    rows = [*OTHERS, ("What was a lapwing in the fens?", "A bird with a crest on its tiny head, I think.")]
    assert found(rows, (BIRD[0], long), ("", BIRD[1])) == []


@pytest.mark.parametrize("seed", range(3))
def test_of_short_items_with_one_word_edited_hardly_any_is_missed(seed: int) -> None:
    rng = random.Random(seed)
    words = [f"word{n}" for n in range(3000)]
    items = [
        (" ".join(rng.sample(words, rng.randint(4, 7))), " ".join(rng.sample(words, rng.randint(5, 7))))
        for _ in range(200)
    ]
    rows = []
    for asked, answer in items:
        said = asked.split()
        said[rng.randrange(len(said))] = rng.choice(words)
        rows.append((" ".join(said), answer))
    assert len(found(rows, *items)) >= 198
