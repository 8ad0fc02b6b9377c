"""Honest runs are proven; a lie in the manifest, a file more or less, and books that don't add up are found."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tasks.auditing import audit
from tasks.auditing.folder import manifest_digest

Tamper = Callable[[Path], object]


def failed(folder: Path) -> list[str]:
    return [proof.claim for proof in audit(folder).proofs if proof.failed]


def test_honest_runs_are_proven_in_their_home_and_away_from_it(judged: Path, curated: Path, tmp_path: Path) -> None:
    for run in (judged, curated):
        shutil.copytree(run, tmp_path / "away" / run.name)
        here, away = audit(run), audit(tmp_path / "away" / run.name)
        assert not [proof for proof in here.proofs + away.proofs if proof.failed]
        assert {proof.claim for proof in here.proofs} - {proof.claim for proof in away.proofs} == {
            AS_INGESTED,
            INGESTED,
            SEALED,
            REWRITTEN,
        }
        assert here.manifest == away.manifest == manifest_digest(run)
    assert min(len(audit(run).proofs) for run in (judged, curated)) >= 48


def facts(**changes: Any) -> Tamper:
    """Change the manifest; a mapping's keys are changed one by one."""

    def tamper(folder: Path) -> None:
        said = json.loads((folder / "manifest.json").read_text())
        for key, value in changes.items():
            said[key] = said[key] | value if isinstance(value, dict) else value
        (folder / "manifest.json").write_text(json.dumps(said))

    return tamper


def unlist(name: str) -> Tamper:
    def tamper(folder: Path) -> None:
        said = json.loads((folder / "manifest.json").read_text())
        del said["files"][name]
        (folder / "manifest.json").write_text(json.dumps(said))

    return tamper


BOOKS = "the manifest's books are its receipts, added up"
ENDING = "state and reason are those that the books or the verdict lead to"
DIGESTS = "the manifest's digests of dataset, exam, configuration, adapter and outcome are those of the files"
LISTED = "the folder holds no file that the manifest does not name"
WHOLE = "the manifest names every file that such a run leaves"
NAMED = "the run is named for its recipe and its start"
UNALTERED = "every file is the one the manifest names"
CARD = "the dataset's card says what receipts and dataset add up to"
AS_INGESTED = "every row's scores of screening are those of its text as it was ingested"
INGESTED = (
    "the receipts are those of the rows that were ingested, of all of them, in their order, and none reads otherwise "
    "without the receipt of an edit"
)
REWRITTEN = "every edited row reads as the recipe's edits of what was ingested"
SEALED = "what was asked, and what the rows were kept clear of, is the exam that was sealed in this home"


@pytest.mark.parametrize(
    ("tamper", "claim"),
    [
        (facts(books={"dropped": 1}), BOOKS),
        (facts(books={"in": 3}), BOOKS),
        (facts(state="Rejected"), ENDING),
        (facts(state="Curated"), ENDING),
        (facts(state="Unchanged"), ENDING),
        (facts(state="Failed", reason="the disk is full"), ENDING),
        (facts(reason="better"), ENDING),
        (facts(decision="REJECT"), ENDING),
        (facts(digests={"train": "0" * 32}), DIGESTS),
        (facts(digests={"validation": "0" * 32}), DIGESTS),
        (facts(digests={"exam": "0" * 32}), DIGESTS),
        (facts(digests={"adapter": "0" * 32}), DIGESTS),
        (facts(digests={"scores": "0" * 32}), DIGESTS),
        (facts(digests={"config": "0" * 32}), DIGESTS),
        (facts(outcome="0" * 32), DIGESTS),
        (facts(name="other"), NAMED),
        (facts(started="2026-01-01T00:00:00+00:00"), NAMED),
        (facts(run="20260101-000000-garden"), NAMED),
        (unlist("receipts.parquet"), LISTED),
        (unlist("attributes/screen.parquet"), WHOLE),
        (facts(files={"../../../x": "0" * 32}), UNALTERED),
        (lambda run: shutil.copy(run / "dataset" / "train.parquet", run / "dataset" / "train-more.parquet"), LISTED),
        (lambda run: (run / "dataset" / "more").symlink_to(run.parent, target_is_directory=True), LISTED),
        (lambda run: (run / "dataset" / ".lock").write_text(""), LISTED),
    ],
)
def test_a_lie_in_the_manifest_or_a_file_beside_it_is_found(judged: Path, tamper: Tamper, claim: str) -> None:
    tamper(judged)
    assert claim in failed(judged)


