"""Rows compared in meaning are compared without system messages, which may tell them apart all the same."""

import random

import numpy as np
import polars as pl
import pytest

from quality.meaning.above import Above
from quality.meaning.pool_texts import PoolTexts
from quality.meaning.semantic import Semantic, semantic_duplicates
from quality.preambles import led_by, preambles, without_preambles, without_system
from quality.records import MESSAGE, answer_text, prompt_text

RULES = " ".join(f"Of the garden's rule on {word} every guest is told." for word in ("bees", "moss", "ponds", "frost"))
ASKED = "Where do bees of the old keeper sleep when the frost is hard?"
SAID = "They sleep in the warm hive below the moss until the frost is over and all the ponds are open once more."
SHARED = [("Be kind.", "moss"), ("Be brief.", "ponds")]


def records(*turns: tuple[str | None, str, str]) -> pl.DataFrame:
    said = []
    for system, asked, answer in turns:
        led = [] if system is None else [{"role": "system", "content": system}]
        said.append([*led, {"role": "user", "content": asked}, {"role": "assistant", "content": answer}])
    return pl.DataFrame({"messages": pl.Series(said, dtype=pl.List(MESSAGE))})


def dropped(*first: tuple[str | None, str, str]) -> list[tuple[int, int]]:
    """Compare a few rows among those that two shared system messages lead."""
    rng = random.Random(4)
    others = [
        (system, f"{word} {at}?", " ".join(rng.sample(RULES.split(), 9))) for system, word in SHARED for at in range(20)
    ]
    rows = records(*first, *others)
    shared = preambles(rows)
    assert shared.height == len(SHARED)
    led, told = led_by(rows, shared), without_preambles(rows, shared)
    below = without_system(told)
    vectors = np.eye(rows.height + 1, dtype=np.float32)[: rows.height]
    vectors[: len(first)] = vectors[0]
    pool = PoolTexts(prompt_text(below), answer_text(below))
    found = semantic_duplicates(pool, vectors, 0.9, Semantic(), above=Above(told, led))
    return found.select("row", "witness").rows()


@pytest.mark.parametrize(
    ("one", "other", "copy"),
    [
        (None, None, True),
        ("Be kind.", "Be kind.", True),
        ("Be kind.", None, True),
        ("Be kind.", "Be brief.", False),
        (f"Of the moss. {RULES}", f"Of the moss as well. {RULES}", True),
        (f"Of the moss. {RULES}", "Another document of ships and of the men who sail them far out.", False),
        (f"It is told as moss + frost. {RULES}", f"It is told as moss - frost. {RULES}", False),
        (f"It has 12 ponds. {RULES}", f"It has 13 ponds. {RULES}", False),
        (f"Of the moss. {RULES}", None, True),
    ],
)
def test_what_stands_above_tells_rows_apart_that_say_the_same_below(
    one: str | None, other: str | None, copy: bool
) -> None:
    again = SAID.replace("once more", "again once more")
    assert dropped((one, ASKED, SAID), (other, ASKED, again)) == [(1, 0)] * copy


def test_a_row_is_compared_with_others_than_the_closest_that_is_led_otherwise() -> None:
    again, more = SAID.replace("once more", "again once more"), SAID.replace("warm", "old warm")
    assert dropped(("Be kind.", ASKED, SAID), ("Be brief.", ASKED, again), ("Be brief.", ASKED, more)) == [(2, 1)]


def test_a_system_message_that_rows_share_but_for_a_word_makes_them_say_nothing_alike() -> None:
    rng = random.Random(5)
    words = [f"w{letter}{other}" for letter in "abcdefgh" for other in "abcdefgh"]
    unlike = [" ".join(rng.sample(words, 24)) for _ in range(6)]
    assert (
        dropped(*((f"{name} asks. {RULES}", said[:40], said) for name, said in zip("abcdef", unlike, strict=True)))
        == []
    )


DOCUMENTS = [f"Of {name}'s pond. {RULES}" for name in ("Ada", "Emmy")]


@pytest.mark.parametrize(
    ("one", "other", "copy"),
    [
        ((DOCUMENTS[0], "Is it told?", "It is."), (f"Indeed: {DOCUMENTS[0]}", "Is it told?", "It is."), True),
        ((DOCUMENTS[0], "Is it told?", "It is."), (f"Indeed: {DOCUMENTS[0]}", "Is it told?", "It is not."), False),
        ((DOCUMENTS[0], "Is it told?", "It is."), (f"Indeed: {DOCUMENTS[0]}", "Is it told? It", "is."), False),
        ((DOCUMENTS[0], "Is it told?", "It is."), (DOCUMENTS[1], "Is it told?", "It is."), False),
        ((f"Of 3 men. {RULES}", "Is it told?", "It is."), (f"By 4 other men. {RULES}", "Is it told?", "It is."), False),
        ((DOCUMENTS[0], "Is it told?", "It is."), (None, "Is it told?", "It is."), False),
        (("Of a pond.", "Is it told?", "It is."), ("Of a pond indeed.", "Is it told?", "It is."), False),
    ],
    ids=["copy", "answer", "ends elsewhere", "name", "numbers", "no document", "too short"],
)
def test_rows_too_short_to_compare_are_copies_below_edited_copies_of_a_document(one, other, copy: bool) -> None:
    assert dropped(one, other) == [(1, 0)] * copy


def test_what_is_asked_of_many_documents_is_a_copy_below_an_edited_one_though_others_are_as_close() -> None:
    rng = random.Random(6)
    documents = [" ".join(rng.sample([f"w{a}{b}" for a in "abcdefghij" for b in "abcdefghij"], 60)) for _ in range(40)]
    asked = [(document, "Is it told?", "It is.") for document in documents]
    assert dropped(*asked, *((f"Indeed: {document}", *said) for document, *said in asked[30:])) == [
        (40 + at, 30 + at) for at in range(10)
    ]
