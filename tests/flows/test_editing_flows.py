"""Every edit that docs/editing-flows.md shows, made as it stands there on a new project, and run."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from flows.deploying import deploy
from flows.init import init
from flows.own_flow import NoFlow, flow_of
from flows.recipe import load
from tasks import run_files, runs
from tasks.auditing.audit import audit

TREE = Path(__file__).parents[2]
DOC = TREE / "docs" / "editing-flows.md"
BLOCK = re.compile(r"^(?:`(?P<file>[\w./-]+)`:\n\n)?```(?P<kind>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


def section(title: str) -> str:
    text = DOC.read_text(encoding="utf-8")
    begin = text.index(f"## {title}\n")
    end = text.find("\n## ", begin + 1)
    return text[begin : end if end > 0 else len(text)]


def apply(diff: str, folder: Path) -> None:
    """Make the edit of a diff, whose lines stand where it says."""
    command, english = ["git", "apply", "--verbose", "-"], os.environ | {"LC_ALL": "C"}
    done = subprocess.run(command, cwd=folder, env=english, input=diff, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "offset" not in done.stderr


@pytest.fixture
def project(world, tmp_path: Path) -> Callable[[str], Path]:
    """Makes a new project with rows, and the edit that a section of the document shows."""

    def make(title: str) -> Path:
        folder = tmp_path / "mine"
        init(folder)
        shutil.copy(world.folder / "pool" / "rows.jsonl", folder / "pool")
        shutil.copy(world.folder / "general.jsonl", folder)
        for found in BLOCK.finditer(section(title)):
            if found["kind"] == "diff":
                apply(found["text"], folder)
            else:
                assert found["file"], found["text"]
                (folder / found["file"]).parent.mkdir(exist_ok=True)
                (folder / found["file"]).write_text(found["text"])
        return folder

    return make


@pytest.fixture
def run(tiny_base: Path, results: Path) -> Callable[..., Path]:
    """Runs a recipe of a project in a process of its own, with a tiny model; returns the run's folder."""
    from prefect.settings import PREFECT_API_URL

    fast = {
        "model.base": str(tiny_base),
        "exam.retention": "[general.jsonl]",
        "exam.domain_items": "12",
        "exam.choice_items": "0",
        "tune": "{token_budget: 1500, batch_tokens: 500, threads: 1}",
        "gate": "{margin: 5}",
        "renew": "{min_new_rows: 0}",
    }
    environment = os.environ | {
        "PREFECT_API_URL": str(PREFECT_API_URL.value()),
        "PREFECT_LOCAL_STORAGE_PATH": str(results / "store" / "results"),
        "PYTHONPATH": str(TREE),
    }

    def once(recipe: Path, **changes: str) -> Path:
        settings = [part for pair in (fast | changes).items() for part in ("--set", "=".join(pair))]
        command = [sys.executable, "-m", "flows.cli", "run", recipe, "--home", results, *settings]
        ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert ran.returncode in (0, 2, 3), ran.stderr
        return runs.find("mine", holding="verdict.json")

    return once


def own(folder: Path) -> dict[str, int]:
    """Count the reasons that steps of the project's own gave."""
    rows = pl.read_parquet(folder / "receipts.parquet").filter(stage="own")
    return dict(rows["reason"].value_counts().iter_rows())


def failed(folder: Path) -> list[Any]:
    return [proof for proof in audit(folder).proofs if proof.failed]


def test_an_added_step_removes_rows_with_receipts_and_runs_again_when_it_is_edited(project, run) -> None:
    folder = project("Add a step")
    assert own(run(folder / "recipe.yaml")) == {}
    flow = folder / "pipeline.py"
    flow.write_text(flow.read_text().replace("most_words=300", "most_words=36"))
    first = run(folder / "recipe.yaml")
    dropped = own(first)["long_answer"]
    assert 0 < dropped < 60
    assert failed(first) == []
    assert any("steps of one's own" in gap for gap in audit(first).unproven)
    step = folder / "long_answers.py"
    step.write_text(step.read_text().replace("words > most_words", "words > most_words + 1"))
    again = run(folder / "recipe.yaml")
    assert 0 < own(again)["long_answer"] < dropped
    clock = runs.manifest(again)["clock"]
    assert {name: clock[name] is None for name in ("ingest", "dedupe", "decontaminate", "long_answers", "split")} == {
        "ingest": True, "dedupe": True, "decontaminate": True, "long_answers": False, "split": False,
    }  # fmt: skip


