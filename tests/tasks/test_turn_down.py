"""Turning an adapter down: LoRA's change is multiplied exactly; DoRA keeps the lengths that it learnt."""

import json
from pathlib import Path

import pytest

from tasks import store
from tasks.fine_tune import Trained
from tasks.turn_down import can_turn_down, turn_down


@pytest.mark.parametrize("method", ["lora", "rslora", "dora"])
@pytest.mark.parametrize("scale", [0.75, 0.25])
def test_the_change_of_every_layer_is_multiplied(home: Path, llama, method: str, scale: float) -> None:
    import torch
    from peft import LoraConfig, PeftModel, get_peft_model

    options = {"use_rslora": method == "rslora", "use_dora": method == "dora"}
    made = get_peft_model(llama(), LoraConfig(r=4, lora_alpha=6, target_modules=["q_proj"], **options))
    torch.manual_seed(1)
    with torch.no_grad():
        for name, weight in made.named_parameters():
            if "lora_" in name:
                weight.add_(torch.rand_like(weight))
    trained = Trained(
        adapter=store.write_folder("adapters", made.save_pretrained),
        curve=store.Table(path="", digest="", rows=0),
        facts={"method": method},
    )
    found = turn_down(trained, scale)
    assert found.facts == {"method": method, "scale": scale}
    assert found.adapter.digest == store.folder_digest(store.locate(found.adapter)) != trained.adapter.digest
    written = json.loads((store.locate(found.adapter) / "adapter_config.json").read_text())["lora_alpha"]
    assert (written, type(written)) == ((4.5, float) if scale == 0.75 else (1.5, float))

    layers = ("model.layers.0.self_attn.q_proj", "model.layers.1.self_attn.q_proj")
    base = {layer: llama().get_submodule(layer).weight for layer in layers}
    parts = made.base_model.model
    scaled = PeftModel.from_pretrained(llama(), store.locate(found.adapter)).merge_and_unload()
    for layer in layers:
        held = parts.get_submodule(layer)
        change = held.lora_B["default"].weight @ held.lora_A["default"].weight * 6 / (2 if method == "rslora" else 4)
        wanted = base[layer] + scale * change
        if method == "dora":
            length = held.lora_magnitude_vector["default"].weight[:, None]
            wanted = wanted / wanted.norm(dim=1, keepdim=True) * length
        torch.testing.assert_close(scaled.get_submodule(layer).weight, wanted, atol=1e-5, rtol=1e-5)


def test_the_change_of_reft_is_multiplied(home: Path, llama) -> None:
    import torch

    from evals.loreft import LoReft, read
    from evals.steering import Steering

    made = LoReft(llama(), Steering(rank=2, layers=(1,), first=7, last=7))
    with torch.no_grad():
        made.interventions["1"].source.bias.normal_(std=3.0)
    trained = Trained(
        adapter=store.write_folder("adapters", made.save), curve=store.Table(path="", digest="", rows=0), facts={}
    )
    found = read(llama(), store.locate(turn_down(turn_down(trained, 0.5), 0.5).adapter))
    hidden = torch.randn(5, 64)
    changed = [one.interventions["1"](hidden, one.steering.scale) - hidden for one in (made, found)]
    torch.testing.assert_close(changed[1], changed[0] / 4, atol=1e-6, rtol=1e-5)


def test_a_scale_of_whole_alpha_is_written_as_a_whole_number(home: Path) -> None:
    def fill(folder: Path) -> None:
        (folder / "adapter_config.json").write_text(
            '{"peft_type": "LORA", "lora_alpha": 32.0, "alpha_pattern": {"q": 4}}'
        )

    trained = Trained(
        adapter=store.write_folder("adapters", fill), curve=store.Table(path="", digest="", rows=0), facts={}
    )
    config = (store.locate(turn_down(trained, 0.75).adapter) / "adapter_config.json").read_text()
    assert json.loads(config) == {"peft_type": "LORA", "lora_alpha": 24, "alpha_pattern": {"q": 3}}
    assert "24.0" not in config


@pytest.mark.parametrize("kind", ["IA3", "OFT"])
def test_factors_and_angles_go_back_towards_the_base(home: Path, llama, kind: str) -> None:
    import torch
    from peft import IA3Config, OFTConfig, PeftModel, get_peft_model
    from safetensors.torch import load_file

    config = (
        IA3Config(task_type="CAUSAL_LM", target_modules=["q_proj"], feedforward_modules=[])
        if kind == "IA3"
        else OFTConfig(task_type="CAUSAL_LM", r=0, oft_block_size=8, target_modules=["q_proj"])
    )
    made = get_peft_model(llama(), config)
    torch.manual_seed(1)
    with torch.no_grad():
        for weight in made.parameters():
            if weight.requires_grad:
                weight.add_(0.5 * torch.randn_like(weight))
    trained = Trained(
        adapter=store.write_folder("adapters", made.save_pretrained),
        curve=store.Table(path="", digest="", rows=0),
        facts={},
    )
    before = load_file(store.locate(trained.adapter) / "adapter_model.safetensors")
    half, none = turn_down(trained, 0.5), turn_down(trained, 0.0)
    turned = load_file(store.locate(half.adapter) / "adapter_model.safetensors")
    for name, weight in before.items():
        wanted = 1 + 0.5 * (weight - 1) if kind == "IA3" else 0.5 * weight
        torch.testing.assert_close(turned[name], wanted)
    assert store.folder_digest(store.locate(trained.adapter)) == trained.adapter.digest
    ids = torch.arange(10)[None]
    with torch.no_grad():
        base = llama()(input_ids=ids).logits
        gone = PeftModel.from_pretrained(llama(), store.locate(none.adapter))(input_ids=ids).logits
        partly = PeftModel.from_pretrained(llama(), store.locate(half.adapter))(input_ids=ids).logits
        whole = made.eval()(input_ids=ids).logits
    torch.testing.assert_close(gone, base, atol=1e-5, rtol=1e-4)
    assert (partly - base).norm() < (whole - base).norm()
    assert not torch.allclose(partly, base, atol=1e-3)


def test_the_change_of_every_weight_is_multiplied(home: Path, llama) -> None:
    import torch

    from evals.full import FullTune, begin, read

    made = begin(llama(), FullTune())
    with torch.no_grad():
        for weight in made.base_model.parameters():
            weight.add_(0.1)
    trained = Trained(
        adapter=store.write_folder("adapters", made.save), curve=store.Table(path="", digest="", rows=0), facts={}
    )
    found = read(llama(), store.locate(turn_down(trained, 0.5).adapter))
    for (name, weight), begun in zip(found.base_model.named_parameters(), llama().parameters(), strict=True):
        torch.testing.assert_close(weight, begun + 0.05, msg=name)


def test_virtual_tokens_have_no_scale(home: Path, llama) -> None:
    from peft import PromptTuningConfig, get_peft_model

    made = get_peft_model(llama(), PromptTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=3))
    trained = Trained(
        adapter=store.write_folder("adapters", made.save_pretrained),
        curve=store.Table(path="", digest="", rows=0),
        facts={},
    )
    with pytest.raises(ValueError, match=r"\(PROMPT_TUNING\) can't be turned down"):
        turn_down(trained, 0.5)


@pytest.mark.parametrize("beside", [{"modules_to_save": ["lm_head"]}, {"trainable_token_indices": [1, 2]}])
def test_what_was_trained_whole_beside_a_lora_has_no_scale(beside: dict[str, object]) -> None:
    assert can_turn_down({"peft_type": "LORA", "modules_to_save": None, "trainable_token_indices": None})
    assert not can_turn_down({"peft_type": "LORA", **beside})
