"""The whole flow on a small pool with planted truth: books, witnesses, outputs, caching, resuming."""

import dataclasses
import json
import shutil
from pathlib import Path

import polars as pl
import pytest
import yaml

from flows import exporting_models
from flows.curate import TRAINING_ONLY, curate_pool
from flows.examine import examine_adapter
from flows.promoting import promote
from flows.recipe import load
from flows.retrain import retrain
from tasks import domain_line, inspection, runs
from tasks.auditing import audit


def _retrain(world, **changes: str):
    state = retrain(**load(world.recipe, changes).parameters(), return_state=True)
    return state, state.result(raise_on_failure=False)


MINT = {
    "question": "May I plant mint beside my old apple tree?",
    "answer": "Mint spreads quickly, so grow it in a pot sunk into the soil beside the apple tree, and cut it back hard in June.",
}


@pytest.fixture(scope="module")
def ran(world, results: Path):
    state, ended = _retrain(world)
    assert isinstance(ended, dict), ended
    return world, state, results / "runs" / ended["run"]


def _copy_of(world, folder: Path):
    shutil.copytree(world.folder, folder)
    return dataclasses.replace(world, folder=folder, recipe=folder / "recipe.yaml")


def test_a_run_keeps_its_books_and_catches_what_was_planted(ran) -> None:
    world, state, run = ran
    ledger = pl.read_parquet(run / "receipts.parquet").with_columns(
        line=pl.col("origin").str.extract(r":(\d+)$").cast(pl.Int64)
    )
    assert ledger.columns[:9] == [
        "id",
        "origin",
        "source",
        "stage",
        "fate",
        "reason",
        "witness",
        "score",
        "threshold",
    ]
    assert ledger.height == world.rows
    assert ledger["line"].n_unique() == world.rows
    fates = {
        line: (fate, stage, reason)
        for line, fate, stage, reason in ledger.select("line", "fate", "stage", "reason").iter_rows()
    }
    assert {line for line, (_, _, reason) in fates.items() if reason == "exact_duplicate"} == world.exact
    assert {line for line, (_, _, reason) in fates.items() if reason == "near_duplicate"} >= world.near
    assert {line: fates[line][2] for line in world.defects} == world.defects
    assert {line for line, (fate, _, _) in fates.items() if fate == "quarantined"} == world.broken
    kept = {line for line, (fate, _, _) in fates.items() if fate == "kept"}
    assert len(kept & world.off_domain) <= 2
    dataset = pl.concat([pl.read_parquet(run / "dataset" / f"{part}.parquet") for part in ("train", "validation")])
    assert dataset.columns == ["id", "messages", "source", "origin"]
    assert dataset.height == len(kept) > 50


def test_a_run_leaves_every_promised_file_and_its_name_is_its_verdict(ran) -> None:
    _, state, run = ran
    for name in (
        "dataset/train.parquet", "dataset/validation.parquet", "dataset/README.md", "receipts.parquet",
        "scores.parquet", "verdict.json", "manifest.json", "report.html", "config.yaml", "contract.json",
        "adapter/adapter_model.safetensors", "adapter/adapter_config.json", "adapter/README.md",
    ):  # fmt: skip
        assert (run / name).is_file(), name
    verdict = json.loads((run / "verdict.json").read_text())
    assert state.name == {"SHIP": "Accepted", "REJECT": "Rejected", "INCONCLUSIVE": "Inconclusive"}[verdict["decision"]]
    assert state.message
    scores = pl.read_parquet(run / "scores.parquet")
    assert scores.columns == ["suite", "role", "item", "cluster", "model", "score"]
    assert set(scores["model"]) == {"base", "candidate"}
    assert set(scores["suite"]) == {"garden", "garden-choice", "general", "prose"}
    manifest = runs.manifest(run)
    assert manifest["books"]["in"] == sum(manifest["books"][fate] for fate in ("kept", "dropped", "quarantined"))


def test_the_dataset_opens_with_plain_datasets(ran) -> None:
    from datasets import load_dataset

    found = load_dataset(str(ran[2] / "dataset"))
    assert set(found) == {"train", "validation"}
    assert found["train"].column_names == ["id", "messages", "source", "origin"]


