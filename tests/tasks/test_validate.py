"""The contract as a step: warnings are told, critical failures stop the run and leave their evidence."""

import json
from pathlib import Path

import polars as pl
import pytest

from quality.contracts import Contract
from tasks import cards, run_files, runs, store
from tasks.check_contract import Terms
from tasks.exams import SealedExam
from tasks.stop import evidence
from tasks.validate import ContractBroken, validate


def test_a_contract_that_holds_tells_how_much_was_checked_and_keeps_the_evidence(pool_of, noise) -> None:
    found = validate.fn(pool_of([(noise(5), noise(20)) for _ in range(6)]), Contract(min_rows=6))
    assert found.failures == ()
    evidence = json.loads((store.locate(found.evidence) / "contract.json").read_text())
    assert found.checked == sum(len(part["results"]) for part in evidence.values())
    assert found.checked > len(evidence) == 5


def test_a_warning_is_told_and_stops_nothing(pool_of, noise, caplog: pytest.LogCaptureFixture) -> None:
    # All rows of one source were removed; they are counted though none of them is left.
    pool = pool_of([(noise(5), noise(20)) for _ in range(6)], sources=["a"] * 4 + ["b"] * 2, removed=[4, 5])
    heard: list[str] = []
    with cards.listen(lambda event: heard.append(event.text) if event.kind == "said" else None):
        (broken,) = validate.fn(pool, Contract(min_rows=4)).failures
    assert (broken.expectation, broken.severity) == ("share_kept_by_source", "warning")
    assert broken.sentence.startswith("warning: share_kept_by_source: wanted at least 0.1%; observed 1 of 2 values")
    assert heard == ["nothing critical is broken", broken.sentence]
    said = broken.sentence.removeprefix(cards.WARNING)
    assert [said in record.getMessage() for record in caplog.records].count(True) == 1, "once on the run's page"


def test_only_rows_that_are_left_are_checked(pool_of, noise) -> None:
    pool = pool_of([(noise(5), noise(20)) for _ in range(6)], removed=[0])
    with pytest.raises(ContractBroken, match="critical: rows_enough: wanted at least 6 rows; observed 5") as told:
        validate.fn(pool, Contract(min_rows=6))
    assert "lower curate.contract.min_rows. Of 6 rows ingested, screen removed 1." in str(told.value)


def test_what_the_stages_removed_is_checked_as_well(pool_of, noise) -> None:
    pool = pool_of([(noise(5), noise(20)) for _ in range(10)], removed=range(9))
    with pytest.raises(ContractBroken, match="wanted at most 80.0% removed by screen; observed 0.9"):
        validate.fn(pool, Contract(min_rows=1))


def test_a_critical_failure_names_the_evidence_that_it_leaves_in_the_run(pool_of, noise) -> None:
    pool = pool_of([(noise(5), noise(20))])
    with pytest.raises(ContractBroken, match="break the contract") as stopped, runs.open_run("x", "name: x") as run:
        validate.fn(pool, Contract())
    evidence = Path(str(stopped.value).rpartition(" is in ")[2].removesuffix("."))
    assert evidence == run.folder / "contract.json"
    told = {one["success"] for one in json.loads(evidence.read_text())["rows"]["results"]}
    assert told == {True, False}


def test_a_stopped_run_tells_what_was_decided_of_every_row_and_publishes_nothing(home: Path, pool_of, noise) -> None:
    pool = pool_of([(noise(5), noise(20)) for _ in range(4)], removed=[1], unread=1)
    items = store.write_table(pl.DataFrame({"item": ["x/1"]}))
    exam = SealedExam(name="x", digest="exam's digest", items=items, drawn=items, reserve=items, request="asked")
    with pytest.raises(ContractBroken, match="Nothing is published") as stopped, runs.open_run("x", "name: x") as run:
        validate.fn(pool, Contract(), exam)
    assert f"`winnow why ROW {run.folder.name}` tells" in str(stopped.value)
    facts = runs.manifest(run.folder)
    assert (facts["state"], facts["stopped"]) == ("Stopped", ["rows_enough"])
    assert facts["reason"].startswith(
        "The kept rows break the contract: critical: rows_enough: wanted at least 50 rows"
    )
    assert str(home) not in facts["reason"]
    assert facts["books"] == {"in": 5, "kept": 0, "dropped": 1, "quarantined": 4}
    assert run_files.receipts(run.folder).select("origin", "stage", "fate", "reason").rows() == [
        ("rows.jsonl:1", "validate", "quarantined", "run_stopped"),
        ("rows.jsonl:2", "screen", "dropped", "short_answer"),
        ("rows.jsonl:3", "validate", "quarantined", "run_stopped"),
        ("rows.jsonl:4", "validate", "quarantined", "run_stopped"),
        ("rows.jsonl:5", "ingest", "quarantined", "broken_json"),
    ]
    assert run_files.removed(run.folder)["id"].to_list() == pool.read()["id"].to_list()
    assert run_files.dataset(run.folder).is_empty()
    assert not (run.folder / "dataset").exists()
    assert not (home / "exams").exists(), "the mended recipe is not bound to this exam"


def test_where_no_evidence_is_to_stay_no_run_does_and_none_is_named(pool_of, noise) -> None:
    pool = pool_of([(noise(5), noise(20))])
    with (
        pytest.raises(ContractBroken, match="ingested, no stage removed any") as stopped,
        runs.open_run("x", "name: x") as run,
        evidence(stays=False),
    ):
        validate.fn(pool, Contract())
    assert "contract.json" not in str(stopped.value)
    assert not run.folder.exists()


def test_data_docs_are_written_when_asked_for_and_go_where_the_evidence_goes(pool_of, noise) -> None:
    pool = pool_of([(noise(5), noise(20)) for _ in range(6)])
    quiet, told = (
        store.locate(validate.fn(pool, Contract(min_rows=6, data_docs=asked)).evidence) for asked in (False, True)
    )
    assert [path.name for path in quiet.iterdir()] == ["contract.json"]
    assert (told / "data_docs" / "index.html").is_file()
    assert "share_kept" in (told / "data_docs" / "pool.html").read_text()
    with pytest.raises(ContractBroken), runs.open_run("x", "name: x") as run:
        validate.fn(pool, Contract(min_rows=7, data_docs=True))
    assert "Failed" in (run.folder / "data_docs" / "rows.html").read_text()


def test_expectations_of_ones_own_are_counted_and_can_stop_the_run(pool_of, noise) -> None:
    pool = pool_of([(noise(5), noise(20)) for _ in range(6)])
    rows = {"type": "expect_table_row_count_to_equal", "kwargs": {"value": 6}}
    contract = Contract(min_rows=6, file="mine.json")
    met = validate.fn(pool, Terms(contract=contract, suite=json.dumps({"expectations": [rows]})))
    assert met.checked == validate.fn(pool, Contract(min_rows=6)).checked + 1
    unmet = json.dumps({"expectations": [rows | {"kwargs": {"value": 7}}]})
    with pytest.raises(ContractBroken, match="critical: own:1:expect_table_row_count_to_equal: wanted .*; observed 6"):
        validate.fn(pool, Terms(contract=contract, suite=unmet))


def test_a_file_that_nobody_read_is_not_passed_over_in_silence(pool_of) -> None:
    with pytest.raises(ValueError, match=r"curate\.contract\.file was not read"):
        validate.fn(pool_of([("a", "b")]), Contract(min_rows=1, file="mine.json"))
