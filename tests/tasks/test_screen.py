"""Screening as a step: every row's scores stay as an attribute, and the defective rows leave."""

import polars as pl
import pytest

from quality.auditing.stages import prove_screening
from quality.screening.measuring import SCORES, measure_records
from quality.screening.screen import Screen, find_defects
from tasks import store
from tasks.models import ModelFiles
from tasks.screen import screen

BASE = ModelFiles(reference="none", folder="none", content="none")  # so small a pool has nothing read again


def test_defective_rows_leave_and_all_scores_stay(pool_of, noise) -> None:
    rows = [(noise(5), noise(20) + ".") for _ in range(5)]
    rows[2] = (noise(5), "")
    rows[4] = (noise(5), "I'm sorry, but I can't help with that.")
    pool = pool_of(rows, removed=[0])  # from here on, positions are not row numbers
    after = screen.fn(pool, Screen(), BASE)
    told = after.removed().filter(stage="screen", fate="dropped").select("row", "reason").rows()
    assert told[1:] == [(2, "empty_answer"), (4, "refusal")]  # the first is the fixture's
    scores = after.attribute("screen")
    assert scores is not None
    assert scores.columns == ["row", *SCORES]
    assert scores["row"].to_list() == [1, 2, 3, 4]


def test_a_threshold_can_be_moved_from_the_scores_alone(pool_of, noise) -> None:
    rows = [(noise(5), noise(20) + "."), (noise(5), f"<p>{noise(9)}</p> <b>{noise(3)}</b>.")]
    scores = screen.fn(pool_of(rows), Screen(most_markup=9), BASE).attribute("screen")
    assert scores is not None
    assert find_defects(scores, Screen(most_markup=2))["row"].to_list() == [1]


@pytest.mark.parametrize(
    ("asked", "small", "reads"),
    [("auto", True, True), ("auto", False, False), ("always", False, True), ("never", True, False)],
)
def test_the_base_reads_doubtful_ends_where_it_is_asked_or_small(
    pool_of, home, monkeypatch, asked, small, reads
) -> None:
    readers: list[object] = []

    def noted(*given):
        readers.append(given[-1])
        return measure_records(*given)

    monkeypatch.setattr("tasks.screen.measure_records", noted)
    monkeypatch.setattr("tasks.screen.reads_fast", lambda _: small)
    screen.fn(pool_of([("What is it?", "A dog.")]), Screen(read_again=asked, least_words=1), BASE)
    assert [reader is not None for reader in readers] == [reads]


def test_an_answer_before_the_last_can_cost_the_row_its_place_and_the_audit_finds_its_score_again(
    pool_of, noise
) -> None:
    pool = pool_of([(noise(5), noise(20) + ".") for _ in range(3)])
    refused = [("user", noise(5)), ("assistant", "I'm sorry, but I can't help with that.")]
    said = pl.Series([[{"role": role, "content": text} for role, text in refused]], dtype=pool.read()["messages"].dtype)
    rows = pool.read().with_columns(
        messages=pl.when(pl.col("row") == 1).then(pl.lit(said).list.concat("messages")).otherwise("messages")
    )
    pool = pool.model_copy(update={"records": store.write_table(rows)})
    after = screen.fn(pool, Screen(), BASE)
    assert after.removed().select("row", "reason").rows() == [(1, "refusal")]
    assert screen.fn(pool, Screen(earlier_answers=False), BASE).removed().is_empty()
    scores = after.attribute("screen")
    assert scores is not None
    named = rows.select("row", "id", "origin").join(scores, on="row").drop("row")
    assert prove_screening(rows, pl.Series([], dtype=pl.String), named, Screen()).failed == 0
    hidden = named.with_columns(refusal=0.0)
    assert prove_screening(rows, pl.Series([], dtype=pl.String), hidden, Screen()).examples == ("rows.jsonl:2",)
