"""Publishing the data half: receipts of every row, the files others build on, and nothing from a preview."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import polars as pl
import pytest

from evals.items import SCORES
from evals.judging import judge
from evals.repairing import explained
from evals.unrepaired import ELSEWHERE
from quality.receipts import UnbalancedBooks
from tasks import cards, runs, store
from tasks.examine import Scores
from tasks.exams import SealedExam
from tasks.pool import Pool
from tasks.publish import publish, publish_verdict, write_receipts
from tasks.sealed_suites import asked_digest
from tasks.split import Data
from tasks.validate import Validation


class Ready(NamedTuple):
    """What publish is given."""

    pool: Pool
    data: Data
    contract: Validation
    exam: SealedExam


@pytest.fixture
def ready(pool_of: Callable[..., Pool], noise: Callable[[int], str]) -> Ready:
    """Six rows, of which two were removed, three are trained on and one validates; a seventh could not be read."""
    pool = pool_of([(noise(5), noise(20)) for _ in range(6)], removed=[1, 4], unread=1)
    left = pool.left().select("id", "messages", "source", "origin")
    shape = {"role": "domain", "kind": "completion", "cluster": "c", "target": "said"}
    items, drawn = (store.write_table(pl.DataFrame({"item": [item], "suite": "x", **shape})) for item in ("x/1", "x/2"))
    evidence = store.write_folder("contracts", lambda folder: store.write_json(folder / "contract.json", {"rows": 1}))
    return Ready(
        pool,
        Data(train=store.write_table(left[:3]), validation=store.write_table(left[3:])),
        Validation(failures=(), checked=1, evidence=evidence),
        SealedExam(name="x", digest="exam's digest", items=items, drawn=drawn, reserve=drawn, request="asked"),
    )


def test_every_row_has_its_receipt_with_the_part_of_the_dataset_it_went_to(ready: Ready) -> None:
    ledger = write_receipts(ready.pool, ready.data)
    assert ledger.select("origin", "fate", "reason").rows() == [
        ("rows.jsonl:1", "kept", "train"),
        ("rows.jsonl:2", "dropped", "short_answer"),
        ("rows.jsonl:3", "kept", "train"),
        ("rows.jsonl:4", "kept", "train"),
        ("rows.jsonl:5", "dropped", "short_answer"),
        ("rows.jsonl:6", "kept", "validation"),
        ("rows.jsonl:7", "quarantined", "broken_json"),
    ]


def test_a_row_that_the_split_lost_stops_the_run(ready: Ready) -> None:
    with pytest.raises(UnbalancedBooks, match=r"1 ingested rows have no fate.*rows.jsonl:6"):
        write_receipts(ready.pool, ready.data.model_copy(update={"validation": store.write_table(_none(ready))}))


def test_a_row_on_both_sides_of_the_split_stops_the_run(ready: Ready) -> None:
    with pytest.raises(UnbalancedBooks, match="3 rows have more than one fate"):
        write_receipts(ready.pool, Data(train=ready.data.train, validation=_both(ready)))


def _none(ready: Ready) -> pl.DataFrame:
    return store.read_table(ready.data.validation).clear()


def _both(ready: Ready) -> store.Table:
    return store.write_table(pl.concat([store.read_table(part) for part in (ready.data.train, ready.data.validation)]))


def test_the_run_holds_what_was_kept_what_was_removed_the_exam_and_the_evidence(home: Path, ready: Ready) -> None:
    with runs.open_run("x", "name: x") as run:
        ended = publish.fn(run, *ready)
    assert (ended.state, ended.run) == ("Curated", run.folder.name)
    assert json.loads((home / "exams" / "x" / "exam.json").read_text())["request"] == "asked", "used, and so sealed"
    assert ended.reason == "7 rows in: 4 kept, 2 dropped, 1 quarantined"
    read = {path.stem: pl.read_parquet(path) for path in run.folder.rglob("*.parquet")}
    assert read["train"].equals(store.read_table(ready.data.train))
    assert read["validation"].equals(store.read_table(ready.data.validation))
    assert read["removed"].columns == ["id", "messages", "source", "origin"]
    assert read["removed"]["origin"].to_list() == ["rows.jsonl:2", "rows.jsonl:5"]
    assert read["exam"].equals(store.read_table(ready.exam.items))
    assert read["receipts"].equals(write_receipts(ready.pool, ready.data))
    assert json.loads((run.folder / "contract.json").read_text()) == {"rows": 1}
    manifest = runs.manifest(run.folder)
    assert manifest["files"]["dataset/train.parquet"] == ready.data.train.digest
    assert manifest["state"] == "Curated"
    page = (run.folder / "report.html").read_text()
    assert "4 of 7 rows are the training set" in page
    assert f"winnow curate runs/{run.folder.name}/config.yaml" in page
    assert manifest["books"] == {"in": 7, "kept": 4, "dropped": 2, "quarantined": 1}
    assert manifest["digests"] == {
        "pool": ready.pool.records.digest,
        "unread": ready.pool.quarantined.digest,
        "train": ready.data.train.digest,
        "validation": ready.data.validation.digest,
        "exam": "exam's digest",
        "asked": asked_digest(()),
        "config": manifest["files"]["config.yaml"],
    }


def test_documents_of_rows_are_published_where_any_is_known(
    home: Path, ready: Ready, pool_of: Callable[..., Pool], noise: Callable[[int], str]
) -> None:
    pool = pool_of([(noise(5), noise(20)) for _ in range(3)], groups=["a", None, "a"])
    data = Data(train=store.write_table(_kept(pool)[:2]), validation=store.write_table(_kept(pool)[2:]))
    for name, given in (("x", ready), ("y", ready._replace(pool=pool, data=data))):
        with runs.open_run(name, f"name: {name}") as run:
            publish.fn(run, *given)
        file = run.folder / "attributes" / "documents.parquet"
        assert file.exists() == (name == "y")
    assert pl.read_parquet(file).select("origin", "group").rows() == [("rows.jsonl:1", "a"), ("rows.jsonl:3", "a")]


def _kept(pool: Pool) -> pl.DataFrame:
    return pool.left().select("id", "messages", "source", "origin")


def test_a_preview_says_the_same_and_writes_nothing(home: Path, ready: Ready) -> None:
    with runs.open_run("x", "name: x") as run:
        ended = publish.fn(run, *ready, preview=True)
        assert [path.name for path in run.folder.iterdir() if path.suffix] == ["config.yaml"]
    assert (ended.state, ended.run) == ("Previewed", None)
    assert ended.reason == "7 rows in: 4 kept, 2 dropped, 1 quarantined"
    assert not run.folder.exists()
    assert not (home / "exams").exists()


def _scores(model: str, scores: list[float]) -> pl.DataFrame:
    lines = [("answers", "domain", f"answers/{n}", f"c{n}", model, score) for n, score in enumerate(scores)]
    return pl.DataFrame(lines, schema=SCORES, orient="row")


@pytest.mark.parametrize(
    ("gains", "decision", "state"),
    [
        ([0.3, 0.4], "SHIP", "Accepted"),
        ([-0.3, -0.4], "REJECT", "Rejected"),
        ([0.3, -0.4], "INCONCLUSIVE", "Inconclusive"),
    ],
)
def test_a_verdict_is_published_with_the_scores_of_both_models(
    home: Path, ready: Ready, gains: list[float], decision: str, state: str
) -> None:
    base, after = [-2.0] * 10, [-2.0 + gain for gain in gains * 5]
    tables = [store.write_table(_scores(*part)) for part in (("base", base), ("candidate", after))]
    said = pl.DataFrame(
        {"item": ["a"], "prompt": [[{"role": "user", "content": "Is it?"}]], "target": ["No."], "answer": ["Yes."]}
    )
    answers = store.write_table(said)
    before, candidate = (Scores(scores=table, answers=answers) for table in tables)
    verdict = judge(pl.concat([store.read_table(table) for table in tables]))
    with runs.open_run("x", "name: x") as run:
        adapter = store.Folder(path="store/adapters/a", digest="adapter's digest")
        ended = publish_verdict.fn(run, ready.exam, before, candidate, verdict, adapter, "/elsewhere/an adapter")
    assert (ended.state, ended.decision, ended.reason) == (state, decision, verdict.reason)
    scores = pl.read_parquet(run.folder / "scores.parquet")
    assert scores.select("model", "score").rows() == [*(("base", s) for s in base), *(("candidate", s) for s in after)]
    said = pl.read_parquet(run.folder / "answers.parquet").rows()
    assert said == [("a", "base", "Yes."), ("a", "candidate", "Yes.")]
    told = explained(verdict, verdict.gate, ELSEWHERE)
    assert (told.unrepaired is None) == (decision == "SHIP")
    assert json.loads((run.folder / "verdict.json").read_text()) == told.model_dump(mode="json")
    page = " ".join((run.folder / "report.html").read_text().split())
    assert ("No repair was tried, because answers " in page) == (decision != "SHIP")
    manifest = runs.manifest(run.folder)
    assert (manifest["state"], manifest["decision"]) == (state, decision)
    assert manifest["adapter"] == "/elsewhere/an adapter"
    assert manifest["digests"] == {
        "exam": "exam's digest",
        "asked": asked_digest(()),
        "adapter": "adapter's digest",
        "scores": store.value_digest([before, candidate]),
        "config": manifest["files"]["config.yaml"],
    }


def test_the_run_page_tells_where_the_rows_went(home: Path, ready: Ready, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: dict[str, tuple[list[dict[str, object]], str]] = {}
    monkeypatch.setattr(cards, "table", lambda key, rows, description: shown.update({key: (rows, description)}))
    with runs.open_run("x", "name: x") as run:
        publish.fn(run, *ready, preview=True)
    rows, description = shown["books"]
    assert sum(int(str(row["rows"])) for row in rows) == 7
    assert {"stage": "ingest", "fate": "quarantined", "reason": "broken_json", "rows": 1} in rows
    assert description == "Where the rows went. 7 rows in: 4 kept, 2 dropped, 1 quarantined"
