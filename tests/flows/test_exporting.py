"""Writing a run's exam for lm-evaluation-harness, from the terminal."""

import json
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
import yaml

from evals.items import ITEMS, SCORES
from evals.suites import Suite
from tasks import models, runs, store
from tasks.sealed_suites import SealedSuite

FOX = [{"role": "user", "content": "Where does the fox live?"}]


@pytest.fixture
def run(home: Path, tiny_base: Path) -> str:
    """A run with an exam of one answer, one choice and one item of lm-eval's own."""
    rows = [
        ("garden", "domain", "completion", "garden/a", "a", FOX, "In the forest.", [], 0),
        ("garden-choice", "domain", "choice", "garden-choice/a", "a", FOX, "In a den.", ["In a tree.", "In a den."], 1),
        ("arc", "retention", "lm-eval", "arc/arc:0:1", "a", FOX, "fox", [], 0),
    ]
    exam = pl.DataFrame(rows, ITEMS, orient="row")
    scores = exam.join(pl.DataFrame({"model": ["base", "candidate"]}), how="cross").with_columns(score=pl.lit(-0.5))
    with runs.open_run("garden", config=yaml.safe_dump({"name": "garden", "model": {"base": str(tiny_base)}})) as made:
        runs.pin(base=models.base(str(tiny_base)).content)
        store.write_parquet(made.folder / "exam.parquet", exam)
        store.write_parquet(made.folder / "scores.parquet", scores.select(SCORES.keys()).cast(pl.Schema(SCORES)))
        store.write_parquet(made.folder / "receipts.parquet", pl.DataFrame({"id": ["a"]}))
        (made.folder / "adapter").mkdir()
        made.commit(state="Accepted", reason="x", facts={})
        return made.folder.name


