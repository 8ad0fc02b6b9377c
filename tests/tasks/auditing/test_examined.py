"""A run that examined an adapter trained elsewhere: what it has is proven, and what nobody saw is told."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from evals.items import ITEMS
from tasks import exams, run_files, run_settings, runs, store
from tasks.auditing import audit
from tasks.auditing.gaps import gaps_alone
from tasks.examine import Scores
from tasks.publish import publish_verdict

Tamper = Callable[[Path], object]


@pytest.fixture
def alone(judged: Path) -> Path:
    """The adapter of the run that judged, examined once more as if it came from elsewhere."""
    scores, verdict = run_files.scores(judged), run_files.verdict(judged)
    tables = [store.write_table(scores.filter(model=model)) for model in ("base", "candidate")]
    frames = (run_files.exam(judged), pl.DataFrame(schema={"id": pl.String}), run_files.reserve(judged))
    sealed = exams.hold("garden", run_settings.exam_settings(judged), (), exams.Draw(*frames))
    adapter = store.Folder(path="", digest=runs.digests(runs.manifest(judged))["adapter"])
    assert verdict is not None
    answers = store.write_table(
        pl.DataFrame(schema={"item": pl.String, "prompt": ITEMS["prompt"], "target": pl.String, "answer": pl.String})
    )
    before, after = (Scores(scores=table, answers=answers) for table in tables)
    with runs.open_run("garden", (judged / "config.yaml").read_text()) as run:
        publish_verdict.fn(run, sealed, before, after, verdict, adapter, "/an/adapter")
    return run.folder


def failed(folder: Path) -> list[str]:
    return [proof.claim for proof in audit(folder).proofs if proof.failed]


def repaired(folder: Path) -> None:
    facts = json.loads((folder / "manifest.json").read_text())
    facts["files"] = {name: store.file_digest(folder / name) for name in facts["files"]}
    (folder / "manifest.json").write_text(json.dumps(facts))


def test_what_such_a_run_has_is_proven_and_the_rest_is_told(alone: Path, judged: Path, tmp_path: Path) -> None:
    shutil.copytree(alone, tmp_path / "away" / alone.name)
    here, away = audit(alone), audit(tmp_path / "away" / alone.name)
    assert not [proof for proof in here.proofs + away.proofs if proof.failed]
    assert len(here.proofs) == len(away.proofs) + 1 >= 14
    digest = runs.digests(runs.manifest(judged))["adapter"]
    told = " ".join(here.unproven)
    assert "/an/adapter" in told
    assert digest in told
    assert "no row of it was seen" in told
    assert "was sealed" in " ".join(away.unproven)


@pytest.mark.parametrize(("kind", "told"), [("lm-eval", 1), ("text", 0)])
def test_what_a_metric_of_lm_eval_may_give_is_told_to_be_unproven(tmp_path: Path, kind: str, told: int) -> None:
    pl.DataFrame({"kind": [kind]}).write_parquet(tmp_path / "exam.parquet")
    found = gaps_alone(tmp_path, {"adapter": "/an/adapter"}, [])
    assert len([gap for gap in found if "suites that lm-eval scores" in gap]) == told


def table(name: str, change: Callable[[pl.DataFrame], pl.DataFrame]) -> Tamper:
    return lambda run: change(pl.read_parquet(run / name)).write_parquet(run / name)


def says(name: str, /, **values: object) -> Tamper:
    return lambda run: (run / name).write_text(json.dumps(json.loads((run / name).read_text()) | values))


@pytest.mark.parametrize(
    ("tamper", "claim"),
    [
        (says("manifest.json", state="Rejected"), "state and reason are those"),
        (says("manifest.json", name="other"), "the run is named"),
        (says("manifest.json", digests={"exam": "0" * 32}), "the manifest's digests of the exam"),
        (says("verdict.json", decision="REJECT"), "the verdict is what the scores"),
        (table("scores.parquet", lambda scores: scores[1:]), "base and candidate were scored on every item"),
        (table("exam.parquet", lambda exam: exam.filter(suite="garden")), "the exam holds the suites"),
        (table("reserve.parquet", lambda reserve: reserve[1:]), "every item of the exam is in the reserve"),
        (table("reserve.parquet", lambda reserve: reserve[::-1]), "what was asked, and what the rows were kept"),
        (lambda run: (run / "scores.parquet").write_text("x"), "the files that the proofs of the verdict need"),
        (lambda run: (run / "more.txt").write_text("x"), "the folder holds no file"),
    ],
)
def test_what_is_changed_in_it_is_found(alone: Path, tamper: Tamper, claim: str) -> None:
    tamper(alone)
    repaired(alone)
    assert [told for told in failed(alone) if told.startswith(claim)], failed(alone)


def test_a_run_stripped_of_what_it_curated_is_none_that_examined_alone(judged: Path) -> None:
    (judged / "receipts.parquet").unlink()
    facts = json.loads((judged / "manifest.json").read_text()) | {"adapter": "/an/adapter"}
    del facts["files"]["receipts.parquet"]
    (judged / "manifest.json").write_text(json.dumps(facts))
    assert [told for told in failed(judged) if told.endswith("which examined an adapter, and no other")]


def test_one_from_before_such_runs_kept_their_exam_says_what_it_is(alone: Path) -> None:
    facts = json.loads((alone / "manifest.json").read_text())
    del facts["adapter"]
    (alone / "manifest.json").write_text(json.dumps(facts))
    with pytest.raises(ValueError, match="It examined an adapter that was trained elsewhere, and curated no row"):
        audit(alone)
