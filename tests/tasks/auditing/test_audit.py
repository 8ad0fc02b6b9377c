"""Damaged runs: the audit fails proofs that name the file, and goes on with what it can read."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
import yaml

from quality.auditing.audit import Proof
from quality.row_memory import RowMemory
from quality.screening.language import UnknownLanguage
from tasks import runs, store
from tasks.auditing import audit
from tasks.auditing.contract import prove_contract
from tasks.caching import library_digest

UNALTERED = "every file is the one the manifest names"


def failed(run: Path) -> list[Proof]:
    return [proof for proof in audit(run).proofs if proof.failed]


def told(proofs: list[Proof], file: Path) -> None:
    """Assert that the first says which file is another, and the others in a sentence that it can't be read."""
    assert (proofs[0].claim, proofs[0].examples) == (UNALTERED, (file.relative_to(_run_of(file)).as_posix(),))
    for proof in proofs[1:]:
        (sentence,) = proof.examples
        assert proof.claim.endswith("need can be read")
        assert str(file) in sentence
        assert sentence.endswith("Restore it from a copy of the run, or make the run again.")
        assert "\n" not in sentence


def _run_of(file: Path) -> Path:
    return next(folder for folder in file.parents if folder.parent.name == "runs")


@pytest.mark.parametrize(
    "name",
    [
        "receipts.parquet",
        "dataset/train.parquet",
        "dataset/validation.parquet",
        "removed.parquet",
        "reserve.parquet",
        "attributes/domain.parquet",
        "attributes/screen.parquet",
        "scores.parquet",
        "metrics.parquet",
    ],
)
def test_a_damaged_table_fails_the_proofs_that_need_it(judged: Path, name: str, damage: Callable[[Path], None]) -> None:
    damage(judged / name)
    found = failed(judged)
    told(found, judged / name)
    assert len(found) > 1


@pytest.mark.parametrize("column", ["id", "messages", "origin"])
def test_a_row_of_the_dataset_without_content_fails_the_audit(judged: Path, column: str) -> None:
    file = judged / "dataset" / "train.parquet"
    rows = pl.read_parquet(file)
    hollow = rows[:1].with_columns(pl.lit(None, rows.schema[column]).alias(column))
    store.write_parquet(file, pl.concat([rows, hollow]))
    told(failed(judged), file)


@pytest.mark.parametrize("content", [None, "curate: [", "curate: 3", "- a", "curate: {dedupe: {nonsense: 1}}"])
def test_without_the_recipe_nothing_else_can_be_proven(judged: Path, content: str | None) -> None:
    file = judged / "config.yaml"
    file.unlink() if content is None else file.write_text(content)
    unaltered, unread = audit(judged).proofs
    told([unaltered, unread], file)


@pytest.mark.parametrize(
    ("stage", "what"),
    [
        ("pairing", "prompts and answers"),
        ("decontaminate", "leaks"),
        ("budget", "the budget"),
        ("screen", "screening"),
        ("split", "the split"),
        ("personal", "edits"),
    ],
)
def test_a_stage_whose_settings_can_not_be_read_is_not_proven(judged: Path, stage: str, what: str) -> None:
    file = judged / "config.yaml"
    content = yaml.safe_load(file.read_text())
    content["curate"][stage] = {"nonsense": 1}
    file.write_text(yaml.safe_dump(content))
    assert f"the files that the proofs of {what} need can be read" in [proof.claim for proof in failed(judged)]


@pytest.mark.parametrize(("part", "what"), [("exam", "the manifest"), ("tune", "the training")])
def test_a_recipe_whose_exam_or_training_can_not_be_read_is_told_in_a_sentence(
    judged: Path, part: str, what: str
) -> None:
    file = judged / "config.yaml"
    file.write_text(yaml.safe_dump(yaml.safe_load(file.read_text()) | {part: {"nonsense": 1}}))
    examples = {proof.claim: proof.examples for proof in failed(judged)}
    (sentence,) = examples[f"the files that the proofs of {what} need can be read"]
    assert f"is not a recipe that this version reads ({part})" in sentence


@pytest.mark.parametrize("content", [None, "", '{"gain": {', "[]", '{"gain": null, "retention": []}'])
def test_a_damaged_verdict_fails_the_proofs_of_the_manifest(judged: Path, content: str | None) -> None:
    file = judged / "verdict.json"
    file.unlink() if content is None else file.write_text(content)
    told(failed(judged), file)


@pytest.mark.parametrize("content", ["", "{}", '{"files": ["removed.parquet"]}'])
def test_without_a_manifest_that_can_be_read_all_proofs_of_rows_are_still_made(judged: Path, content: str) -> None:
    (judged / "manifest.json").write_text(content)
    unaltered, *others = audit(judged).proofs
    assert (unaltered.claim, unaltered.failed) == (UNALTERED, 1)
    assert str(judged / "manifest.json") in unaltered.examples[0]
    assert len(others) > 30
    assert not [proof for proof in others if proof.failed]