def test_the_exam_is_written_with_the_command_that_scores_it(
    run: str, winnow: Callable, home: Path, tmp_path: Path, tiny_base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    into = tmp_path / "harness"
    monkeypatch.chdir(tmp_path)
    ended = winnow("export-exam", run, "--into", "harness", home=home)
    assert ended.code == 0, ended
    assert sorted(file.name for file in into.iterdir()) == [
        "README.md",
        "winnow_exam.yaml",
        "winnow_garden-choice.jsonl",
        "winnow_garden-choice.yaml",
        "winnow_garden.jsonl",
        "winnow_garden.yaml",
        "winnow_scores.py",
    ]
    assert f"Wrote {into}." in ended.printed.replace("\n", "")
    command = f"lm_eval --model hf --model_args pretrained={tiny_base},dtype="
    readme = (into / "README.md").read_text()
    for told in (ended.printed, readme):
        assert command in told
        assert f",add_bos_token=False[,peft={home}/runs/{run}/adapter] --device" in told
        assert f"--tasks winnow_exam --include_path {into}" in told
        assert "arc: not exported, since it is a task of lm-eval already" in told
    assert "| winnow_garden | garden | 1 | bits per byte | base -0.5000, candidate -0.5000 |" in readme
    assert "| winnow_garden-choice | garden-choice | 1 | share right | base" in readme
    (row,) = map(json.loads, (into / "winnow_garden-choice.jsonl").read_text().splitlines())
    assert row["context"].endswith("<|im_start|>assistant")  # rendered, special tokens spelled out
    assert row["options"] == ["\nIn a tree.", "\nIn a den.", "\n"]
    assert (row["right"], row["bytes"], row["gap"]) == (1, [10, 9], True)
    assert yaml.safe_load((into / "winnow_exam.yaml").read_text())["task"] == ["winnow_garden", "winnow_garden-choice"]


def test_a_recipe_s_name_means_its_newest_run_be_it_one_that_examined_an_adapter_alone(
    run: str, winnow: Callable, home: Path, tmp_path: Path, tiny_base: Path
) -> None:
    with runs.open_run("garden", config=yaml.safe_dump({"name": "garden", "model": {"base": str(tiny_base)}})) as made:
        runs.pin(base=models.base(str(tiny_base)).content)
        for table in ("exam", "scores"):
            store.write_parquet(made.folder / f"{table}.parquet", pl.read_parquet(home / f"runs/{run}/{table}.parquet"))
        made.commit(state="Rejected", reason="x", facts={})
    ended = winnow("export-exam", "garden", "--into", tmp_path / "harness", home=home)
    assert ended.code == 0, ended
    assert f"run {made.folder.name}" in ended.printed


def test_of_a_suite_that_was_asked_in_part_it_is_told_how_many_items_a_score_is_of(
    run: str, winnow: Callable, home: Path, tmp_path: Path
) -> None:
    folder = home / "runs" / run
    exam, scores = (pl.read_parquet(folder / f"{table}.parquet") for table in ("exam", "scores"))
    more = {"item": "garden/b", "cluster": "b"}
    other = [
        rows.filter(suite="garden").with_columns(**{k: pl.lit(v) for k, v in more.items()}) for rows in (exam, scores)
    ]
    store.write_parquet(folder / "exam.parquet", pl.concat([exam, other[0]]))
    store.write_parquet(folder / "scores.parquet", pl.concat([scores, other[1].filter(model="base")]))
    assert winnow("export-exam", run, "--into", tmp_path / "harness", home=home).code == 0
    readme = (tmp_path / "harness" / "README.md").read_text()
    assert "| base -0.5000, candidate -0.5000 (of 1 of 2 items) |" in readme


def test_of_right_or_wrong_answers_alone_no_bits_per_byte_are_told(
    run: str, winnow: Callable, home: Path, tmp_path: Path
) -> None:
    folder = home / "runs" / run
    for table in ("exam", "scores"):
        rows = pl.read_parquet(folder / f"{table}.parquet")
        store.write_parquet(folder / f"{table}.parquet", rows.filter(pl.col("suite") == "garden-choice"))
    assert winnow("export-exam", run, "--into", tmp_path / "harness", home=home).code == 0
    readme = (tmp_path / "harness" / "README.md").read_text()
    assert "share right: 1 or 0 for a choice" in readme
    assert "bits per byte" not in readme
    assert "bit per byte" not in readme


def test_answers_in_the_models_own_words_are_exported_where_the_run_tells_how_they_are_scored(
    run: str, winnow: Callable, home: Path, tmp_path: Path
) -> None:
    folder = home / "runs" / run
    told = pl.DataFrame([("sums", "retention", "generate", "sums/a", "a", FOX, "4", [], 0)], ITEMS, orient="row")
    store.write_parquet(folder / "exam.parquet", pl.concat([pl.read_parquet(folder / "exam.parquet"), told]))
    assert winnow("export-exam", run, "--into", tmp_path / "untold", home=home).code == 0
    assert (
        "sums: not exported, since the run does not tell by which metric" in (tmp_path / "untold/README.md").read_text()
    )
    suite = Suite(name="sums", role="retention", kind="generate", metric="rouge_l", max_new_tokens=8)
    store.write_json(folder / "suites.json", [SealedSuite(suite=suite, digest="").model_dump(mode="json")])
    ended = winnow("export-exam", run, "--into", tmp_path / "told", home=home)
    assert (ended.code, "winnow_sums: 1 items of sums" in ended.printed) == (0, True)
    readme = (tmp_path / "told" / "README.md").read_text()
    assert "| winnow_sums | sums | 1 | ROUGE-L |" in readme
    assert "ROUGE-L: how near the model's own words come to the right answer" in readme
    assert (tmp_path / "told" / "winnow_metrics.py").is_file()
    task = (tmp_path / "told" / "winnow_sums.yaml").read_text()
    assert "max_gen_toks: 8" in task
    assert "process_results: !function winnow_scores.written_score" in task


def test_of_a_candidate_that_lm_eval_cannot_load_the_base_alone_is_scored(
    run: str, winnow: Callable, home: Path, tmp_path: Path
) -> None:
    store.write_json(home / "runs" / run / "adapter" / "adapter_config.json", {"peft_type": "LOREFT"})
    ended = winnow("export-exam", run, "--into", tmp_path / "harness", home=home)
    readme = (tmp_path / "harness" / "README.md").read_text()
    assert (ended.code, "peft=" in ended.printed, "peft=" in readme) == (0, False, False)
    assert "the candidate is steered by LoReFT, which lm-eval can't load" in readme


def test_a_folder_that_holds_something_is_left_alone(run: str, winnow: Callable, home: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").touch()
    ended = winnow("export-exam", run, "--into", tmp_path, home=home)
    assert (ended.code, ended.told.startswith(f"winnow: {tmp_path} is not empty.")) == (1, True)


def test_a_folder_that_can_not_be_written_to_is_told(run: str, winnow: Callable, home: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    told = winnow("export-exam", run, "--into", tmp_path / "file" / "harness", home=home).told
    assert "file/harness (Not a directory). Name another folder with --into DIR." in told


def test_another_base_model_in_its_place_is_told(
    run: str, winnow: Callable, home: Path, tmp_path: Path, tiny_base: Path
) -> None:
    moved = tmp_path / "other"
    moved.mkdir()
    for file in tiny_base.iterdir():
        (moved / file.name).write_bytes(file.read_bytes())
    (moved / "chat_template.jinja").write_text("{{ messages }}")
    config = home / "runs" / run / "config.yaml"
    config.write_text(config.read_text().replace(str(tiny_base), str(moved)))
    ended = winnow("export-exam", run, "--into", tmp_path / "harness", home=home)
    assert ended.code == 1
    assert "is another than the run" in ended.told