def test_a_step_can_be_swapped_for_one_of_the_project_s_own(project, run) -> None:
    folder = project("Swap a step")
    ended = run(folder / "recipe.yaml")
    assert "dedupe_meaning" not in runs.manifest(ended)["clock"]
    assert "one_per_prompt" in runs.manifest(ended)["clock"]
    assert "flow" in runs.digests(runs.manifest(ended))
    assert failed(ended) == []


def test_an_added_suite_is_asked_and_judged(project, run) -> None:
    folder = project("Add a suite")
    ended = run(folder / "recipe.yaml", **{"exam.retention": "[general.jsonl, suites/botany.yaml]"})
    verdict = run_files.verdict(ended)
    assert verdict is not None
    assert "botany" in [one.suite for one in verdict.retention]


def test_an_added_recipe_is_a_deployment_with_its_schedule_and_the_flow_beside_it(
    project, prefect_server: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from prefect.client.orchestration import get_client

    folder = project("Add a recipe")
    monkeypatch.setattr(sys, "path", list(sys.path))
    file = folder / "nightly.yaml"
    try:
        made = deploy(load(file), file)
    finally:
        sys.modules.pop("pipeline", None)
    assert [one.name for one in made] == [
        f"{flow}/mine-nightly" for flow in ("retrain", "curate", "promote", "rollback")
    ]
    with get_client(sync_client=True) as client:
        found, curate = (client.read_deployment_by_name(f"{flow}/mine-nightly") for flow in ("retrain", "curate"))
    assert "winnow's own steps" in curate.description
    assert "winnow's own steps" not in found.description
    assert found.entrypoint == "pipeline.retrain"
    assert found.job_variables["env"]["PYTHONPATH"].split(os.pathsep)[0] == str(folder)
    (schedule,) = found.schedules
    assert (schedule.schedule.cron, schedule.schedule.timezone) == ("0 2 * * *", "Europe/Berlin")
    assert found.concurrency_options.collision_strategy == "CANCEL_NEW"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (None, "there is no file"),
        ("import nothing_like_it", "can't be loaded (ModuleNotFoundError"),
        ("raise SystemExit(3)", "can't be loaded (SystemExit: 3)"),
        ("x = 1", "must hold one flow named “retrain”, as deployments call it; it has no flow"),
        ("from prefect import flow\n@flow(name='mine')\ndef f(): ...", "it has mine"),
        ("from prefect import flow\n@flow(name='retrain')\ndef f(name): ...", "takes no sources, model"),
    ],
)
def test_a_flow_that_can_not_be_run_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str | None, told: str
) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    (tmp_path / "recipe.yaml").write_text("name: x\nflow: own_one.py\nsources: [{path: a}]\nmodel: {base: b}\n")
    if text is not None:
        (tmp_path / "own_one.py").write_text(text)
    try:
        with pytest.raises(NoFlow, match=re.escape(told)):
            flow_of(load(tmp_path / "recipe.yaml"))
    finally:
        sys.modules.pop("own_one", None)


def test_a_flow_by_the_name_of_another_module_is_refused(tmp_path: Path) -> None:
    (tmp_path / "recipe.yaml").write_text("name: x\nflow: json.py\nsources: [{path: a}]\nmodel: {base: b}\n")
    (tmp_path / "json.py").write_text("")
    with pytest.raises(NoFlow, match="has the name of another module"):
        flow_of(load(tmp_path / "recipe.yaml"))


@pytest.mark.parametrize("command", [("curate", "--preview"), ("sweep",)])
def test_what_runs_winnow_s_own_steps_says_so(winnow, recipe, tmp_path: Path, command: tuple[str, ...]) -> None:
    told = f"These are winnow's own steps. Those of {tmp_path / 'own_one.py'} run with `winnow run`"
    sweep = {"token_budget": 9000}
    assert told in winnow(command[0], recipe(flow="own_one.py", sweep=sweep), *command[1:]).printed
    assert "own steps" not in winnow(command[0], recipe(sweep=sweep), *command[1:]).printed


def test_every_block_of_the_document_is_run() -> None:
    sections = re.findall(r"^## (.+)$", DOC.read_text(encoding="utf-8"), re.MULTILINE)
    assert sections == ["Add a step", "Swap a step", "Add a suite", "Add a recipe"]
    assert json.dumps(section("Add a step")).count("```") == 2 * len(BLOCK.findall(section("Add a step")))
