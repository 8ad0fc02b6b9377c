"""Multiple choice with sibling answers as wrong options."""

from __future__ import annotations

from collections import Counter

import numpy as np
import polars as pl
import pytest

from evals.choices import choice_items, first_sentences
from evals.items import ITEMS, MESSAGE
from evals.suites import Suite, SuiteError

SUITE = Suite(name="which", role="domain", kind="choice")


def records(rows: list[tuple[str, str, str | None]]) -> pl.DataFrame:
    """Rows of (question, answer, group)."""
    return pl.DataFrame(
        [
            (f"id{k}", [{"role": "user", "content": q}, {"role": "assistant", "content": a}], group)
            for k, (q, a, group) in enumerate(rows)
        ],
        schema={"id": pl.String, "messages": pl.List(MESSAGE), "group": pl.String},
        orient="row",
    )


def angles(*degrees: float) -> np.ndarray:
    """Vectors whose similarity is the cosine of the angle between them; lengths differ on purpose."""
    turned = np.radians(degrees)
    return (np.stack([np.cos(turned), np.sin(turned)], axis=1) * 3).astype(np.float32)


def options_of(items: pl.DataFrame, row: int) -> set[str]:
    found = items.filter(pl.col("item") == f"which/id{row}")
    return set(found["options"][0]) - {found["target"][0]}


def plain(n: int) -> pl.DataFrame:
    return records([(f"What is {k}?", f"Answer {k:03}.", None) for k in range(n)])


def test_wrong_options_are_the_most_similar_answers():
    items = choice_items(plain(6), angles(0, 20, 40, 60, 120, 180), suite=SUITE, n_options=3)
    assert items.schema == pl.Schema(ITEMS)
    assert options_of(items, 0) == {"Answer 001.", "Answer 002."}
    assert options_of(items, 5) == {"Answer 004.", "Answer 003."}


def test_the_right_option_stands_where_the_item_says():
    items = choice_items(plain(12), angles(*range(0, 360, 30)), suite=SUITE)
    assert items.height == 12
    for row in items.iter_rows(named=True):
        assert row["options"][row["answer"]] == row["target"] == f"Answer {int(row['item'][8:]):03}."
        assert len(set(row["options"])) == 4
        assert row["kind"] == "choice"


def test_answers_of_the_same_group_are_never_options():
    rows = records([(f"What is {k}?", f"Answer {k:03}.", "near" if k < 3 else None) for k in range(6)])
    items = choice_items(rows, angles(0, 20, 40, 60, 80, 100), suite=SUITE, n_options=3)
    assert options_of(items, 0) == {"Answer 003.", "Answer 004."}


def test_answers_that_say_the_same_are_never_options():
    rows = records(
        [(f"What is {k}?", text, None) for k, text in enumerate(["Alpha.", "alpha.  ", "Beta.", "Gamma.", "Delta."])]
    )
    # 1 is the same text though farther away; 2 is within cosine .95 (18.2°) though another text
    items = choice_items(rows, angles(0, 25, 18, 30, 60), suite=SUITE, n_options=3)
    assert options_of(items, 0) == {"Gamma.", "Delta."}


def test_two_wrong_options_never_say_the_same():
    rows = records(
        [
            (f"What is {k}?", text, None)
            for k, text in enumerate(["Alpha.", "Beta.", "Beta too.", "Gamma.", "gamma.", "Delta."])
        ]
    )
    items = choice_items(rows, angles(0, 30, 35, 60, 90, 120), suite=SUITE, n_options=4)
    assert options_of(items, 0) == {"Beta.", "Gamma.", "Delta."}


@pytest.mark.parametrize("other", ["How can b?", "What can b?", "How is b?"])
def test_questions_of_the_same_form_come_first(other):
    rows = records(
        [
            ("What is a?", "Answer a.", None),
            (other, "Answer b.", None),
            ("What is c?", "Answer c.", None),
            ("what is d?", "Answer d.", None),
        ]
    )
    items = choice_items(rows, angles(0, 20, 80, 100), suite=SUITE, n_options=3)
    assert options_of(items, 0) == {"Answer c.", "Answer d."}


def test_the_form_of_a_row_is_that_of_its_last_question():
    rows = records([("What is a?", "Answer a.", None), ("How can b?", "Answer b.", None), ("What is c?", "C.", None)])
    before = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}]
    talks = pl.Series([[*before, {"role": "assistant", "content": "Hello."}, *talk] for talk in rows["messages"]])
    items = choice_items(
        rows.with_columns(messages=talks.cast(rows.schema["messages"])), angles(0, 20, 80), suite=SUITE, n_options=2
    )
    assert options_of(items, 0) == {"C."}


def test_an_answer_to_a_question_of_the_same_form_comes_before_one_of_like_length():
    rows = records([("What is a?", "A" * 40, None), ("How can b?", "B" * 40, None), ("What is c?", "C" * 100, None)])
    items = choice_items(rows, angles(0, 20, 80), suite=SUITE, n_options=2)
    assert options_of(items, 0) == {"C" * 100}


