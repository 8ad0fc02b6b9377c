"""Receipts: one fate for every row, or nothing is published."""

import polars as pl
import pytest

from quality.receipts import EDITED, EDITS, UnbalancedBooks, books, edit_receipts, funnel, receipts
from quality.records import FATES, QUARANTINED, RECORDS


def _records(n: int) -> pl.DataFrame:
    rows = [
        {"row": i, "id": f"id{i}", "messages": [], "source": "s", "origin": f"f:{i + 1}", "group": None}
        for i in range(n)
    ]
    return pl.DataFrame(rows, schema=RECORDS)


def _fates(*rows: int) -> pl.DataFrame:
    lines = [(row, "screen", "dropped", "empty_answer", None, 0.0, 1.0) for row in rows]
    return pl.DataFrame(lines, schema=FATES, orient="row")


def _kept(*rows: int) -> pl.DataFrame:
    return pl.DataFrame({"row": rows, "reason": ["train"] * len(rows)}, schema={"row": pl.UInt32, "reason": pl.String})


UNREAD = pl.DataFrame([("s", "f:9", "broken_json", "no brace", None)], schema=QUARANTINED, orient="row")


def test_every_row_has_one_line_in_ingestion_order_and_unreadable_rows_come_last() -> None:
    ledger = receipts(_records(3), UNREAD, _fates(1), _kept(0, 2))
    assert ledger["origin"].to_list() == ["f:1", "f:2", "f:3", "f:9"]
    assert ledger["fate"].to_list() == ["kept", "dropped", "kept", "quarantined"]
    assert ledger["stage"].to_list() == ["split", "screen", "split", "ingest"]
    assert books(ledger) == {"in": 4, "kept": 2, "dropped": 1, "quarantined": 1}


def test_a_kept_row_is_told_the_part_it_went_to_and_what_did_not_happen_counts_as_nothing() -> None:
    parts = _kept(0, 1).with_columns(reason=pl.Series(["train", "validation"]))
    ledger = receipts(_records(2), UNREAD.clear(), _fates(), parts)
    assert ledger["reason"].to_list() == ["train", "validation"]
    assert books(ledger) == {"in": 2, "kept": 2, "dropped": 0, "quarantined": 0}


def test_an_edit_is_told_under_the_id_of_what_the_row_says_since_in_ingestion_order_and_without_the_old_id() -> None:
    told = [{"role": "user", "content": "Mail NAME"}]
    made = [(row, "protect", ["email"], row, f"new{row}", told) for row in (2, 0)]
    edited = edit_receipts(_records(3), pl.DataFrame(made, schema=EDITS, orient="row"))
    assert edited.schema == pl.Schema(EDITED)
    assert edited.rows() == [
        ("new0", "f:1", "protect", ["email"], 0),
        ("new2", "f:3", "protect", ["email"], 2),
    ]


def test_a_row_without_a_fate_stops_everything() -> None:
    with pytest.raises(UnbalancedBooks, match="1 ingested rows have no fate.*f:3"):
        receipts(_records(3), UNREAD, _fates(1), _kept(0))


def test_a_row_with_two_fates_stops_everything() -> None:
    with pytest.raises(UnbalancedBooks, match="row 1: screen, split"):
        receipts(_records(2), UNREAD, _fates(1), _kept(0, 1))


def test_a_fate_without_a_row_stops_everything() -> None:
    with pytest.raises(UnbalancedBooks, match="1 fates have no row"):
        receipts(_records(1), UNREAD, _fates(7), _kept(0))


def test_the_funnel_counts_each_reason_of_each_stage_the_largest_first() -> None:
    fates = _fates(0, 1, 2).with_columns(reason=pl.Series(["empty_answer", "short_answer", "short_answer"]))
    ledger = receipts(_records(6), UNREAD, fates, _kept(3, 4, 5))
    assert funnel(ledger).rows() == [
        ("split", "kept", "train", 3),
        ("screen", "dropped", "short_answer", 2),
        ("screen", "dropped", "empty_answer", 1),
        ("ingest", "quarantined", "broken_json", 1),
    ]
