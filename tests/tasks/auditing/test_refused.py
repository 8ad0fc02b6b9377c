"""A run whose model's chat template refused items: they are told as not proven, and hide nothing else."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import polars as pl
import pytest

from evals.items import ITEMS
from evals.judging import judge
from tasks import exams, run_files, run_settings, runs, store
from tasks.auditing import audit
from tasks.examine import Scores
from tasks.publish import publish_verdict

SCORED = "base and candidate were scored on every item that the exam had to ask them, and on no other"
REFUSED = "every item said to be refused by the chat template is one that it shows, of the candidate one of the base's"


def failed(folder: Path) -> list[str]:
    return [proof.claim for proof in audit(folder).proofs if proof.failed]


def named(folder: Path, refused: object) -> None:
    facts = json.loads((folder / "manifest.json").read_text()) | {"refused": refused}
    facts["files"] = {name: store.file_digest(folder / name) for name in facts["files"]}
    (folder / "manifest.json").write_text(json.dumps(facts))


@pytest.fixture
def examined(judged: Path) -> Callable[[Mapping[str, list[str]]], Path]:
    """Examine the adapter of the run that judged, with items that each model's template refuses."""

    def run(refused: Mapping[str, list[str]]) -> Path:
        scores, gate = run_files.scores(judged), run_settings.gate(judged)
        assert gate is not None
        frames = (run_files.exam(judged), pl.DataFrame(schema={"id": pl.String}), run_files.reserve(judged))
        sealed = exams.hold("garden", run_settings.exam_settings(judged), (), exams.Draw(*frames))
        answers = store.write_table(pl.DataFrame(schema={**ITEMS, "answer": pl.String()}))
        left = {
            name: scores.filter((pl.col("model") == name) & ~pl.col("item").is_in(refused.get(name, [])))
            for name in ("base", "candidate")
        }
        before, after = (
            Scores(scores=store.write_table(left[name]), answers=answers, refused=tuple(refused.get(name, [])))
            for name in ("base", "candidate")
        )
        adapter = store.Folder(path="", digest=runs.digests(runs.manifest(judged))["adapter"])
        verdict = judge(pl.concat(left.values()), gate)
        with runs.open_run("garden", (judged / "config.yaml").read_text()) as opened:
            publish_verdict.fn(opened, sealed, before, after, verdict, adapter, "/an/adapter")
        return opened.folder

    return run


@pytest.fixture
def gone(judged: Path) -> list[str]:
    """One item of each suite."""
    return run_files.exam(judged).group_by("suite", maintain_order=True).first()["item"].to_list()


def test_an_honest_run_is_proven_but_for_what_was_refused(examined, gone: list[str]) -> None:
    run = examined({"base": gone, "candidate": gone})
    assert runs.manifest(run)["refused"]["base"] == {item.partition("/")[0]: [item] for item in gone}
    found = audit(run)
    assert not [proof for proof in found.proofs if proof.failed]
    for item in gone:
        (told,) = (one for one in found.unproven if item in one)
        assert told.startswith("that the model's chat template refuses 1 of ")


def test_where_nothing_was_refused_nothing_is_told(examined) -> None:
    found = audit(examined({}))
    assert not [proof.claim for proof in found.proofs if proof.failed or proof.claim == REFUSED]
    assert not [one for one in found.unproven if "chat template" in one]


def test_lies_about_what_was_refused_are_found(examined, judged: Path, gone: list[str]) -> None:
    run = examined({"base": gone, "candidate": gone})
    said = runs.manifest(run)["refused"]
    (first, items), *_ = said["base"].items()
    scored = next(item for item in run_files.exam(run).filter(suite=first)["item"] if item not in gone)
    more = {**said["base"], first: [*items, scored]}
    lies: list[tuple[object, set[str]]] = [
        ({}, {SCORED}),  # nobody says why items are missing
        ({"base": more, "candidate": more}, {SCORED}),  # one was scored
        ({**said, "candidate": {}}, {REFUSED}),
        ({"base": {**said["base"], "x": ["x/1"]}, "candidate": said["candidate"]}, {REFUSED}),
        ({**said, "champion": {first: items}}, {REFUSED}),
        (["prose"], {SCORED, REFUSED}),
    ]
    for refused, claims in lies:
        named(run, refused)
        assert {SCORED, REFUSED} & set(failed(run)) == claims, refused


def test_a_suite_is_never_refused_whole(examined, judged: Path) -> None:
    whole = run_files.exam(judged).filter(role="retention")["item"].to_list()
    run = examined({"base": whole, "candidate": whole})
    assert REFUSED in failed(run)
    assert [told for told in audit(run).unproven if f"refuses {len(whole)} of {len(whole)} items" in told]
