"""The dataset folder opens with plain `datasets`, and as itself."""

from pathlib import Path

import polars as pl
import pytest

from quality.receipts import RECEIPTS
from tasks import dataset_card, store
from tasks.reporting.markdown import escape


def _dataset(folder: Path, run: str, rows: int) -> Path:
    frame = pl.DataFrame({"id": [str(row) for row in range(rows)]})
    table = store.write_table(frame)
    folder.mkdir(parents=True)
    for part in ("train", "validation"):
        frame.write_parquet(folder / f"{part}.parquet")
    card = dataset_card.write("x", run, pl.DataFrame(schema=RECEIPTS), table, table)
    (folder / "README.md").write_text(card, encoding="utf-8")
    return folder


def test_of_two_runs_each_loads_as_itself_from_one_cache(home: Path, tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    for run, rows in (("20260101-000000-x", 5), ("20260101-000000-x-2", 9)):
        folder = _dataset(tmp_path / run / "dataset", run, rows)
        loaded = datasets.load_dataset(str(folder), cache_dir=str(tmp_path / "cache"))
        assert loaded["train"].num_rows == rows


@pytest.mark.parametrize(
    "source", ["![x](https://a.example/seen.png)", "[x](javascript:alert(1))", "a|b", "<img src=x>"]
)
def test_the_name_of_a_source_is_shown_and_is_no_picture_link_or_cell(home: Path, source: str) -> None:
    row = dict.fromkeys(RECEIPTS) | {"source": source, "fate": "kept"}
    table = store.write_table(pl.DataFrame({"id": ["a"]}))
    card = dataset_card.write("x", "20260101-000000-x", pl.DataFrame([row], schema=RECEIPTS), table, table)
    assert f"| {escape(source)} | 1 | 1 |" in card
    assert source not in card
