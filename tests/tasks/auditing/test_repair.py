"""An audit of a repaired run: what scale was tried, chosen and shipped is proven again, and a lie about it is found."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from evals.items import SCORES
from evals.judging import judge
from evals.repairing import Repair, look
from quality.records import MESSAGE
from tasks import run_files, run_settings, runs, store
from tasks.auditing import audit
from tasks.auditing.repair import prove_repair
from tasks.repair import manifest_facts
from tasks.validation_items import KEY, validation_items, validation_suite

SCALE = 0.5


def _scored(items: pl.DataFrame, model: str, gain: float, kept: float) -> pl.DataFrame:
    """Score every item by how far its role moved, some a little farther."""
    moved = pl.when(pl.col("role") == "domain").then(gain).otherwise(kept)
    return (
        items.select("suite", "role", "item", "cluster")
        .with_columns(model=pl.lit(model), score=moved * (1 + pl.int_range(pl.len()) % 3 / 10) - 9.0)
        .cast(pl.Schema(SCORES))
    )


@pytest.fixture
def turned_down(judged: Path, repair: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch) -> Path:
    """The run that judged, as if it had forgotten too much at scale 1 and at three quarters, and not at a half."""
    for few in ("tasks.validation_items.FEW", "evals.paired.LEAST_CLUSTERS"):
        monkeypatch.setattr(few, 2)  # the run is a small one
    exam, gate = run_files.exam(judged), run_settings.gate(judged)
    assert gate is not None
    parts = {"base": (0.0, 0.0), "candidate": (0.1, -0.01), "candidate@1": (0.2, -0.6)}
    scores = pl.concat([_scored(exam, model, *moved) for model, moved in parts.items()])
    store.write_parquet(judged / "scores.parquet", scores)
    moved = pl.read_parquet(judged / "probe" / "divergence.parquet")
    for side in ("base", "candidate"):
        told = scores.filter(model=side).select("item", pl.col("score").alias(side))
        moved = moved.drop(side).join(told, on="item", how="left", maintain_order="left").select(moved.columns)
    store.write_parquet(judged / "probe" / "divergence.parquet", moved)

    documents = run_files.attribute(judged, "documents", KEY)
    assert documents is not None
    rows = run_files.part(judged, "validation")
    spare = exam.filter(role="retention").with_columns(
        item=pl.format("prose/{}", pl.int_range(pl.len())), cluster=pl.format("spare {}", pl.int_range(pl.len()))
    )
    reserve = run_files.reserve(judged)
    kept = reserve.filter(pl.col("item").str.starts_with("prose/")).join(exam, on="item", how="anti")
    spare = spare.head(kept.height).with_columns(
        item=kept["item"],
        cluster=kept["item"].str.extract(r"([^/]*)$"),
        prompt=pl.Series([[{"role": "user", "content": said}] for said in kept["question"]], dtype=pl.List(MESSAGE)),
        target=kept["answer"],
    )
    items, unvalidated = validation_items(exam, spare, rows, documents, validation_suite(()))
    losses = {"base": 0.0, "candidate@0.75": -0.6, "candidate@0.5": -0.01}
    tried = pl.concat([_scored(items, model, -loss / 3, loss) for model, loss in losses.items()])
    (judged / "repair").mkdir()
    store.write_parquet(judged / "repair" / "items.parquet", items)
    store.write_parquet(judged / "repair" / "scores.parquet", tried)
    found = Repair(
        unscaled=judge(scores, gate, candidate="candidate@1"),
        unvalidated=unvalidated,
        validation=tuple(look(tried, gate, scale) for scale in (0.75, SCALE)),
        scale=SCALE,
        scaled=judge(scores, gate),
    )
    store.write_json(judged / "repair" / "repair.json", found.model_dump(mode="json"))
    store.write_json(judged / "verdict.json", found.verdict.model_dump(mode="json"))
    config = judged / "adapter" / "adapter_config.json"
    told = json.loads(config.read_text())
    store.write_json(config, told | {"lora_alpha": told["lora_alpha"] * SCALE})
    facts = json.loads((judged / "manifest.json").read_text())
    facts["repair"] = manifest_facts(found)
    facts["training"]["scale"] = SCALE
    facts["files"] |= {f"repair/{name}": "" for name in ("repair.json", "items.parquet", "scores.parquet")}
    (judged / "manifest.json").write_text(json.dumps(facts))
    repair(judged)
    return judged


def failed(folder: Path) -> list[str]:
    return [proof.claim for proof in audit(folder).proofs if proof.failed]


def test_a_repaired_run_is_proven(turned_down: Path) -> None:
    verdict, items = run_files.verdict(turned_down), run_files.repair_items(turned_down)
    assert verdict is not None
    assert (verdict.decision, verdict.scale) == ("SHIP", SCALE)
    assert items.filter(role="retention").height == 3, "of nine rows of prose the exam asks six"
    assert failed(turned_down) == []
    assert not [told for told in audit(turned_down).unproven if "repair" in told]


def test_validation_items_that_the_template_refuses_are_named_and_not_proven(
    turned_down: Path, repair: Callable[[Path], None]
) -> None:
    said, gate, suite = run_files.repair(turned_down), run_settings.gate(turned_down), "prose"
    assert said is not None
    assert gate is not None
    items = run_files.repair_items(turned_down).filter(suite=suite)["item"].to_list()

    def refuse(*gone: str) -> list[str]:
        scores = run_files.repair_scores(turned_down).filter(~pl.col("item").is_in(gone))
        looks = tuple(look(scores, gate, scale) for scale in (0.75, SCALE))
        store.write_parquet(turned_down / "repair" / "scores.parquet", scores)
        found = said.model_copy(update={"validation": looks})
        store.write_json(turned_down / "repair" / "repair.json", found.model_dump(mode="json"))
        facts = json.loads((turned_down / "manifest.json").read_text())
        facts["refused"] = {"base": {}, "candidate": {}, "validation": {suite: gone}}
        (turned_down / "manifest.json").write_text(json.dumps(facts))
        repair(turned_down)
        return failed(turned_down)

    assert refuse(items[0]) == []
    told = [one for one in audit(turned_down).unproven if "refuses 1 of 3 validation items of prose" in one]
    assert [items[0] in one for one in told] == [True]
    assert [claim for claim in refuse(*items) if claim.startswith("base and candidate, at every scale tried, were")]


def table(name: str, change: Callable[[pl.DataFrame], pl.DataFrame]) -> Callable[[Path], None]:
    return lambda run: change(pl.read_parquet(run / name)).write_parquet(run / name)


def content(name: str, **values: Any) -> Callable[[Path], None]:
    return lambda run: store.write_json(run / name, json.loads((run / name).read_text()) | values)


def hidden(run: Path) -> None:
    for file in sorted((run / "repair").iterdir()):
        file.unlink()
    (run / "repair").rmdir()
    facts = json.loads((run / "manifest.json").read_text())
    facts["files"] = {name: digest for name, digest in facts["files"].items() if not name.startswith("repair/")}
    (run / "manifest.json").write_text(json.dumps(facts))


def told(run: Path) -> None:
    facts = json.loads((run / "manifest.json").read_text())
    facts["repair"]["scale"] = 0.75
    (run / "manifest.json").write_text(json.dumps(facts))


def skipped(run: Path) -> None:
    """Leave out the largest scale, as if a half had been the first to be tried."""
    file = run / "repair" / "repair.json"
    said = json.loads(file.read_text())
    store.write_json(file, said | {"validation": said["validation"][1:]})
    scores = pl.read_parquet(run / "repair" / "scores.parquet")
    scores.filter(pl.col("model") != "candidate@0.75").write_parquet(run / "repair" / "scores.parquet")


CHOSEN = "the scale is the largest that passes on the validation items, and the exam's answer is what its scores give"
ADAPTER = "the adapter is of the kind and on the base that the recipe asks for"
SCORED = "base and candidate, at every scale tried, were scored on every validation item, and on no other"
SCORED_ON_EXAM = "base and candidate were scored on every item that the exam had to ask them, and on no other"
VERDICT = "the verdict is what the scores and the recipe's gate give"


def test_lies_about_a_repair_are_found(turned_down: Path) -> None:
    validation = run_files.part(turned_down, "validation")
    lies: list[tuple[Callable[[Path], None], str]] = [
        (hidden, "a smaller scale was tried where gain and forgetting ask for it, and nowhere else"),
        (content("repair/repair.json", scale=0.25), CHOSEN),
        (told, CHOSEN),
        (skipped, "the repair can be judged again"),
        (table("repair/scores.parquet", lambda scores: scores[1:]), "the repair can be judged again"),
        (table("repair/scores.parquet", lambda s: pl.concat([s, s.with_columns(model=pl.lit("x"))])), SCORED),
        (
            table("repair/items.parquet", lambda items: items.with_columns(target=pl.lit("easy"))),
            "the domain's validation items are the validation rows, as its draw gives them",
        ),
        (
            table("repair/items.parquet", lambda items: items.with_columns(pl.col("item") + "x")),
            "validation items of retention suites are none of the exam's, come next in its draw, and are in its reserve",
        ),
    ]
    for at, (tamper, claim) in enumerate(lies):
        run = turned_down.parent / f"{turned_down.name}-{at}"
        shutil.copytree(turned_down, run)
        tamper(run)
        proofs = prove_repair(run, runs.manifest(run), validation)
        assert claim in [proof.claim for proof in proofs if proof.failed]


def test_lies_about_what_a_repair_came_to_are_found(turned_down: Path, repair: Callable[[Path], None]) -> None:
    for tamper in (
        content("adapter/adapter_config.json", lora_alpha=32.0),
        content("verdict.json", scale=0.75),
        table("scores.parquet", lambda scores: scores.filter(pl.col("model") != "candidate@1")),
    ):
        tamper(turned_down)
    repair(turned_down)
    assert {ADAPTER, SCORED_ON_EXAM, VERDICT} <= set(failed(turned_down))