def test_the_adapter_names_its_base_as_the_recipe_does(ran) -> None:
    world, _, run = ran
    named = json.loads((run / "adapter" / "adapter_config.json").read_text())["base_model_name_or_path"]
    assert named == yaml.safe_load(world.recipe.read_text())["model"]["base"]


def test_the_audit_proves_a_run_and_finds_a_lie_told_afterwards(ran, tmp_path: Path) -> None:
    run = tmp_path / "run"
    shutil.copytree(ran[2], run)
    proofs = audit(run).proofs
    assert len(proofs) >= 9
    assert not [proof.claim for proof in proofs if proof.failed]
    ledger = pl.read_parquet(run / "receipts.parquet")
    ledger.with_columns(fate=pl.lit("kept")).write_parquet(run / "receipts.parquet")
    assert sum(proof.failed for proof in audit(run).proofs) > 0


def test_the_adapters_card_is_one_of_the_runs_files_and_counts_its_rows(ran) -> None:
    _, _, run = ran
    card = (run / "adapter" / "README.md").read_text()
    facts = runs.manifest(run)
    assert "adapter/README.md" in facts["files"]
    assert facts["digests"]["adapter"] in card
    kept = pl.read_parquet(run / "receipts.parquet").filter(fate="kept")
    assert f"| train | {kept.filter(reason='train').height} | `{facts['digests']['train']}` |" in card
    assert f"| pool | {facts['books']['in']} | {kept.height} |" in card


def test_the_candidate_is_exported_from_the_terminal(ran, winnow, results: Path, tmp_path: Path) -> None:
    run, into = ran[2].name, tmp_path / "model"
    ended = winnow("export-model", run, "--into", into, home=results)
    assert ended.code == 0, ended
    assert "KL(candidate‖exported) is" in ended.printed
    assert f"(float32; the verdict was {runs.manifest(ran[2])['decision']})" in ended.printed
    assert {
        "config.json",
        "model.safetensors",
        "tokenizer.json",
        "chat_template.jinja",
        "README.md",
        "export.json",
    } <= {file.name for file in into.iterdir()}
    assert winnow("export-model", run, "--into", into, home=results).told.startswith(f"winnow: {into} is not empty")
    for option, told in (
        (("--dtype", "int8"), "name one of float32"),
        (("--gguf", "f16"), "llama.cpp's own converter"),
    ):
        refused = winnow("export-model", run, "--into", tmp_path / "no", *option, home=results)
        assert (refused.code, told in refused.told) == (1, True), refused
    ended = winnow("export-adapter", run, "--into", tmp_path / "adapter", "--base-name", "org/base", home=results)
    assert (ended.code, "an adapter of org/base" in ended.printed) == (0, True), ended
    assert sorted(file.name for file in tmp_path.iterdir()) == ["adapter", "model"]


