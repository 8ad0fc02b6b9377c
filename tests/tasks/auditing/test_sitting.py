"""An audit of a candidate that was asked until its verdict stood: what it had to be asked is found again."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
import yaml

from evals.items import SCORES
from evals.judging import judge
from evals.repairing import explained
from evals.sitting import Sitting
from evals.verdict import Skipped
from tasks import run_files, run_settings, store
from tasks.auditing import audit

SCORED = "base and candidate were scored on every item that the exam had to ask them, and on no other"
VERDICT = "the verdict is what the scores and the recipe's gate give"

ANSWERED = "every answer that is kept is one of base or candidate, to an item that it was asked"
TOLD = "the manifest tells how far the candidate was asked"


def failed(folder: Path) -> list[str]:
    return [proof.claim for proof in audit(folder).proofs if proof.failed]


def _scores(exam: pl.DataFrame, model: str, domain: float) -> pl.DataFrame:
    moved = pl.when(pl.col("role") == "domain").then(domain).otherwise(0.0)
    spread = 1 + pl.int_range(pl.len()) % 3 / 10
    rows = exam.select("suite", "role", "item", "cluster").with_columns(model=pl.lit(model), score=moved * spread - 9.0)
    return rows.cast(pl.Schema(SCORES))


@pytest.fixture
def stopped(judged: Path, repair: Callable[[Path], None]) -> Path:
    """The run that judged, as if its domain had lost, so that nothing else was asked."""
    exam, gate = run_files.exam(judged), run_settings.gate(judged)
    assert gate is not None
    others = exam.filter(role="retention")
    assert others["suite"].n_unique() == 1
    scores = pl.concat([_scores(exam, "base", 0.0), _scores(exam.filter(role="domain"), "candidate", -0.5)])
    left = Skipped(suite=others["suite"][0], role="retention", n=others.height)
    verdict = explained(judge(scores, gate, sitting=Sitting(skipped=(left,))), gate)
    assert verdict.decision == "REJECT"
    moved = pl.read_parquet(judged / "probe" / "divergence.parquet")
    known = scores.with_columns(pl.col("score").cast(pl.Float64))
    for side in ("base", "candidate"):
        told = known.filter(model=side).select("item", pl.col("score").alias(side))
        moved = moved.drop(side).join(told, on="item", how="left", maintain_order="left").select(moved.columns)
    store.write_parquet(
        judged / "probe" / "divergence.parquet", moved.with_columns(pl.col("candidate").fill_null(-9.0))
    )
    store.write_parquet(judged / "scores.parquet", scores)
    store.write_json(judged / "verdict.json", verdict.model_dump(mode="json"))
    answers = pl.read_parquet(judged / "answers.parquet")
    beside = others["item"].is_in(answers["item"].implode()) if answers.height else others["item"].is_null()
    kept = answers.filter(
        (pl.col("model") != "candidate") | ~pl.col("item").is_in(others.filter(beside)["item"].implode())
    )
    store.write_parquet(judged / "answers.parquet", kept)
    facts = json.loads((judged / "manifest.json").read_text())
    domain = exam.filter(role="domain").height
    facts["examined"] = {"asked": domain, "items": exam.height, "left": {left.suite: left.n}, "saved": None}
    (judged / "manifest.json").write_text(json.dumps(facts))
    repair(judged)
    return judged


def test_a_candidate_that_was_asked_no_further_is_proven(stopped: Path) -> None:
    assert not {SCORED, VERDICT, ANSWERED, TOLD} & set(failed(stopped))


def test_a_run_from_before_candidates_could_be_asked_a_part_was_asked_all(judged: Path) -> None:
    config = judged / "config.yaml"
    recipe = yaml.safe_load(config.read_text())
    del recipe["gate"]["examine"]
    config.write_text(yaml.safe_dump(recipe))
    old = json.loads((judged / "verdict.json").read_text())
    for key in ("examine", "looks"):
        del old["gate"][key]
    store.write_json(judged / "verdict.json", old)
    gate, verdict = run_settings.gate(judged), run_files.verdict(judged)
    assert gate is not None
    assert verdict is not None
    assert gate.examine == verdict.gate.examine == "whole"
    assert not {SCORED, VERDICT} & set(failed(judged))


def _kept_on(run: Path) -> None:
    """It was asked on, and that was left out of the verdict."""
    scores, exam = run_files.scores(run), run_files.exam(run)
    more = _scores(exam.filter(role="retention"), "candidate", 0.0)
    store.write_parquet(run / "scores.parquet", pl.concat([scores, more]))


def _better(run: Path) -> None:
    """Its domain gained, so that it had to be asked on."""
    better = pl.when(pl.col("model") == "candidate").then(-18.0 - pl.col("score")).otherwise("score")
    store.write_parquet(run / "scores.parquet", run_files.scores(run).with_columns(score=better))


def _unsaid(run: Path) -> None:
    """Nobody says that anything was left out."""
    verdict = run_files.verdict(run)
    assert verdict is not None
    store.write_json(run / "verdict.json", verdict.model_copy(update={"skipped": ()}).model_dump(mode="json"))


def _unexplained(run: Path) -> None:
    """Nobody says why no smaller scale was tried."""
    verdict = run_files.verdict(run)
    assert verdict is not None
    assert verdict.unrepaired is not None
    store.write_json(run / "verdict.json", verdict.model_copy(update={"unrepaired": None}).model_dump(mode="json"))


def _answered(run: Path) -> None:
    """It answered what it was not asked."""
    exam, answers = run_files.exam(run), pl.read_parquet(run / "answers.parquet")
    more = exam.filter(role="retention").head(1).select("item", model=pl.lit("candidate"), answer=pl.lit("Well."))
    store.write_parquet(run / "answers.parquet", pl.concat([answers, more.cast(answers.schema)]))


def _counted(run: Path) -> None:
    """It is said to have been asked more than it was."""
    facts = json.loads((run / "manifest.json").read_text())
    facts["examined"]["asked"] += 1
    (run / "manifest.json").write_text(json.dumps(facts))


@pytest.mark.parametrize(
    ("tamper", "claims"),
    [
        (_kept_on, {SCORED}),
        (_better, {SCORED, VERDICT, ANSWERED}),
        (_unsaid, {VERDICT, TOLD}),
        (_unexplained, {VERDICT}),
        (_answered, {ANSWERED}),
        (_counted, {TOLD}),
    ],
)
def test_lies_about_how_far_a_candidate_was_asked_are_found(
    stopped: Path, tmp_path: Path, repair: Callable[[Path], None], tamper: Callable[[Path], None], claims: set[str]
) -> None:
    run = stopped.parent / f"{stopped.name}-1"
    shutil.copytree(stopped, run)
    tamper(run)
    repair(run)
    assert claims == {SCORED, VERDICT, ANSWERED, TOLD} & set(failed(run))
