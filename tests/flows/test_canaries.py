"""Canaries in whole runs: a stage that sleeps is seen in the count, and no canary is seen anywhere else."""

import json
from pathlib import Path

import polars as pl
import pytest

from flows.curate import TRAINING_ONLY, curate_pool
from flows.recipe import load
from flows.retrain import retrain
from quality.records import full_text
from tasks import cards, runs

ON = "30"  # of some seventy rows kept
# An exam of its own: the home is shared with other tests, and an exam once sealed doesn't change.
SMALL = {"exam.name": "canaries", "exam.retention": "[]", "exam.choice_items": "0", "exam.domain_items": "12",
         "tune.token_budget": "500"}  # fmt: skip
DATA = ("dataset/train.parquet", "dataset/validation.parquet", "receipts.parquet", "removed.parquet", "exam.parquet",
        "reserve.parquet", "edits.parquet")  # fmt: skip


def _curated(world, **changes: str) -> Path:
    parameters = load(world.recipe, SMALL | changes).parameters()
    ended = curate_pool(
        **{key: value for key, value in parameters.items() if key not in TRAINING_ONLY}, return_state=True
    ).result(raise_on_failure=False)
    assert isinstance(ended, dict), ended
    return runs.find(ended["run"])


def _stages(run: Path) -> dict[str, tuple[int, int]]:
    table = pl.read_parquet(run / "attributes" / "canaries.parquet").filter(kind="all")
    return {
        stage: (planted, own) for stage, planted, own in table.select("stage", "planted", "under_own_reason").rows()
    }


@pytest.fixture(scope="module")
def without(world, results: Path) -> Path:
    return _curated(world)


@pytest.fixture(scope="module")
def told() -> list[cards.Event]:
    return []


@pytest.fixture(scope="module")
def audited(world, results: Path, told: list[cards.Event]) -> Path:
    with cards.listen(told.append):
        parameters = load(world.recipe, SMALL | {"curate.canaries": ON}).parameters()
        ended = retrain(**parameters, return_state=True).result(raise_on_failure=False)
    assert isinstance(ended, dict), ended
    return runs.find(ended["run"])


def test_what_is_published_is_the_same_with_canaries_and_without(without: Path, audited: Path) -> None:
    off, on = runs.manifest(without), runs.manifest(audited)
    assert {name: on["files"][name] for name in DATA} == {name: off["files"][name] for name in DATA}
    assert on["books"] == off["books"]
    same = ("pool", "train", "validation", "exam")
    assert [on["digests"][name] for name in same] == [off["digests"][name] for name in same]


def test_no_canary_is_in_dataset_removed_rows_receipts_or_exam(audited: Path) -> None:
    listed = pl.read_parquet(audited / "attributes" / "canary_rows.parquet")
    assert listed.height == int(ON)
    # Equal copies have the id and the text of their row, and so have whole leaks of an exam drawn from the pool.
    planted = listed.filter(~pl.col("kind").is_in(["exact_copies", "verbatim_leaks"]))
    ids, texts = set(planted["id"]), set(full_text(planted))
    assert len(ids) == planted.height > 20
    for name in DATA:
        if name.startswith(("exam", "reserve")):
            continue
        table = pl.read_parquet(audited / name)
        assert not ids & set(table["id"]), name
        assert not table["origin"].str.starts_with("canary").any(), name
        if "messages" in table.columns:
            assert not texts & set(full_text(table)), name
        if "witness" in table.columns:
            assert not ids & set(table["witness"]), name
    everything = (audited / "verdict.json").read_text() + (audited / "dataset" / "README.md").read_text()
    assert "canary" not in everything
    ours = {"canaries.parquet", "canary_rows.parquet"}
    for attribute in (audited / "attributes").glob("*.parquet"):
        if attribute.name not in ours and "id" in (table := pl.read_parquet(attribute)).columns:
            assert not ids & set(table["id"]), attribute


def test_the_run_has_the_clocks_of_its_own_steps_and_one_line_of_the_audit(
    without: Path, audited: Path, told: list[cards.Event]
) -> None:
    started = [event.step for event in told if event.kind == "started"]
    once = [step for step in started if step != "examine"]  # base and candidate, the latter suite by suite
    assert len(once) == len(set(once))
    (line,) = [event.text for event in told if event.step == "audit_canaries" and event.kind == "said"]
    assert f"of {ON} canaries caught" in line
    assert runs.manifest(audited)["clock"]["audit_canaries"] > 0


def test_canaries_are_caught_and_the_report_tells_it(audited: Path) -> None:
    stages = _stages(audited)
    assert set(stages) == {"screen", "protect", "dedupe", "decontaminate", "all"}
    planted, own = stages["all"]
    assert planted == int(ON)
    assert own >= 0.8 * planted
    page = (audited / "report.html").read_text()
    assert f"{ON} rows whose right fate is known were planted in a copy of the pool" in page
    table = pl.read_parquet(audited / "attributes" / "canaries.parquet")
    assert table.columns == ["kind", "stage", "planted", "removed", "under_own_reason", "low", "high"]
    assert table.filter(pl.col("low") > pl.col("removed") / pl.col("planted")).is_empty()


def test_stages_that_sleep_are_seen_in_the_count(world, audited: Path) -> None:
    asleep = _curated(
        world,
        **{
            "curate.canaries": ON,
            "curate.personal.kinds": "[]",
            "curate.screen": json.dumps(
                {
                    "most_markup": 99,
                    "most_refusal": 1,
                    "most_broken": 1,
                    "most_broken_count": 999,
                    "least_letters": 0,
                    "most_symbols": 1,
                    "most_cut_off": 1,
                    "most_looped_words": 9_999,
                }
            ),
        },
    )
    before, after = _stages(audited), _stages(asleep)
    assert after["protect"][1] == 0 < before["protect"][1]
    assert after["screen"][1] <= before["screen"][1] / 2
    assert after["decontaminate"][1] >= before["decontaminate"][1] - 1
