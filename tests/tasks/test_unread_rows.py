"""Why rows could not be read, and the row that a line was lost with."""

from pathlib import Path

import polars as pl
import pytest

from quality.receipts import RECEIPTS
from tasks import runs, store, unread_rows

UNREAD = [
    ("pool/a.csv:22", "broken_csv", "a quote", 301),
    ("pool/a.csv:5", "ragged_row", "3 fields", None),
    ("more/a.csv:90#2", "broken_csv", "another", 120),
]


@pytest.fixture
def run(home: Path) -> Path:
    """A run that keeps why rows could not be read."""
    rows = pl.DataFrame(UNREAD, schema=["origin", "reason", "detail", "last"], orient="row").cast({"last": pl.UInt32})
    with runs.open_run("garden", "name: garden\n") as opened:
        (opened.folder / "attributes").mkdir()
        store.write_parquet(opened.folder / "attributes" / "unread.parquet", rows)
        opened.commit(state="Curated", reason="", facts={})
    return opened.folder


LEDGER = pl.DataFrame(
    [(None, origin, "pool", "ingest", "quarantined", reason, None, None, None) for origin, reason, *_ in UNREAD]
    + [("f" * 32, "pool/b.csv:30", "pool", "split", "kept", "train", None, None, None)],
    schema=RECEIPTS,
    orient="row",
)


@pytest.mark.parametrize(
    ("place", "found"),
    [
        ("pool/a.csv:22", ["pool/a.csv:22"]),
        ("pool/a.csv:301", ["pool/a.csv:22"]),
        ("/home/me/pool/a.csv:100", ["pool/a.csv:22"]),
        ("a.csv:100", ["pool/a.csv:22", "more/a.csv:90#2"]),
        ("a.csv:121", ["pool/a.csv:22"]),
        ("pool/a.csv:302", []),
        ("pool/a.csv:21", []),
        ("ool/a.csv:100", []),
        ("b.csv:100", []),
        ("a.csv", []),
        ("never closed", []),
    ],
)
def test_a_line_is_found_by_the_row_that_took_it_along(run: Path, place: str, found: list[str]) -> None:
    assert unread_rows.took_along(run, LEDGER, place)["origin"].to_list() == found


def test_what_was_wrong_is_told_by_place_and_reason(run: Path) -> None:
    assert unread_rows.details(run)["pool/a.csv:5", "ragged_row"] == "3 fields"


def test_a_run_from_before_tells_nothing_and_one_that_lost_the_file_says_so(run: Path) -> None:
    (run / "attributes" / "unread.parquet").unlink()
    with pytest.raises(runs.DamagedRun, match=r"unread\.parquet.* is missing"):
        unread_rows.details(run)
    with runs.open_run("before", "name: before\n") as opened:
        opened.commit(state="Curated", reason="", facts={})
    assert unread_rows.details(opened.folder) == {}
    assert unread_rows.took_along(opened.folder, LEDGER, "pool/a.csv:100").is_empty()