def test_a_run_that_judged_nothing_can_not_claim_to_be_accepted(curated: Path) -> None:
    facts(state="Accepted", decision="SHIP")(curated)
    assert failed(curated) == [ENDING]


def test_unchanged_is_believed_only_where_the_run_it_names_decided_the_same(judged: Path) -> None:
    earlier = judged.parent / "20260101-000000-garden"
    said = json.loads((judged / "manifest.json").read_text())
    told = f"training set, exam and settings are those of {earlier.name} ({said['decision']}: {said['reason']})"
    facts(state="Unchanged", reason=told)(judged)
    assert failed(judged) == []  # that run is not there any more
    shutil.copytree(judged, earlier)
    assert failed(judged) == []
    facts(outcome="0" * 32)(earlier)
    assert failed(judged) == [ENDING]


@pytest.mark.parametrize("reason", ["broken_json", "conflict"])
def test_books_of_a_ledger_that_lost_a_receipt_do_not_add_up(
    curated: Path, repair: Callable[..., None], reason: str
) -> None:
    file = curated / "receipts.parquet"
    ledger = pl.read_parquet(file)
    first = ledger.filter(pl.col("reason") == reason)["origin"][0]
    ledger.filter(pl.col("origin") != first).write_parquet(file)
    repair(curated, digests_alone=True)
    assert {BOOKS, ENDING, CARD} <= set(failed(curated))


def test_a_dataset_card_that_tells_other_figures_is_found(curated: Path, repair: Callable[..., None]) -> None:
    file = curated / "dataset" / "README.md"
    file.write_text(file.read_text().replace("| train |", "| train, of the best |"))
    repair(curated, digests_alone=True)
    assert failed(curated) == [CARD]


def test_what_can_not_be_compared_is_told_as_not_proven(judged: Path, tmp_path: Path) -> None:
    facts(digests={"pool": "0" * 32})(judged)
    assert [
        gap
        for gap in audit(judged).unproven
        if "no row of the sources lacks a receipt, and none reads otherwise" in gap
    ]
    told = " ".join(audit(judged).unproven)
    for gap in ("domain (they take the embedder)", "perplexity", "scores of both models", "the manifest itself"):
        assert gap in told


def test_files_that_no_proof_looks_into_are_listed(judged: Path) -> None:
    (judged / "notes.txt").write_text("the best run so far")
    (judged / "data_docs" / "static").mkdir(parents=True)
    (judged / "data_docs" / "static" / "page.html").write_text("<p>")
    told = [gap.removesuffix(", beyond its digest") for gap in audit(judged).unproven if gap.endswith("its digest")]
    assert told == [
        "attributes/decontaminated.parquet",
        "attributes/domain_facts.parquet",
        "attributes/meaning_facts.parquet",
        "attributes/unsure.parquet",
        "data_docs",
        "notes.txt",
        "report.html",
    ]


def test_scores_that_cost_no_row_its_place_are_told_as_not_proven_either(judged: Path) -> None:
    file = judged / "receipts.parquet"
    pl.read_parquet(file).filter(pl.col("stage") != "weigh").write_parquet(file)
    assert [gap for gap in audit(judged).unproven if gap.startswith("perplexity and IFD")]


def test_where_no_exam_of_the_name_is_sealed_that_is_told_as_not_proven(judged: Path) -> None:
    shutil.rmtree(judged.parent.parent / "exams")
    found = audit(judged)
    assert not [proof for proof in found.proofs if proof.failed]
    assert [gap for gap in found.unproven if "that the exam is the one that was sealed" in gap]


def test_models_and_code_are_told_by_digest_and_a_run_from_before_has_them_as_a_gap(judged: Path) -> None:
    unnamed = "which base model, embedder, code of winnow the run went by (its manifest names no digest)"
    assert unnamed in audit(judged).unproven
    facts(digests={"base": "0" * 32, "embedder": "1" * 32, "code": "2" * 32})(judged)
    found = audit(judged)
    assert not [proof for proof in found.proofs if proof.failed]  # none of them makes another outcome
    assert unnamed not in found.unproven
    said = json.loads((judged / "manifest.json").read_text())
    del said["digests"]["config"]
    (judged / "manifest.json").write_text(json.dumps(said))
    assert failed(judged) == []
