"""A candidate is asked until its verdict stands, each part once, with a model that is loaded once."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from prefect import flow
from prefect.settings import PREFECT_LOCAL_STORAGE_PATH, temporary_settings

from evals import exam as examination
from evals.items import ANSWERS, ITEMS, SCORES
from evals.sitting import Sitting
from evals.verdict import Gate
from tasks import cards, exams, pace, store
from tasks import examine as examining
from tasks.examine import Scores, examine
from tasks.examine_candidate import examine_candidate
from tasks.judge import judge
from tasks.models import ModelFiles

MOVED = {"garden": 0.2, "news": -0.05, "poems": -0.3, "quiz": 0.0}
BASE = ModelFiles(reference="b", folder="/nowhere", content="basis")


class Asked:
    """Stands for models and scorer: which suites of which model were asked, and how often one was loaded."""

    def __init__(self, moved: Mapping[str, float]) -> None:
        self.moved, self.parts, self.loads = moved, list[tuple[str, str]](), 0

    def sit(self, model: Any, tokenizer: Any, items: pl.DataFrame, *, model_name: str, **_: Any) -> examination.Sat:
        self.parts += [(model_name, suite) for suite in items["suite"].unique(maintain_order=True)]
        by = 0.0 if model_name == "base" else 1.0
        scores = items.with_columns(
            model=pl.lit(model_name),
            score=pl.Series(
                [
                    -1.0 + by * (self.moved[suite] + np.random.default_rng(int(cluster)).normal(scale=0.02))
                    for suite, cluster in items.select("suite", "cluster").iter_rows()
                ]
            ),
        )
        return examination.Sat(scores.select(SCORES.keys()), pl.DataFrame(schema=ANSWERS))

    def load(self, *_: Any, **__: Any) -> tuple[None, None]:
        self.loads += 1
        return None, None


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    one = Asked(MOVED)
    monkeypatch.setattr(examination, "sit", one.sit)
    monkeypatch.setattr(examination, "answers", lambda *given, **_: ["Yes."] * len(given[2]))
    monkeypatch.setattr(examining, "load", one.load)
    monkeypatch.setattr(examining, "ready", lambda model: model)
    return one


@pytest.fixture
def sealed(home: Path) -> exams.SealedExam:
    rows = [
        (suite, "domain" if suite == "garden" else "retention", "completion", f"{suite}/{n}", str(1000 * k + n),
         [{"role": "user", "content": "What?"}], word * 9, [], 0)
        for k, (suite, word) in enumerate([("garden", "a"), ("quiz", "aaaa"), ("poems", "aaa"), ("news", "aa")])
        for n in range(40)
    ]  # fmt: skip
    items, empty = pl.DataFrame(rows, ITEMS, orient="row"), pl.DataFrame(schema={"item": pl.String})
    return exams.hold("garden", exams.Exam(), (), exams.Draw(items, empty, empty, items.clear()))


@pytest.fixture
def adapter(home: Path) -> store.Folder:
    return store.write_folder("adapters", lambda folder: (folder / "adapter_model.safetensors").write_bytes(b"x"))


@pytest.fixture(autouse=True)
def remembered(tmp_path: Path, prefect_server: None) -> Iterator[None]:
    with temporary_settings({PREFECT_LOCAL_STORAGE_PATH: str(tmp_path / "results")}):
        yield


def _examined(exam: exams.SealedExam, adapter: store.Folder, gate: Gate) -> tuple[Scores, Scores]:
    def once() -> tuple[Scores, Scores]:
        before = examine(exam, BASE)
        return before, examine_candidate(exam, BASE, adapter, before, gate)

    return flow(once)()


def test_a_candidate_that_forgot_is_asked_no_further(sealed: exams.SealedExam, adapter: store.Folder, asked) -> None:
    gate = Gate(margin=0.1)
    before, after = _examined(sealed, adapter, gate)
    assert [suite for model, suite in asked.parts if model == "candidate"] == ["garden", "news", "poems"]
    assert asked.loads == 2, "once as the base, once as the candidate, however many parts it is asked"
    verdict = judge.fn(before, after, gate)
    assert verdict.decision == "REJECT"
    assert [one.suite for one in verdict.skipped] == ["quiz"]
    assert [one.suite for one in verdict.retention] == ["poems", "news"]
    course = pace.course(sealed, BASE.content, verdict)
    assert (course.asked, course.items, course.left) == (120, 160, {"quiz": 40})
    assert course.saved == pytest.approx(0, abs=5)
    assert pace.course(sealed, "another base", verdict) == course.model_copy(update={"saved": None})


def test_of_a_suite_that_is_asked_in_part_the_line_says_so(sealed: exams.SealedExam, adapter, asked) -> None:
    """Means of two halves looked like two scores of one suite, one beside the base's and one not."""
    items = store.read_table(sealed.items)
    half = items.filter((pl.col("suite") == "garden") | pl.col("item").is_in([f"news/{n}" for n in range(10, 30)]))
    said: list[str] = []
    with cards.listen(lambda event: said.append(event.text) if event.kind == "said" else None):
        examine.fn(sealed, BASE)
        examine.fn(sealed, BASE, adapter, part=store.write_table(half))
    base, candidate = said
    assert re.fullmatch(r"base: garden -\d\.\d{3}, quiz -\d\.\d{3}, poems -\d\.\d{3}, news -\d\.\d{3}", base)
    assert re.fullmatch(r"candidate: garden -\d\.\d{3}, news -\d\.\d{3} on 20 of 40 items", candidate)


def test_another_gate_asks_only_what_it_needs_beyond(sealed: exams.SealedExam, adapter: store.Folder, asked) -> None:
    _examined(sealed, adapter, Gate(margin=0.1))
    asked.parts.clear()
    _, after = _examined(sealed, adapter, Gate(margin=0.4))
    assert asked.parts == [("candidate", "quiz")]
    assert after.sitting == Sitting()
    whole = flow(lambda: examine(sealed, BASE, adapter))()
    assert store.read_table(after.scores).equals(store.read_table(whole.scores)), "in the order of the exam"
    assert store.read_table(after.answers).equals(store.read_table(whole.answers))


def test_the_whole_exam_takes_up_one_that_was_left(sealed: exams.SealedExam, adapter, asked) -> None:
    gate = Gate(margin=0.1)
    _examined(sealed, adapter, gate)
    asked.parts.clear()
    before, after = _examined(sealed, adapter, gate.model_copy(update={"examine": "whole"}))
    assert asked.parts == [("candidate", "quiz")]
    verdict = judge.fn(before, after, gate)
    assert (verdict.decision, verdict.skipped) == ("REJECT", ())
    assert [one.suite for one in verdict.retention] == ["quiz", "poems", "news"]


def test_a_model_is_held_for_the_same_candidate_alone(sealed: exams.SealedExam, adapter, asked) -> None:
    with examining.holding_the_model():
        for given in (adapter, adapter, None, adapter):
            examining.loaded(BASE, given, None)
        assert asked.loads == 3
    examining.loaded(BASE, adapter, None)
    assert asked.loads == 4
