"""A run that a stage leaves without rows tells where they went: `why`, `diff` and `audit` work on it."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tasks import runs, unfinished

Winnow = Callable[..., Any]
Recipe = Callable[..., Path]

SECRET = "ada.byron@lovelace-letters.org"


def _rows(tmp_path: Path, count: int) -> None:
    rows = [
        {"question": f"Where is the spade number {n}?", "answer": f"In shed {n}, by the old pear tree."}
        for n in range(count)
    ]
    rows[0]["answer"] += f" Ask {SECRET}."
    text = "".join(json.dumps(row) + "\n" for row in rows) + '{"question": "cut\n'
    (tmp_path / "pool" / "rows.jsonl").write_text(text)


@pytest.mark.parametrize(
    ("count", "keys", "stage", "told"),
    [
        (12, {"curate": {"screen": {"least_words": 300}}}, "screen", "(short_answer 12). Of 12 rows ingested, screen"),
        (4, {}, "seal_exam", "is less than one row. Of 4 rows ingested, "),
    ],
)
def test_it_leaves_receipts_that_every_command_reads(
    winnow: Winnow, recipe: Recipe, tmp_path: Path, count: int, keys: dict[str, Any], stage: str, told: str
) -> None:
    _rows(tmp_path, count)
    ended = winnow("curate", recipe(**keys))
    assert ended.code == 1
    assert f"stage “{stage}”" in ended.told
    assert told in ended.told
    (folder,) = (tmp_path / "home" / "runs").iterdir()
    assert f"Nothing is published; `winnow why ROW {folder.name}` tells what was decided of a row." in ended.told
    assert runs.manifest(folder)["books"]["kept"] == 0
    assert not (tmp_path / "home" / "exams").exists()
    # The stage that masks was not reached by the first.
    texts = pl.read_parquet(folder / "removed.parquet")["messages"].to_list()
    assert SECRET not in str(texts)
    assert "[EMAIL]" in str(texts)
    receipt = pl.read_parquet(folder / "receipts.parquet").filter(stage=stage)["origin"][0]
    assert f"at stage {stage}" in " ".join(winnow("why", receipt).printed.split())
    assert "broken_json" in winnow("why", f"rows.jsonl:{count + 1}", folder.name).printed
    proven = winnow("audit")
    assert proven.code == 0, proven.printed
    assert f"at the stage “{stage}”, which left no row" in " ".join(proven.printed.split())
    shutil.copytree(folder, other := folder.with_name(f"{folder.name}-2"))
    assert "rows with another fate: 0" in winnow("diff", folder.name, other.name).printed


def test_a_pool_of_which_no_row_can_be_read_is_told_row_by_row(winnow: Winnow, recipe: Recipe, tmp_path: Path) -> None:
    (tmp_path / "pool" / "rows.jsonl").write_text('{"question": "a", "answer": null}\n' * 2)
    ended = winnow("curate", recipe())
    assert ended.code == 1
    assert "none of 2 rows could be read (empty_message 2). The first" in ended.told
    assert "empty_message" in winnow("why", "rows.jsonl:2").printed
    assert winnow("audit").code == 0


def test_a_preview_leaves_nothing(winnow: Winnow, recipe: Recipe, tmp_path: Path) -> None:
    _rows(tmp_path, 12)
    ended = winnow("curate", recipe(curate={"screen": {"least_words": 300}}), "--preview")
    assert "winnow why" not in ended.refused(tmp_path / "home")
    assert unfinished.every() == ()