def test_an_export_that_is_stopped_says_that_nothing_of_it_is_kept(ran, winnow, results: Path, tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(exporting_models, "write_adapter", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        ended = winnow("export-adapter", ran[2].name, "--into", tmp_path / "adapter", home=results)
    assert ended.code == 130
    assert ended.told == "Stopped. An export is written whole or not at all: the same command begins anew.\n"


def test_a_run_is_not_compared_with_itself(ran, winnow, results: Path) -> None:
    ended = winnow("diff", ran[2].name, ran[2].name, home=results)
    assert (ended.code, ended.printed) == (1, "")
    assert ended.told == f"winnow: {ran[2].name} and {ran[2].name} are one run, {ran[2].name}: name two.\n"


def test_no_exam_row_is_left_in_the_training_set(ran) -> None:
    run = ran[2]
    items = pl.read_parquet(run / "exam.parquet")
    train = pl.read_parquet(run / "dataset" / "train.parquet")
    asked = set(items.filter(pl.col("role") == "domain")["target"])
    answers = set(train["messages"].list.last().struct.field("content"))
    assert asked
    assert not asked & answers


def test_a_second_run_with_nothing_changed_is_cached_and_ends_unchanged(ran) -> None:
    world, _, run = ran
    state, ended = _retrain(world, **{"renew.min_new_rows": "0"})
    assert state.name == "Unchanged"
    assert run.name in state.message
    again = runs.manifest(runs.find(ended["run"]))
    trained = {step for step, seconds in again["clock"].items() if seconds is None}
    assert {
        "ingest",
        "screen",
        "dedupe",
        "keep_domain",
        "decontaminate",
        "split",
        "fine_tune",
        "examine",
    } <= trained  # validate compares with the run before, and there was none before the first
    assert runs.manifest(run)["digests"] | {"config": ""} == again["digests"] | {"config": ""}
    assert {"base", "embedder", "code", "config"} <= again["digests"].keys()


def test_a_night_that_brings_too_few_rows_ends_unchanged_and_writes_nothing(ran, tmp_path: Path, results: Path) -> None:
    world, run = _copy_of(ran[0], tmp_path / "world"), ran[2]
    before, last = sorted((results / "runs").iterdir()), runs.find("garden", holding="verdict.json")
    nothing, _ = _retrain(world)
    assert nothing.name == "Unchanged"
    assert (
        f"0 kept rows came and 0 went since {last.name}, so that there is nothing new to train on; its"
        in nothing.message
    )
    with (world.folder / "pool" / "rows.jsonl").open("a") as pool:
        pool.write(json.dumps(MINT) + "\n")
    state, ended = _retrain(world, **{"renew.min_new_rows": "2"})
    assert state.name == "Unchanged"
    assert f"1 kept row came and 0 went since {last.name}, and renew.min_new_rows asks for 2; its" in state.message
    assert (ended["run"], ended["decision"]) == (last.name, runs.manifest(run)["decision"])
    assert sorted((results / "runs").iterdir()) == before
    state, _ = _retrain(world, **{"renew.min_new_rows": "0", "renew.only_if_drifted": "true"})
    assert "1 kept row came and 0 went" in state.message
    assert "they did not drift" in state.message


def test_the_store_may_be_deleted_and_what_it_held_is_computed_again(ran, results: Path) -> None:
    world, _, run = ran
    before = runs.manifest(run)["digests"]
    shutil.rmtree(results / "store")
    assert not [proof.claim for proof in audit(run).proofs if proof.failed]
    state, ended = _retrain(world, **{"renew.min_new_rows": "0"})
    assert state.name == "Unchanged"
    again = runs.manifest(runs.find(ended["run"]))
    assert again["clock"]["screen"] is not None  # not cached
    assert {name: digest for name, digest in again["digests"].items() if name != "config"} == {
        name: before[name] for name in again["digests"] if name != "config"
    }


@pytest.mark.parametrize("file", ["dataset/train.parquet", "verdict.json", "config.yaml"])
def test_a_damaged_last_run_is_no_verdict_that_stands_and_stops_no_later_run(ran, file: str) -> None:
    damaged = runs.find("garden", holding="verdict.json") / file
    kept = damaged.read_bytes()
    damaged.write_bytes(kept[:3])
    try:
        state, ended = _retrain(ran[0])
    finally:
        damaged.write_bytes(kept)
    assert isinstance(ended, dict), ended
    assert ended["run"] not in (damaged.parent.name, damaged.parents[1].name), state.message


def test_other_settings_are_a_reason_to_train_again(ran, caplog: pytest.LogCaptureFixture) -> None:
    last = runs.find("garden", holding="verdict.json").name
    with caplog.at_level("INFO", logger="tasks.cards"):
        state, ended = _retrain(ran[0], **{"gate.margin": "7"})
    assert f"gate changed since {last}; 0 kept rows came and 0 went" in caplog.text
    assert state.name != "Unchanged"
    assert ended["run"] != ran[2].name


def test_a_new_row_is_a_new_run_on_the_same_sealed_exam(ran, tmp_path: Path) -> None:
    world, run = _copy_of(ran[0], tmp_path / "world"), ran[2]
    with (world.folder / "pool" / "rows.jsonl").open("a") as pool:
        pool.write(json.dumps(MINT) + "\n")
    state, ended = _retrain(world)
    assert state.name != "Unchanged"
    assert runs.manifest(runs.find(ended["run"]))["digests"]["exam"] == runs.manifest(run)["digests"]["exam"]


def test_a_recipe_that_asks_for_another_exam_under_the_same_name_is_refused(ran) -> None:
    _, ended = _retrain(ran[0], **{"exam.domain_items": "12"})
    assert isinstance(ended, Exception)
    assert "set exam.name to a new name" in str(ended)


def test_a_pool_that_a_stage_empties_names_the_stage(world, results: Path) -> None:
    _, ended = _retrain(world, **{"curate.screen.least_words": "1000"})
    assert "“screen”" in str(ended)
    assert all((run / "manifest.json").exists() for run in (results / "runs").iterdir())


def test_a_weighed_source_that_curation_emptied_is_told_before_the_exam(
    world, results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def examined(*_: object, **__: object) -> None:
        raise AssertionError("the base was examined")

    monkeypatch.setattr("flows.retrain.examine", examined)
    (tmp_path / "odd.jsonl").write_text(
        json.dumps({"question": "Why do tulips close?", "answer": "Why do tulips close?"})
    )
    sources = [{"path": str(world.folder / "pool" / "*.jsonl")}, {"path": str(tmp_path / "odd.jsonl"), "name": "odd"}]
    weights = {"tune.source_weights": "{odd: 2}", "exam.name": "weighed"}
    _, ended = _retrain(world, sources=json.dumps(sources), **weights)
    assert "no row of the source “odd” is left to train on. Of 1 row ingested, screen removed 1." in str(ended)


def test_a_missing_file_stops_before_any_work(world, results: Path) -> None:
    before = sorted((results / "store" / "tables").glob("*"))
    _, ended = _retrain(world, sources='[{path: "/nowhere/*.jsonl"}]')
    assert "/nowhere" in str(ended)
    assert sorted((results / "store" / "tables").glob("*")) == before


def test_an_adapter_from_a_folder_is_examined_on_the_sealed_exam_with_the_same_scores(ran) -> None:
    world, _, run = ran
    parameters = load(world.recipe).parameters()
    state = examine_adapter(
        **{key: parameters[key] for key in ("name", "model", "exam", "gate")},
        adapter=str(run / "adapter"),
        return_state=True,
    )
    ended = state.result(raise_on_failure=False)
    assert isinstance(ended, dict), ended
    again = pl.read_parquet(runs.find(ended["run"]) / "scores.parquet")
    assert again.equals(pl.read_parquet(run / "scores.parquet"))
    alone, facts = audit(runs.find(ended["run"])), runs.manifest(runs.find(ended["run"]))
    assert not [proof for proof in alone.proofs if proof.failed]
    assert facts["adapter"] == str(run / "adapter")
    assert {"base", "code", "config"} <= facts["digests"].keys()
    assert facts["digests"]["adapter"] == runs.manifest(run)["digests"]["adapter"]


def test_a_preview_keeps_the_same_rows_and_leaves_no_run_and_no_exam(ran, results: Path) -> None:
    world, _, run = ran
    parameters = load(world.recipe, {"exam.name": "looked-at-only"}).parameters()
    before = sorted((results / "runs").iterdir())
    state = curate_pool(
        **{key: value for key, value in parameters.items() if key not in TRAINING_ONLY},
        preview=True,
        return_state=True,
    )
    assert state.name == "Previewed"
    assert f"{runs.manifest(run)['books']['kept']:,} kept" in state.message
    assert sorted((results / "runs").iterdir()) == before
    assert not (results / "exams" / "looked-at-only").exists()


def test_a_broken_contract_stops_before_training_and_leaves_what_was_decided(ran, results: Path) -> None:
    before, (_, _, whole) = runs.find(), ran
    earlier = set((results / "runs").iterdir())
    _, ended = _retrain(ran[0], **{"curate.contract.min_rows": "100000"})
    assert "break the contract" in str(ended)
    (folder,) = set((results / "runs").iterdir()) - earlier
    assert runs.manifest(folder)["state"] == "Stopped"
    assert runs.manifest(folder)["stopped"] == ["rows_enough"]
    assert json.loads((folder / "contract.json").read_text())
    assert not (folder / "adapter").exists()
    assert not (folder / "dataset").exists()
    assert runs.find() == before
    assert runs.find(stopped=True) == runs.find(folder.name) == folder
    ledger = pl.read_parquet(folder / "receipts.parquet")
    (life, *_) = inspection.lives(folder, ledger.filter(pl.col("reason") == "near_duplicate")["id"][0])
    assert all(life.witness)
    (aside, *_) = inspection.lives(folder, ledger.filter(pl.col("reason") == "run_stopped")["id"][0])
    assert all(aside.said)
    moved = inspection.differences(whole, folder).moved
    assert {move.now for move in moved} == {"quarantined (validate: run_stopped)"}
    assert domain_line.shift(folder, {"": 0.0}).judged == domain_line.shift(whole, {"": 0.0}).judged
    found = audit(folder)
    assert [proof for proof in found.proofs if proof.failed] == []
    assert "rows_enough" in found.stopped


def test_a_rows_life_names_its_witness_and_two_runs_differ_by_what_changed(ran) -> None:
    world, _, run = ran
    line = min(world.near)
    (life,) = inspection.lives(run, f"rows.jsonl:{line}")
    assert life.receipt["reason"] == "near_duplicate"
    assert life.said.prompt == life.witness.prompt
    assert life.said.answer.removesuffix(" Really.") == life.witness.answer
    same = inspection.differences(run, run)
    assert (same.new, same.gone, same.moved) == (0, 0, [])
    with pytest.raises(ValueError, match="has no row"):
        inspection.lives(run, "nothing-like-it")


def test_a_candidate_is_judged_beside_the_champion(ran, results: Path, tmp_path: Path, capsys) -> None:
    world, wide = ran[0], {"gate.margin": "9"}
    state, ended = _retrain(world, **wide)
    assert state.name == "Accepted", ended
    champion = runs.find(ended["run"])
    try:
        promote(champion.name, "better than nothing")
        assert f"{champion.name} is the champion of garden now, its first" in capsys.readouterr().out
        assert _retrain(world, **wide)[0].name == "Unchanged"  # the candidate is the champion itself
        promote(None, "of a night in which nothing changed")
        assert f"{champion.name} is the champion of garden already; nothing" in capsys.readouterr().out
        weaker = tmp_path / "weaker"
        shutil.copytree(champion / "adapter", weaker)
        config = json.loads((weaker / "adapter_config.json").read_text())
        (weaker / "adapter_config.json").write_text(json.dumps(config | {"lora_alpha": config["lora_alpha"] / 2}))
        parameters = load(world.recipe, wide).parameters()
        ended = examine_adapter(
            **{key: parameters[key] for key in ("name", "model", "exam", "gate")},
            adapter=str(weaker),
            return_state=True,
        ).result(raise_on_failure=False)
        run = runs.find(ended["run"])
        verdict, scores = json.loads((run / "verdict.json").read_text()), pl.read_parquet(run / "scores.parquet")
        told = verdict["champion"]
        assert (told["run"], told["taken"], verdict["original"]) == (champion.name, True, None)
        # What it lacks of the champion is what the champion gains, less what it gains itself.
        means = scores.filter(suite="garden").group_by("model").agg(pl.col("score").mean())
        mean = dict(means.iter_rows())
        assert told["verdict"]["gain"]["mean"] == pytest.approx(mean["candidate"] - mean["champion"])
        assert verdict["gain"]["mean"] == pytest.approx(mean["candidate"] - mean["base"])
        assert mean["champion"] > mean["candidate"] > mean["base"]
        assert ended["decision"] != "SHIP"
        assert not [proof for proof in audit(run).proofs if proof.failed]
        kept = pl.read_parquet(champion / "scores.parquet").filter(model="candidate")
        assert scores.filter(model="champion")["score"].equals(kept["score"])
    finally:
        shutil.rmtree(results / "champions", ignore_errors=True)
