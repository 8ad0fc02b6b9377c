"""A run that its contract stopped is proven as far as it came, and what a forger makes of it is found."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from quality.row_memory import RowMemory
from tasks import inspection, runs
from tasks.auditing import audit
from tasks.export_exam import NotExported, export_exam
from tasks.stop import REASON

Tamper = Callable[[Path], object]

BY = "the run was stopped by the critical expectations that failed, which its manifest and reason name"
NOTHING = "a run that was stopped published no row, and judged nothing"
TOLD = "the reason tells what was observed as the contract's result does"
OBSERVED = "each expectation of the contract was met, or was not, by the rows, and by as many, as its result says"
LOSSES = "the reason tells how many rows each stage removed, as the receipts do"
LAST = "no row came beyond the stage that left none to go on with, and the reason counts what it removed"
NOT_TOLD = "no row was set aside by a stop that the run does not tell of"
BOOKS = "the manifest's books are its receipts, added up"


def failed(folder: Path, memory: RowMemory) -> list[str]:
    return [proof.claim for proof in audit(folder, memory).proofs if proof.failed]


def facts(**changes: Any) -> Tamper:
    def tamper(folder: Path) -> None:
        said = json.loads((folder / "manifest.json").read_text())
        (folder / "manifest.json").write_text(json.dumps(said | changes))

    return tamper


def test_what_was_decided_by_the_stop_is_proven_in_its_home_and_away_from_it(stopped: Path, tmp_path: Path) -> None:
    away = shutil.copytree(stopped, tmp_path / "away" / stopped.name)
    for folder in (stopped, away):
        found = audit(folder)
        assert [proof for proof in found.proofs if proof.failed] == []
        assert "stopped by its contract (rows_enough): nothing is published" in found.stopped
        assert [gap for gap in found.unproven if "the run was stopped before" in gap]
        claims = {proof.claim: proof.checked for proof in found.proofs}
        assert claims["every near-duplicate has Jaccard ≥ its threshold with its witness"] > 0
        assert claims["no row set aside asks a reserved question"] > 10
        assert len(found.proofs) > 40


def test_it_holds_receipts_of_every_row_and_no_dataset(stopped: Path, curated: Path) -> None:
    ledger, whole = (pl.read_parquet(run / "receipts.parquet") for run in (stopped, curated))
    assert not (stopped / "dataset").exists()
    assert ledger["origin"].to_list() == whole["origin"].to_list()
    left = ledger.filter(pl.col("reason") == REASON)
    assert left["origin"].to_list() == whole.filter(pl.col("fate") == "kept")["origin"].to_list()
    assert ledger.filter(pl.col("reason") != REASON).equals(whole.filter(pl.col("fate") != "kept"))
    assert runs.manifest(stopped)["books"]["kept"] == 0
    moved = inspection.differences(curated, stopped).moved
    assert sum(move.rows for move in moved) == left.height
    assert {move.now for move in moved} == {"quarantined (validate: run_stopped)"}


@pytest.mark.parametrize(
    ("tamper", "claim"),
    [
        (facts(stopped=[]), BY),
        (facts(stopped="rows_enough"), BY),
        (facts(stopped=["rows_enough", "answer_not_empty"]), BY),
        (facts(stopped=["answer_not_empty"]), BY),
        (facts(reason="it was time"), BY),
        (facts(books={"in": 3, "kept": 3, "dropped": 0, "quarantined": 0}), BOOKS),
    ],
)
def test_another_account_of_the_stop_is_found(stopped: Path, tamper: Tamper, claim: str, memory: RowMemory) -> None:
    tamper(stopped)
    assert claim in failed(stopped, memory)


def test_a_dataset_beside_a_stop_is_found(stopped: Path, curated: Path, memory: RowMemory) -> None:
    shutil.copytree(curated / "dataset", stopped / "dataset")
    said = json.loads((stopped / "manifest.json").read_text())
    said["files"] |= {name: digest for name, digest in runs.manifest(curated)["files"].items() if "dataset/" in name}
    (stopped / "manifest.json").write_text(json.dumps(said))
    assert NOTHING in failed(stopped, memory)


def test_a_finished_run_can_not_pass_for_a_stopped_one(curated: Path, memory: RowMemory) -> None:
    facts(state="Stopped", stopped=["rows_enough"])(curated)
    assert {BY, NOTHING} <= set(failed(curated, memory))


def test_a_stopped_run_can_not_pass_for_a_finished_one(stopped: Path, curated: Path, memory: RowMemory) -> None:
    facts(state="Curated")(stopped)
    assert "the files that all other proofs need can be read" in failed(stopped, memory)
    shutil.copytree(curated / "dataset", stopped / "dataset")
    for part in ("train", "validation"):
        pl.read_parquet(stopped / "dataset" / f"{part}.parquet").clear().write_parquet(
            stopped / "dataset" / f"{part}.parquet"
        )
    assert NOT_TOLD in failed(stopped, memory)


@pytest.mark.parametrize(
    ("was", "said", "claim"),
    [("observed 42", "observed 41", TOLD), ("screen removed 2", "screen removed 3", LOSSES)],
)
def test_other_numbers_in_the_reason_are_found(
    stopped: Path, was: str, said: str, claim: str, memory: RowMemory
) -> None:
    reason = runs.manifest(stopped)["reason"]
    assert was in reason
    facts(reason=reason.replace(was, said))(stopped)
    assert claim in failed(stopped, memory)


@pytest.mark.parametrize("run", ["stopped", "curated"])
def test_a_result_that_the_rows_do_not_bear_out_is_found(
    run: str, memory: RowMemory, request: pytest.FixtureRequest
) -> None:
    folder = request.getfixturevalue(run)
    content = json.loads((folder / "contract.json").read_text())
    for one in content["rows"]["results"]:
        if one["expectation_config"]["meta"]["check"] == "rows_enough":
            one["success"], one["result"]["observed_value"] = run == "stopped", 7
    (folder / "contract.json").write_text(json.dumps(content))
    assert OBSERVED in failed(folder, memory)


def test_an_exam_that_was_never_sealed_is_neither_exported_nor_held_against_a_later_one(
    stopped: Path, tmp_path: Path, memory: RowMemory
) -> None:
    """A mended recipe seals another exam under the same name."""
    assert runs.manifest(stopped)["sealed"] is True, "the runs before it sealed this very exam"
    shutil.rmtree(stopped.parent.parent / "exams")
    facts(sealed=False)(stopped)
    with pytest.raises(NotExported, match="was stopped before its exam was sealed, .* came to its end"):
        export_exam(stopped, tmp_path / "harness")
    found = audit(stopped, memory)
    assert [gap for gap in found.unproven if "never sealed" in gap]
    assert not [gap for gap in found.unproven if "the one that was sealed" in gap]
    sealed = stopped.parent.parent / "exams" / "garden" / "exam.json"
    sealed.parent.mkdir(parents=True)
    sealed.write_text(json.dumps({"request": "x", "sealed": "2026-01-01", "digest": "another"}))
    assert failed(stopped, memory) == []


def test_a_run_that_a_stage_left_empty_tells_of_every_row_and_is_proven(emptied: Path, memory: RowMemory) -> None:
    told, ledger = runs.manifest(emptied), pl.read_parquet(emptied / "receipts.parquet")
    assert (told["state"], told["stopped"], told["books"]["kept"]) == ("Stopped", [], 0)
    assert f"stage “{told['stage']}”" in told["reason"]
    assert told["books"]["in"] == ledger.height > 0
    found = audit(emptied, memory)
    assert [proof for proof in found.proofs if proof.failed] == []
    assert f"at the stage “{told['stage']}”, which left no row" in found.stopped
    (life, *_) = inspection.lives(emptied, ledger["origin"][0])
    assert life.receipt["fate"] != "kept"
    assert inspection.differences(emptied, emptied).moved == []


def test_another_account_of_an_empty_stage_is_found(emptied: Path, memory: RowMemory) -> None:
    told = runs.manifest(emptied)
    later = {"ingest": "screen", "screen": "weigh", "weigh": "ingest"}[told["stage"]]
    facts(stage=later)(emptied)
    assert LAST in failed(emptied, memory)
    facts(stage=told["stage"], reason=told["reason"].replace("(", "(x"))(emptied)
    assert LAST in failed(emptied, memory)
