"""What the contract refers to is read before any work, and its mistakes are told where they are."""

import json

import polars as pl
import pytest

from quality.contracts import Contract
from tasks import runs, store
from tasks.check_contract import check_contract
from tasks.models import ModelFiles

NOWHERE = ModelFiles(reference="x", folder="/nowhere", content="x")
COUNT = {"type": "expect_table_row_count_to_equal", "kwargs": {"value": 3}, "severity": "warning"}


def finished(name: str, rows: list[str], state: str = "Curated", data: bool = True) -> str:
    with runs.open_run(name, f"name: {name}") as run:
        store.write_text(run.folder / "receipts.parquet", "x")
        if data:
            (run.folder / "dataset").mkdir()
            for part in ("train", "validation"):
                store.write_parquet(run.folder / "dataset" / f"{part}.parquet", pl.DataFrame({"id": [part, *rows]}))
        run.commit(state=state, reason="", facts={})
    return run.folder.name


def test_the_first_run_has_nothing_to_be_compared_with_and_says_so(home, caplog) -> None:
    finished("another", ["a"])
    with caplog.at_level("INFO"):
        terms = check_contract.fn("mine", Contract(), NOWHERE)
    assert terms.previous is None
    assert "no finished run of mine to compare with: drift is not looked at" in caplog.text


def test_the_last_finished_run_with_a_data_set_is_compared_with(home) -> None:
    finished("mine", ["a"])
    last = finished("mine", ["b"])
    finished("mine", ["c"], state="Failed")
    finished("mine", [], data=False)
    previous = check_contract.fn("mine", Contract(), NOWHERE).previous
    assert previous is not None
    assert previous.run == last


def test_nights_in_which_nothing_changed_ask_the_same_question(home) -> None:
    finished("mine", ["a"])
    first = finished("mine", ["b"])
    asked = check_contract.fn("mine", Contract(), NOWHERE)
    finished("mine", ["b"])
    assert check_contract.fn("mine", Contract(), NOWHERE) == asked
    assert asked.previous is not None
    assert asked.previous.run == first


def test_a_file_counts_by_its_content(home, tmp_path) -> None:
    file = tmp_path / "mine.json"
    contract = Contract(file=str(file))
    file.write_text(json.dumps({"expectations": [COUNT]}))
    before = check_contract.fn("x", contract, NOWHERE)
    (check,) = before.own_checks()
    assert (check.frame, check.severity) == ("rows", "warning")
    file.write_text(json.dumps({"expectations": []}))
    after = check_contract.fn("x", contract, NOWHERE)
    assert store.value_digest(before) != store.value_digest(after)
    assert after.own_checks() == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, r"curate\.contract\.file: .*mine\.json can't be read \(No such file or directory\)\. Name a Great"),
        (b"\xff\xfe\x00", r"can't be read \(it is not UTF-8\)"),
        (b"{", r"curate\.contract\.file: mine\.json is not JSON"),
        (
            json.dumps({"expectations": [COUNT, {"type": "expect_wonders"}]}).encode(),
            r"curate\.contract\.file: .*own:2:expect_wonders.*has no expectation 'expect_wonders'",
        ),
        (
            json.dumps({"expectations": [COUNT | {"kwargs": {"value": "many"}}]}).encode(),
            r"curate\.contract\.file: .*own:1:expect_table.*does not take value='many'",
        ),
    ],
)
def test_a_file_that_can_not_serve_is_told_by_its_key_before_any_work(home, tmp_path, content, said) -> None:
    file = tmp_path / "mine.json"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ValueError, match=said):
        check_contract.fn("x", Contract(file=str(file)), NOWHERE)
