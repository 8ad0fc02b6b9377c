"""A run that was judged beside a champion: the ledger and the champion's own run prove what it says of it."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from evals.champion import Predecessor, judge
from evals.verdict import Verdict
from tasks import champions, exams, run_files, run_settings, runs, store
from tasks.auditing import audit
from tasks.champions import Entry
from tasks.examine import Scores
from tasks.examine_champion import Examined
from tasks.publish import publish_verdict

CHAMPION = "the verdict is found beside the champion of that time"
BASE, OTHER = "0" * 32, "f" * 32


def promoted(run: Path, adapter: str, when: str, base: str = BASE) -> None:
    entry = Entry(
        action="promoted", run=run.name, adapter=adapter, path=f"runs/{run.name}/adapter", base="package:a_base",
        base_content=base, exam=runs.digests(runs.manifest(run))["exam"], decision="SHIP", when=when, why="so",
    )  # fmt: skip
    with champions.locked():
        champions.write("garden", (*champions.history("garden"), entry))


@pytest.fixture
def beside(judged: Path) -> Path:
    """Another adapter than the champion's, which is that of the run that judged; it was examined from a folder."""
    scores, gate = run_files.scores(judged), run_settings.gate(judged)
    base, champion = (scores.filter(model=model) for model in ("base", "candidate"))
    candidate = champion.with_columns(score=pl.col("score") + 0.01 * (pl.int_range(pl.len()) % 3 + 1))
    tables = [store.write_table(rows) for rows in (base, candidate)]
    asked = run_files.exam(judged).select("item", "prompt", "target")
    said = run_files.answers(judged).join(asked, on="item", maintain_order="left")
    answers = (said.filter(model=model).drop("model") for model in ("base", "candidate"))
    kept = [store.write_table(rows) for rows in answers]
    before, after = (Scores(scores=table, answers=rows) for table, rows in zip(tables, kept, strict=True))
    promoted(judged, runs.digests(runs.manifest(judged))["adapter"], "2026-01-01T00:00:00Z")
    known = Predecessor(model="champion", run=judged.name, taken=True)
    rows = champion.with_columns(model=pl.lit("champion"))
    verdict = judge(pl.concat([base, candidate, rows]), gate, predecessors=[known])
    frames = (run_files.exam(judged), pl.DataFrame(schema={"id": pl.String}), run_files.reserve(judged))
    sealed = exams.hold("garden", run_settings.exam_settings(judged), (), exams.Draw(*frames))
    with runs.open_run("garden", (judged / "config.yaml").read_text()) as run:
        runs.pin(base=BASE)
        earlier = (Examined(scores=store.write_table(rows), **known.model_dump()),)
        adapter = store.Folder(path="", digest="e" * 32)
        publish_verdict.fn(run, sealed, before, after, verdict, adapter, "/an/adapter", earlier)
    return run.folder


def failed(folder: Path) -> list[str]:
    return [proof.claim for proof in audit(folder).proofs if proof.failed]


def rewritten(run: Path, scores: Callable[[pl.DataFrame], pl.DataFrame], champion: str | None = "") -> None:
    """Rewrite the scores, and verdict and manifest in line with them; `champion` is whom the verdict names."""
    changed = scores(run_files.scores(run))
    known = run_files.verdict(run).champion.run if champion == "" else champion
    predecessors = [] if known is None else [Predecessor(model="champion", run=known, taken=True)]
    verdict = judge(changed, run_settings.gate(run), predecessors=predecessors)
    unexamined = run_files.verdict(run).unexamined
    store.write_parquet(run / "scores.parquet", changed)
    says(run, verdict.model_copy(update={"unexamined": unexamined}))


def says(run: Path, verdict: Verdict) -> None:
    store.write_json(run / "verdict.json", verdict.model_dump(mode="json"))
    facts = json.loads((run / "manifest.json").read_text())
    facts |= {"decision": verdict.decision, "reason": verdict.reason}
    facts["state"] = {"SHIP": "Accepted", "REJECT": "Rejected", "INCONCLUSIVE": "Inconclusive"}[verdict.decision]
    facts["files"] = {name: store.file_digest(run / name) for name in facts["files"]}
    store.write_json(run / "manifest.json", facts)


def test_the_comparison_is_proven_from_ledger_and_champions_run(beside: Path, tmp_path: Path) -> None:
    proofs = audit(beside).proofs
    assert not [proof for proof in proofs if proof.failed]
    told = " ".join(proof.claim for proof in proofs)
    assert CHAMPION in told
    assert "the scores of the champion are those of its run" in told
    assert "base, candidate and what came before were scored on every item" in told
    away = tmp_path / "away" / beside.name
    shutil.copytree(beside, away)
    assert CHAMPION not in " ".join(proof.claim for proof in audit(away).proofs)
    assert "that the champion was the one in use then" in " ".join(audit(away).unproven)


def test_a_champion_made_worse_is_found_though_verdict_and_manifest_fit(beside: Path) -> None:
    worse = pl.when(pl.col("model") == "champion").then(pl.col("score") - 0.2).otherwise("score").alias("score")
    rewritten(beside, lambda scores: scores.with_columns(worse))
    assert failed(beside) == ["the scores of the champion are those of its run"]


def test_a_champion_left_out_is_found_though_verdict_and_manifest_fit(beside: Path) -> None:
    rewritten(beside, lambda scores: scores.filter(pl.col("model") != "champion"), champion=None)
    assert [claim for claim in failed(beside) if claim.startswith(CHAMPION)]
    assert len(failed(beside)) == 1


def test_rows_of_the_champion_alone_are_found_lacking(beside: Path) -> None:
    verdict = run_files.verdict(beside)
    table = run_files.scores(beside)
    store.write_parquet(
        beside / "scores.parquet", table.filter((pl.col("model") != "champion") | (pl.col("suite") != "prose"))
    )
    says(beside, verdict)
    assert [claim for claim in failed(beside) if claim.startswith("base, candidate and what came before")]


def test_a_verdict_found_beside_another_champion_than_that_of_the_time_is_found(beside: Path, judged: Path) -> None:
    promoted(judged, OTHER, "2126-01-01T00:00:00Z")  # later: nothing to this run
    assert not failed(beside)
    rewritten(beside, lambda scores: scores, champion="20200101-000000-garden")
    assert [claim for claim in failed(beside) if claim.startswith(CHAMPION)]


def test_an_original_base_that_was_not_compared_is_found(beside: Path) -> None:
    file = store.home() / "champions" / "garden.json"
    ledger = json.loads(file.read_text())
    ledger["entries"][0]["base_content"] = OTHER
    file.write_text(json.dumps(ledger))
    assert [claim for claim in failed(beside) if claim.startswith(CHAMPION)]
