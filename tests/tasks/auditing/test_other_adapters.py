"""Adapters of other kinds than LoRA's: configuration and weights are those that the recipe's training writes."""

import json
from pathlib import Path
from typing import Any

import pytest

from evals.steering import WEIGHTS
from quality.auditing.audit import Proof
from tasks.auditing.adapter import prove_configured, prove_weighted
from tasks.training.methods import wrap
from tasks.training.settings import Tune

SETTINGS: dict[str, dict[str, Any]] = {
    "lora": {"rank": 4},
    "gentle": {"rank": 4},
    "pissa": {"rank": 4},
    "ia3": {},
    "oft": {"block_size": 8},
    "prompt": {"virtual_tokens": 3},
    "prefix": {"virtual_tokens": 3},
    "full": {},
    "peft": {"peft": {"peft_type": "VERA", "r": 8}},
}
RECIPE = {"model": {"base": "the-base"}}


@pytest.fixture
def written(llama, tmp_path: Path):
    """Write a fresh adapter of a method as training does; return its run's folder and configuration."""

    def make(tune: Tune) -> tuple[Path, dict[str, Any]]:
        from evals.adapters import write

        folder = tmp_path / "adapter"
        folder.mkdir()
        write(wrap(llama(), tune), folder)
        file = folder / "adapter_config.json"
        said = json.loads(file.read_text()) | {"base_model_name_or_path": "the-base"}
        file.write_text(json.dumps(said))
        return tmp_path, said

    return make


def proofs(folder: Path, said: dict[str, Any], tune: Tune, scale: float = 1.0) -> list[Proof]:
    return [prove_configured(said, RECIPE, tune, scale), prove_weighted(folder / "adapter" / WEIGHTS, said, tune)]


@pytest.mark.parametrize("method", SETTINGS)
def test_what_training_writes_is_proven(written, method: str) -> None:
    tune = Tune(method=method, **SETTINGS[method])
    assert [proof.examples for proof in proofs(*written(tune), tune)] == [(), ()]


@pytest.mark.parametrize(
    ("method", "other"),
    [
        ("pissa", {"rank": 8}),
        ("lora", {"method": "pissa"}),
        ("oft", {"block_size": 16}),
        ("prompt", {"virtual_tokens": 5}),
        ("prefix", {"method": "prompt"}),
        ("ia3", {"method": "oft", "block_size": 8}),
        ("full", {"method": "lora"}),
        ("peft", {"peft": {"peft_type": "VERA", "r": 16}}),
    ],
)
def test_an_adapter_of_another_recipe_is_found_out(written, method: str, other: dict[str, Any]) -> None:
    folder, said = written(Tune(method=method, **SETTINGS[method]))
    shape = {} if "method" in other else SETTINGS[method]
    tune = Tune(**{"method": method, **shape, **other})
    assert any(proof.examples for proof in proofs(folder, said, tune))


@pytest.mark.parametrize("method", ["ia3", "oft", "prompt"])
def test_a_key_that_no_recipe_asked_for_is_found_out(written, method: str) -> None:
    tune = Tune(method=method, **SETTINGS[method])
    folder, said = written(tune)
    added = said | {"modules_to_save": ["lm_head"]}
    assert proofs(folder, added, tune)[0].examples


def test_a_full_fine_tuning_turned_down_says_so(written) -> None:
    tune = Tune(method="full")
    folder, said = written(tune)
    assert proofs(folder, said | {"scale": 0.5}, tune)[0].examples
    assert not proofs(folder, said | {"scale": 0.5}, tune, scale=0.5)[0].examples
