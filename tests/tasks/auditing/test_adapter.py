"""Adapters that winnow's own training writes are proven, whatever their method, their layers and their base."""

import json
import shutil
from pathlib import Path

import pytest

from evals.adapters import write
from evals.steering import WEIGHTS
from tasks.auditing.adapter import prove_configured, prove_weighted
from tasks.training.methods import wrap
from tasks.training.settings import Tune


def saved(kind: str, tune: Tune, folder: Path) -> dict[str, object]:
    from transformers import GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM

    if kind == "llama":
        small = {"vocab_size": 32, "hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 12}
        model = LlamaForCausalLM(LlamaConfig(**small, num_attention_heads=2, num_key_value_heads=1))
    else:
        model = GPT2LMHeadModel(GPT2Config(vocab_size=32, n_positions=16, n_embd=16, n_layer=2, n_head=2))
    folder.mkdir(parents=True, exist_ok=True)
    write(wrap(model, tune), folder)
    written = json.loads((folder / "adapter_config.json").read_text())
    return written | {"base_model_name_or_path": "a base"}


@pytest.mark.parametrize("method", ["lora", "dora", "rslora"])
@pytest.mark.parametrize("targets", ["all-linear", "mlp", "attention"])
def test_what_training_writes_is_proven(tmp_path: Path, method: str, targets: str) -> None:
    tune = Tune.model_validate({"method": method, "targets": targets, "rank": 4})
    said = saved("llama", tune, tmp_path)
    assert prove_configured(said, {"model": {"base": "a base"}}, tune).failed == 0
    proof = prove_weighted(tmp_path / WEIGHTS, said, tune)
    assert proof.checked >= 72
    assert proof.failed == 0


def test_what_reft_writes_is_proven_and_what_was_changed_of_it_is_found(tmp_path: Path) -> None:
    tune = Tune(method="reft")
    said, recipe = saved("llama", tune, tmp_path), {"model": {"base": "a base"}}
    assert prove_configured(said, recipe, tune).failed == 0
    proof = prove_weighted(tmp_path / WEIGHTS, said, tune)
    assert (proof.checked, proof.failed) == (12, 0)
    forged = [
        {"layers": [0, 1, 2, 3, 4]},
        {"layers": [3, 3]},
        {"layers": []},
        {"scale": 0.5},
        {"rank": 2},
        {"code": "x"},
    ]
    assert [prove_configured(said | one, recipe, tune).failed for one in forged] == [1] * len(forged)
    assert prove_configured(said | {"scale": 0.5}, recipe, tune, 0.5).failed == 0
    assert prove_configured(said, recipe, Tune()).failed > 0
    assert prove_weighted(tmp_path / WEIGHTS, said | {"layers": [0, 1]}, tune).failed > 0
    assert prove_weighted(tmp_path / WEIGHTS, said, Tune(method="reft", rank=2)).failed == 12
    assert prove_weighted(tmp_path / WEIGHTS, said, Tune()).failed > 0


@pytest.mark.filterwarnings("ignore:fan_in_fan_out")
def test_a_base_that_holds_its_weights_the_other_way_round_is_no_forgery(tmp_path: Path) -> None:
    tune = Tune(rank=4)
    said = saved("gpt2", tune, tmp_path)
    assert prove_configured(said, {"model": {"base": "a base"}}, tune).failed == 0
    assert prove_weighted(tmp_path / WEIGHTS, said, tune).failed == 0


@pytest.mark.filterwarnings("ignore:fan_in_fan_out")
def test_weights_of_another_method_are_found(tmp_path: Path) -> None:
    lora, dora = (Tune.model_validate({"method": method, "rank": 4}) for method in ("lora", "dora"))
    said = saved("gpt2", dora, tmp_path)
    assert prove_weighted(tmp_path / WEIGHTS, said, dora).failed == 0
    assert prove_weighted(tmp_path / WEIGHTS, said, lora).failed > 0
    plain = saved("gpt2", lora, tmp_path / "plain")
    shutil.copy(tmp_path / "plain" / WEIGHTS, tmp_path / WEIGHTS)
    assert prove_weighted(tmp_path / WEIGHTS, plain, dora).failed > 0
