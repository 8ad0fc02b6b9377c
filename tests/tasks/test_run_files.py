"""What a run holds is read whatever else it lost; what it once held and lost is not taken for what it never had."""

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from quality.receipts import EDITED, RECEIPTS
from quality.records import MESSAGE
from tasks import run_files, run_settings, runs, store

COLUMN: dict[str, pl.DataType] = {"id": pl.String(), "score": pl.Float64()}
RECIPE = """
curate:
  domain: {seed_recall: 0.81}
  dedupe: {threshold: 0.82}
  decontaminate: {threshold: 0.83}
  pairing: {alike: 0.84}
  meaning: {words: 0.95}
  budget: {tokens: 86}
"""
TOLD = [{"role": "user", "content": "Why?"}, {"role": "assistant", "content": "So."}]


def _rows() -> pl.DataFrame:
    return pl.DataFrame(
        {"id": ["a", "b"], "messages": [TOLD, TOLD], "source": ["s", "s"], "origin": ["s:1", "s:2"]},
        schema_overrides={"messages": pl.List(MESSAGE)},
    )


def _receipts() -> pl.DataFrame:
    ends = [("a", "s:1", "s", "split", "kept", "train"), ("b", "s:2", "s", "screen", "dropped", "short_answer")]
    return pl.DataFrame([(*end, None, None, None) for end in ends], schema=RECEIPTS, orient="row")


def _edits() -> pl.DataFrame:
    return pl.DataFrame([("a", "s:1", "protect", ["email"], 1)], schema=EDITED, orient="row")


@pytest.fixture
def run(home: Path) -> Path:
    """A run that edited a row, and measured both."""
    with runs.open_run("garden", RECIPE) as opened:
        (opened.folder / "attributes").mkdir()
        store.write_parquet(opened.folder / "receipts.parquet", _receipts())
        store.write_parquet(opened.folder / "removed.parquet", _rows())
        store.write_parquet(opened.folder / "edits.parquet", _edits())
        scores = pl.DataFrame({"id": ["a", "b"], "score": [0.5, 1.0]}, schema=COLUMN)
        store.write_parquet(opened.folder / "attributes" / "domain.parquet", scores)
        opened.commit(state="Curated", reason="", facts={})
    return opened.folder


def _attribute(folder: Path) -> pl.DataFrame | None:
    return run_files.attribute(folder, "domain", COLUMN)


READERS = [("edits.parquet", run_files.edits), ("attributes/domain.parquet", _attribute)]


@pytest.mark.parametrize(("name", "read"), READERS)
def test_what_a_run_never_had_is_none_and_what_it_lost_is_told(
    run: Path, home: Path, name: str, read: Callable[[Path], pl.DataFrame | None]
) -> None:
    with runs.open_run("bare", "") as bare:
        bare.commit(state="Curated", reason="", facts={})
    found = read(bare.folder)
    assert found is None or found.is_empty()
    (run / name).unlink()
    with pytest.raises(runs.DamagedRun, match="is missing"):
        read(run)


@pytest.mark.parametrize(("name", "read"), READERS)
def test_a_table_that_is_there_is_read_without_the_manifest(
    run: Path, name: str, read: Callable[[Path], pl.DataFrame | None]
) -> None:
    before = read(run)
    assert before is not None
    assert before.height
    (run / "manifest.json").write_text("")
    after = read(run)
    assert after is not None
    assert after.equals(before)


@pytest.mark.parametrize(
    ("name", "column", "read"),
    [
        *(("receipts.parquet", column, run_files.receipts) for column in ("origin", "fate", "stage", "reason")),
        *(("removed.parquet", column, run_files.removed) for column in ("id", "messages", "source", "origin")),
        *(("edits.parquet", column, run_files.edits) for column in EDITED),
        *(("attributes/domain.parquet", column, _attribute) for column in COLUMN),
    ],
)
def test_a_row_that_lacks_what_every_row_has_is_told(
    run: Path, name: str, column: str, read: Callable[[Path], object]
) -> None:
    rows = pl.read_parquet(run / name)
    hollow = rows[-1:].with_columns(pl.lit(None, rows.schema[column]).alias(column))
    store.write_parquet(run / name, pl.concat([rows, hollow]))
    with pytest.raises(runs.DamagedRun, match=f"has no “{column}” in row {rows.height}, counted from 0"):
        read(run)


def test_a_receipt_may_lack_what_no_row_needs(run: Path) -> None:
    store.write_parquet(run / "receipts.parquet", _receipts().with_columns(id=pl.lit(None, pl.String)))
    assert run_files.receipts(run)["fate"].to_list() == ["kept", "dropped"]


def test_columns_of_a_later_version_are_left_aside(run: Path) -> None:
    store.write_parquet(run / "removed.parquet", _rows().with_columns(more=pl.lit(1)))
    assert run_files.removed(run).equals(_rows())


def test_edits_of_a_run_that_named_rows_by_what_they_said_before_are_read(run: Path) -> None:
    store.write_parquet(run / "edits.parquet", _edits().with_columns(edited_id=pl.lit("c")))
    assert run_files.edits(run).equals(_edits())


def test_each_stage_is_told_what_the_recipe_asked_of_it_and_of_no_other(run: Path) -> None:
    assert run_settings.domain_settings(run).seed_recall == 0.81
    assert run_settings.dedupe_settings(run).threshold == 0.82
    assert run_settings.decontaminate_settings(run).threshold == 0.83
    assert run_settings.pairing_settings(run).alike == 0.84
    assert run_settings.meaning_settings(run).words == 0.95
    assert run_settings.budget_settings(run).tokens == 86