def test_a_leak_that_was_kept_fails_the_audit(judged: Path) -> None:
    kept = pl.read_parquet(judged / "dataset" / "train.parquet").row(0, named=True)
    reserve = pl.read_parquet(judged / "reserve.parquet")
    more = pl.DataFrame({"item": ["x/1"], "question": [kept["messages"][0]["content"]], "answer": ["Perhaps."]})
    store.write_parquet(judged / "reserve.parquet", pl.concat([reserve, more]))
    examples = {proof.claim: proof.examples for proof in failed(judged)}
    assert examples["no row of the dataset asks a reserved question"] == (kept["origin"],)


def test_a_run_that_never_had_receipts_says_how_it_ended(home: Path) -> None:
    with runs.open_run("garden", "") as opened:
        opened.commit(state="Accepted", reason="examined alone", facts={})
    with pytest.raises(ValueError, match="has no receipts. It ended as Accepted: examined alone"):
        audit(opened.folder)


def test_what_a_later_version_adds_to_a_run_does_no_harm(judged: Path) -> None:
    facts = json.loads((judged / "manifest.json").read_text())
    (judged / "manifest.json").write_text(json.dumps(facts | {"more": 1}))
    file = judged / "receipts.parquet"
    store.write_parquet(file, pl.read_parquet(file).with_columns(more=pl.lit(1)))
    assert [proof.claim for proof in failed(judged)] == [UNALTERED]


def test_where_languages_can_not_be_told_the_other_scores_of_screening_are_proven(
    judged: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_: object) -> None:
        raise UnknownLanguage("py3langid is not installed.")

    file = judged / "config.yaml"
    content = yaml.safe_load(file.read_text())
    content["curate"]["screen"]["languages"] = ["en"]
    file.write_text(yaml.safe_dump(content))
    monkeypatch.setattr("quality.screening.measuring.language_shares", unknown)
    now, as_ingested = [proof for proof in audit(judged).proofs if "scores of screening" in proof.claim]
    assert not now.failed
    assert not as_ingested.failed
    assert now.claim.endswith(
        "(but for cut_off, gibberish, jumbled_words, placeholder, refusal, assistant_boilerplate, markup, fits_brief, "
        "languages)"
    )
    assert as_ingested.claim.endswith("as it was ingested (but for languages)")


def test_without_the_ingested_rows_what_screening_tells_by_all_rows_is_said_to_be_unproven(
    judged: Path, tmp_path: Path
) -> None:
    away = tmp_path / "away" / judged.name
    shutil.copytree(judged, away)
    told = "of any row, what screening tells by all of them as they were then: cut_off, "
    assert [line for line in audit(away).unproven if line.startswith(told)]
    assert not [line for line in audit(judged).unproven if line.startswith(told)]


def test_what_was_measured_before_makes_no_difference(judged: Path) -> None:
    memory, screened = RowMemory(), judged / "attributes" / "screen.parquet"
    assert audit(judged, memory) == audit(judged, memory) == audit(judged)
    pl.read_parquet(screened).with_columns(pl.col("words") + 1).write_parquet(screened)
    assert audit(judged, memory) == audit(judged)
    claim = "every row's scores of screening are those of its text"
    assert [proof for proof in audit(judged, memory).proofs if proof.failed and proof.claim.startswith(claim)]


def test_a_run_of_other_code_is_said_to_be_one(judged: Path) -> None:
    facts = json.loads((judged / "manifest.json").read_text())
    ours = library_digest()
    facts["digests"]["code"] = ours
    store.write_json(judged / "manifest.json", facts)
    assert audit(judged).other_code == ""
    facts["digests"]["code"] = "0" * 32
    store.write_json(judged / "manifest.json", facts)
    assert f"digest {'0' * 32}; here {ours}" in audit(judged).other_code


def test_a_run_from_before_a_check_of_the_contract_is_not_held_to_it(judged: Path) -> None:
    rows, receipts = (pl.read_parquet(judged / f"{name}.parquet") for name in ("dataset/train", "receipts"))
    held = json.loads((judged / "contract.json").read_text())
    pool = held["pool"]["results"]
    kept = [one for one in pool if one["expectation_config"]["meta"]["check"] != "share_unread"]
    assert len(kept) == len(pool) - 1
    held["pool"]["results"] = kept
    (judged / "contract.json").write_text(json.dumps(held))
    assert not prove_contract(judged, rows, receipts)[0].failed, "its recipe names no such bound"
    recipe = yaml.safe_load((judged / "config.yaml").read_text())
    recipe["curate"]["contract"]["max_share_unread"] = 0.2
    (judged / "config.yaml").write_text(yaml.safe_dump(recipe))
    assert prove_contract(judged, rows, receipts)[0].examples == ("pool: share_unread",)
