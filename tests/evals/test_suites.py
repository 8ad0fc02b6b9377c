"""Suites, and the items made of records and texts."""

from __future__ import annotations

import random

import polars as pl
import pytest
from pydantic import ValidationError

import evals.suites
from evals.items import ITEMS, MESSAGE, digest, questions
from evals.suites import (
    Suite,
    SuiteError,
    count_cut,
    items_from_records,
    items_from_texts,
    load_suite,
    reserve_records,
    suite_names,
    trim,
)

ANSWERS = Suite(name="answers", role="domain", kind="completion")
TEXTS = Suite(name="prose", role="retention", kind="text")


def turn(role: str, content: str) -> dict[str, str]:
    return {"role": role, "content": content}


def records(rows: list[tuple[str, list[dict[str, str]], str | None]]) -> pl.DataFrame:
    schema = {"id": pl.String, "messages": pl.List(MESSAGE), "group": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def pool(n: int) -> pl.DataFrame:
    return records([(f"id{k}", [turn("user", f"q{k}"), turn("assistant", f"a{k}")], f"doc{k // 2}") for k in range(n)])


def test_the_shipped_suites_are_named_and_whole():
    assert suite_names() == ["code-problems", "encyclopedia", "general-questions"]
    loaded = [load_suite(name) for name in suite_names()]
    assert [suite.name for suite in loaded] == suite_names()
    assert [suite.kind for suite in loaded] == ["completion", "text", "completion"]
    assert {suite.role for suite in loaded} == {"retention"}
    assert all(suite.source and suite.about and suite.version >= 1 for suite in loaded)


@pytest.mark.parametrize("name", ["enzyclopedia", "../suites/encyclopedia", ""])
def test_an_unknown_suite_lists_those_there_are(name):
    with pytest.raises(SuiteError, match="There are: code-problems, encyclopedia, general-questions"):
        load_suite(name)


def test_a_broken_suite_file_names_the_key(tmp_path, monkeypatch):
    (tmp_path / "mine.yaml").write_text("role: retention\nkind: essay\n")
    monkeypatch.setattr(evals.suites, "_FOLDER", tmp_path)
    with pytest.raises(SuiteError, match=r"mine\.yaml, key kind"):
        load_suite("mine")


def test_an_unknown_setting_is_refused():
    with pytest.raises(ValidationError):
        Suite(name="a", role="domain", kind="completion", weight=2)


def test_a_record_becomes_one_item_with_its_last_answer_as_target():
    talk = [
        turn("system", "S"),
        turn("user", "Q"),
        turn("assistant", "A"),
        turn("user", "R"),
        turn("assistant", "B"),
    ]
    items = items_from_records(records([("x", talk, "doc")]), suite=ANSWERS)
    assert items.schema == pl.Schema(ITEMS)
    assert items.row(0, named=True) == {
        "suite": "answers", "role": "domain", "kind": "completion", "item": "answers/x", "cluster": "doc",
        "prompt": talk[:-1], "target": "B", "options": [], "answer": 0,
    }  # fmt: skip


def test_a_record_without_group_is_its_own_cluster():
    items = items_from_records(records([("x", [turn("user", "Q"), turn("assistant", "A")], None)]), suite=ANSWERS)
    assert items["cluster"].to_list() == ["x"]


def test_records_without_a_last_answer_and_repeats_make_no_item():
    rows = [
        ("a", [turn("user", "Q"), turn("assistant", "A")], None),
        ("a", [turn("user", "Q"), turn("assistant", "A")], None),
        ("b", [turn("user", "Q"), turn("assistant", " \n")], None),
        ("c", [turn("user", "Q"), turn("assistant", "A"), turn("user", "R")], None),
        ("d", [turn("assistant", "A")], None),
        ("e", [], None),
    ]
    assert items_from_records(records(rows), suite=ANSWERS)["item"].to_list() == ["answers/a"]


def test_no_records_make_an_empty_frame_of_the_right_shape():
    assert items_from_records(records([]), suite=ANSWERS).schema == pl.Schema(ITEMS)
    empty = pl.DataFrame(schema={"text": pl.String, "origin": pl.String})
    assert items_from_texts(empty, suite=TEXTS).schema == pl.Schema(ITEMS)


def test_the_draw_depends_on_ids_and_seed_alone():
    rows = pool(200)
    drawn = items_from_records(rows, suite=ANSWERS, limit=30, seed=1)
    assert drawn.height == 30
    mixed = items_from_records(rows.sample(fraction=1, shuffle=True, seed=9), suite=ANSWERS, limit=30, seed=1)
    assert drawn.equals(mixed)
    fewer = items_from_records(rows, suite=ANSWERS, limit=10, seed=1)
    assert fewer["item"].to_list() == drawn["item"].to_list()[:10]
    other = items_from_records(rows, suite=ANSWERS, limit=30, seed=2)
    assert set(other["item"]) != set(drawn["item"])
    assert drawn["item"].to_list() != items_from_records(rows.head(30), suite=ANSWERS)["item"].to_list()


def test_the_limit_of_the_suite_holds_unless_another_is_given():
    few = ANSWERS.model_copy(update={"limit": 3})
    assert items_from_records(pool(9), suite=few).height == 3
    assert items_from_records(pool(9), suite=few, limit=5).height == 5
    assert items_from_records(pool(9), suite=ANSWERS).height == 9


def test_texts_become_items_with_themselves_as_target():
    texts = pl.DataFrame({"text": ["One.", "Two.", "One.", "  "], "origin": ["f:1", "f:2", "f:3", "f:4"]})
    items = items_from_texts(texts, suite=TEXTS)
    assert items.schema == pl.Schema(ITEMS)
    assert sorted(items["target"]) == ["One.", "Two."]
    assert items["kind"].unique().to_list() == ["text"]
    assert items["prompt"].to_list() == [[], []]
    assert items["cluster"].n_unique() == 2
    assert items["item"].n_unique() == 2


def test_texts_of_a_group_share_a_cluster():
    texts = pl.DataFrame({"text": ["One.", "Two."], "origin": ["f:1", "f:2"], "group": ["f", "f"]})
    assert items_from_texts(texts, suite=TEXTS)["cluster"].to_list() == ["f", "f"]


@pytest.mark.parametrize(
    ("make", "suite"),
    [(items_from_records, TEXTS), (items_from_texts, ANSWERS)],
)
def test_a_suite_gets_items_of_its_kind_only(make, suite):
    with pytest.raises(SuiteError, match="is of kind"):
        make(pool(2), suite=suite)


def test_a_long_answer_is_scored_up_to_a_word_and_counted():
    short = ANSWERS.model_copy(update={"max_bytes": 16})
    texts = {"x": "one two three four five", "y": "one two three"}
    rows = records([(name, [turn("user", "Q"), turn("assistant", text)], None) for name, text in texts.items()])
    items = items_from_records(rows, suite=short)
    assert items["target"].to_list() == ["one two three"] * 2
    assert count_cut(items, reserve_records(rows, suite=short)) == 1


@pytest.mark.parametrize(
    ("text", "limit", "kept"),
    [
        ("one two", 7, "one two"),
        ("one two", 6, "one"),
        ("one two", 3, "one"),
        ("one  two", 4, "one"),
        ("onetwo", 3, "one"),
        ("ééé", 3, "é"),
        ("é é é", 5, "é é"),
        ("漢字漢字", 7, "漢字"),
        ("\n\n   one two", 4, "one"),
        ("é", 1, ""),
    ],
)
def test_cutting_keeps_whole_words_and_characters(text, limit, kept):
    assert trim(text, limit) == kept


def test_the_digest_does_not_depend_on_order():
    items = items_from_records(pool(50), suite=ANSWERS)
    again = items.sample(fraction=1, shuffle=True, seed=1)
    assert digest(items) == digest(again.rechunk())
    assert len(digest(items)) == 32


def test_the_digest_is_the_same_on_every_machine():
    items = items_from_records(pool(2), suite=ANSWERS)
    assert digest(items) == "b67066498d308b8548b789d8bb60fa81"


@pytest.mark.parametrize("column", list(ITEMS))
def test_the_digest_sees_every_column(column):
    items = items_from_records(pool(3), suite=ANSWERS)
    changed = {
        "prompt": pl.lit([turn("user", "other")], dtype=pl.List(MESSAGE)),
        "options": pl.lit(["x"], dtype=pl.List(pl.String)),
        "answer": pl.lit(1, dtype=pl.UInt32),
    }.get(column, pl.lit("other"))
    first = pl.int_range(pl.len()) == 0
    assert digest(items) != digest(items.with_columns(pl.when(first).then(changed).otherwise(column).alias(column)))
    assert digest(items) != digest(items.head(2))


def test_questions_leave_the_system_prompt_out():
    talk = [
        turn("system", "S"),
        turn("user", "Q"),
        turn("assistant", "A"),
        turn("user", "R"),
        turn("assistant", "B"),
    ]
    items = items_from_records(records([("x", talk, None)]), suite=ANSWERS)
    text = items_from_texts(pl.DataFrame({"text": ["Prose."], "origin": ["f:1"]}), suite=TEXTS)
    asked = questions(pl.concat([items, text]))
    assert asked.rows() == [("answers/x", "Q\nA\nR", "B"), (text["item"][0], "", "Prose.")]


def test_a_draw_is_even():
    rng = random.Random(0)
    rows = pool(400)
    hits = [
        int(name.removeprefix("answers/id")) < 200
        for seed in rng.sample(range(1000), 20)
        for name in items_from_records(rows, suite=ANSWERS, limit=50, seed=seed)["item"]
    ]
    assert 0.44 < sum(hits) / len(hits) < 0.56