@pytest.mark.parametrize("unlike", [100, 10])
def test_answers_of_like_length_come_before_nearer_ones(unlike):
    rows = records([("What is a?", "A" * 40, None), ("What is b?", "B" * unlike, None), ("What is c?", "C" * 60, None)])
    items = choice_items(rows, angles(0, 20, 80), suite=SUITE, n_options=2)
    assert options_of(items, 0) == {"C" * 60}


def test_items_from_one_document_share_a_cluster_and_a_row_of_none_is_its_own():
    rows = records([(f"What is {k}?", f"Answer {k:03}.", "manual" if k < 2 else None) for k in range(6)])
    items = choice_items(rows, angles(*range(0, 360, 60)), suite=SUITE)
    clusters = dict(items.select("item", "cluster").iter_rows())
    assert clusters == {f"which/id{k}": "manual" if k < 2 else f"id{k}" for k in range(6)}


def test_an_option_is_at_most_200_characters_long_and_so_is_the_right_one():
    rows = records([("What is 0?", "a" * 200, None), *((f"What is {k}?", str(k) * 201, None) for k in (1, 2, 3))])
    items = choice_items(rows, angles(0, 40, 80, 120), suite=SUITE)
    for options, target in items.select("options", "target").iter_rows():
        assert {len(option) for option in options} == {200}
        assert len(target) == 200


@pytest.mark.parametrize(("limit", "made"), [(None, 3), (2, 2), (4, 4)])
def test_a_suite_has_a_limit_of_items_unless_another_is_asked_for(limit, made):
    suite = SUITE.model_copy(update={"limit": 3})
    assert choice_items(plain(6), angles(*range(0, 360, 60)), suite=suite, limit=limit).height == made


def test_another_seed_puts_the_right_option_elsewhere():
    places = [
        choice_items(plain(12), angles(*range(0, 360, 30)), suite=SUITE, seed=seed).sort("item")["answer"].to_list()
        for seed in (0, 1)
    ]
    assert places[0] != places[1]


def test_a_row_without_enough_siblings_makes_no_item():
    assert choice_items(plain(3), angles(0, 40, 80), suite=SUITE, n_options=4).is_empty()
    assert choice_items(plain(4), angles(0, 40, 80, 120), suite=SUITE, n_options=4).height == 4
    assert choice_items(plain(0), np.zeros((0, 2), np.float32), suite=SUITE).schema == pl.Schema(ITEMS)


def test_the_right_option_has_no_favourite_place():
    rng = np.random.default_rng(0)
    items = choice_items(plain(400), rng.normal(size=(400, 16)).astype(np.float32), suite=SUITE)
    counts = Counter(items["answer"])
    assert set(counts) == {0, 1, 2, 3}
    assert min(counts.values()) > 70
    # Nor do the wrong options stand in order of similarity.
    first_wrong = [row["options"][0 if row["answer"] else 1] for row in items.iter_rows(named=True)]
    assert len(set(first_wrong)) > 100


def test_the_items_depend_on_ids_and_seed_not_on_the_order_of_rows():
    rng = np.random.default_rng(1)
    rows, vectors = plain(40), rng.normal(size=(40, 8)).astype(np.float32)
    order = rng.permutation(40)
    first = choice_items(rows, vectors, suite=SUITE, limit=10, seed=3)
    again = choice_items(rows[order], vectors[order], suite=SUITE, limit=10, seed=3)
    assert first.equals(again)
    assert not first.equals(choice_items(rows, vectors, suite=SUITE, limit=10, seed=4))
    assert first.height == 10


def test_repeated_records_keep_their_own_embedding():
    rows = pl.concat([plain(2), plain(5)])
    items = choice_items(rows, angles(0, 20, 0, 20, 40, 60, 200), suite=SUITE, n_options=3)
    assert items.height == 5
    assert options_of(items, 0) == {"Answer 001.", "Answer 002."}


def test_embeddings_must_match_the_records():
    with pytest.raises(ValueError, match="3 records but 2 embeddings"):
        choice_items(plain(3), angles(0, 1), suite=SUITE)


def test_one_option_is_no_choice():
    with pytest.raises(ValueError, match="at least 2 options"):
        choice_items(plain(3), angles(0, 40, 80), suite=SUITE, n_options=1)


def test_only_a_choice_suite_gets_choice_items():
    with pytest.raises(SuiteError, match="is of kind completion"):
        choice_items(plain(3), angles(0, 40, 80), suite=SUITE.model_copy(update={"kind": "completion"}))


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Short.", "Short."),
        ("One two. Three four. Five six.", "One two. Three four."),
        ("A longer first sentence than fits. B.", "A longer first"),
        ("See v1.2 of the manual now. And", "See v1.2 of the"),
        ("Line one\nline two that is long", "Line one"),
        ("x" * 40, "x" * 20),
        ("Paris is the capital", "Paris is the capital"),
        ("The fox sleeps here. Not always.", "The fox sleeps here."),
    ],
)
def test_options_end_with_a_sentence_where_they_can(text, kept):
    assert first_sentences(text, 20 if "One" not in text else 21) == kept
