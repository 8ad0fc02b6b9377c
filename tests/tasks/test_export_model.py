"""A merged model: equal to what was judged when it is read back by plain transformers, or not there at all."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from evals.merging import NotMergeable
from evals.models import load
from tasks import export_model as module
from tasks import exported, store
from tasks.export_model import NotEquivalent, export_model
from tasks.exported import NotAnExport
from tasks.gguf_converter import VARIABLE, Converter, find
from tasks.models import ModelFiles
from tasks.run_adapter import NotExported

ASKED = torch.tensor([[0, 40, 41, 42, 99, 7]])


def logits(model) -> torch.Tensor:
    with torch.no_grad():
        return model(ASKED).logits.float()


@pytest.fixture
def judged(small_base: ModelFiles) -> Callable[[Path], torch.Tensor]:
    """What base and adapter of a run say in 32 bits."""
    return lambda run: logits(load(Path(small_base.folder), adapter=run / "adapter", dtype=torch.float32)[0])


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"use_dora": True},
        {"use_rslora": True},
        {"target_modules": ["q_proj", "lm_head"]},
        {"target_modules": ["embed_tokens", "v_proj"]},
    ],
    ids=["lora", "dora", "rslora", "lm_head", "embed_tokens"],
)
def test_plain_transformers_load_what_was_judged(judged_run, judged, tmp_path: Path, config) -> None:
    from transformers import AutoModelForCausalLM, AutoTokenizer, GenerationConfig

    run, into = judged_run(**config), tmp_path / "made"
    made = export_model(run, into)
    model = AutoModelForCausalLM.from_pretrained(into)
    torch.testing.assert_close(logits(model), judged(run), atol=1e-4, rtol=1e-4)
    assert model.dtype == torch.float32
    assert {file.stat().st_mode & 0o777 for file in into.iterdir()} == {0o644}
    assert GenerationConfig.from_pretrained(into).eos_token_id == 1
    tokenizer = AutoTokenizer.from_pretrained(into)
    assert "<|im_start|>" in tokenizer.apply_chat_template([{"role": "user", "content": "a"}], tokenize=False)
    assert made.likeness.items == 12
    assert made.likeness.upper < 1e-3 * made.likeness.moved
    assert exported.read(into) == made
    assert (made.run, made.adapter, made.dtype) == (run.name, store.folder_digest(run / "adapter"), "float32")


def test_layers_that_share_their_weights_are_parted_before_one_of_them_is_changed(
    judged_run, small_base: ModelFiles, tmp_path: Path, llama, tokenizer
) -> None:
    """Merged as they are, the change of the output would be made to the input as well."""
    model = llama()
    model.config.tie_word_embeddings = True
    model.tie_weights()
    base = tmp_path / "tied"
    model.save_pretrained(base)
    tokenizer.save_pretrained(base)
    run = judged_run(base=str(base), target_modules=["lm_head"])
    export_model(run, tmp_path / "made")
    from transformers import AutoModelForCausalLM

    wanted = logits(load(base, adapter=run / "adapter", dtype=torch.float32)[0])
    torch.testing.assert_close(
        logits(AutoModelForCausalLM.from_pretrained(tmp_path / "made")), wanted, atol=1e-4, rtol=1e-4
    )


def test_what_lost_the_adapters_change_is_refused_and_nothing_is_left(judged_run, tmp_path: Path) -> None:
    """The lighter the adapter, the more of it bfloat16 rounds away."""
    run, into = judged_run(strength=1e-5), tmp_path / "out" / "made"
    with pytest.raises(
        NotEquivalent, match=r"written in bfloat16 is not the model that was judged.*Take --dtype float16"
    ):
        export_model(run, into, dtype="bfloat16")
    assert list(tmp_path.joinpath("out").iterdir()) == []
    assert export_model(run, into).likeness.is_equivalent


def test_a_damaged_export_is_found_whoever_wrote_it(
    judged_run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not a rounding alone: a merge that leaves the adapter out must be seen as well."""
    from evals.merging import merge

    def plain(folder, adapter):
        return load(folder, dtype=torch.float32)

    assert module.merge is merge
    monkeypatch.setattr(module, "merge", plain)
    with pytest.raises(NotEquivalent, match="written in float32 is not the model that was judged"):
        export_model(judged_run(), tmp_path / "made")


def test_a_folder_that_holds_something_is_left_alone(judged_run, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").touch()
    with pytest.raises(FileExistsError, match="is not empty"):
        export_model(judged_run(), tmp_path)
    assert (tmp_path / "mine.txt").exists()


def test_what_a_killed_export_left_goes_with_the_next(
    judged_run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    litter = out / ".made-export" / ".part-killed"
    litter.mkdir(parents=True)
    (litter / "model.safetensors").write_text("half")
    run = judged_run()
    with monkeypatch.context() as patch:
        patch.setattr(module, "merge", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            export_model(run, out / "made")
    assert list(out.iterdir()) == []
    export_model(run, out / "made")
    assert [path.name for path in out.iterdir()] == ["made"]


def test_no_weights_can_hold_loreft(judged_run, tmp_path: Path) -> None:
    run = judged_run()
    _rewrite(run, peft_type="LOREFT")
    with pytest.raises(NotMergeable, match=r"LoReFT .* can't be merged.*evals.models.load"):
        export_model(run, tmp_path / "made")
    _rewrite(run, peft_type="PROMPT_TUNING")
    with pytest.raises(NotMergeable, match="kind PROMPT_TUNING changes no weight.*winnow export-adapter"):
        export_model(run, tmp_path / "made")


def _rewrite(run: Path, **said: str) -> None:
    """Change an adapter's configuration, and the manifest as if it had been so when it was judged."""
    config, manifest = run / "adapter" / "adapter_config.json", run / "manifest.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | said))
    facts = json.loads(manifest.read_text())
    facts["digests"]["adapter"] = store.folder_digest(run / "adapter")
    manifest.write_text(json.dumps(facts))


def test_another_adapter_or_base_than_was_judged_is_refused(judged_run, tmp_path: Path) -> None:
    run = judged_run()
    config = run / "config.yaml"
    recipe = config.read_text()
    other = judged_run()
    with (run / "adapter" / "adapter_config.json").open("a") as file:
        file.write(" ")
    with pytest.raises(NotExported, match="was altered since the run"):
        export_model(run, tmp_path / "made")
    manifest = other / "manifest.json"
    manifest.write_text(manifest.read_text().replace(json.loads(manifest.read_text())["digests"]["base"], "0" * 32))
    with pytest.raises(NotExported, match="is another than the run"):
        export_model(other, tmp_path / "made")
    assert recipe == config.read_text()


def test_an_export_that_was_altered_is_told(judged_run, tmp_path: Path) -> None:
    into = tmp_path / "made"
    export_model(judged_run(), into)
    (into / "pickle.bin").touch()
    with pytest.raises(NotAnExport, match=r"pickle.bin is not as it was when the model was examined"):
        exported.read(into)
    (into / "pickle.bin").unlink()
    said = json.loads((into / "export.json").read_text())
    said["likeness"]["upper"] = 1.0
    (into / "export.json").write_text(json.dumps(said))
    with pytest.raises(NotAnExport, match="is not equivalent to what was judged"):
        exported.read(into)
    (into / "export.json").unlink()
    with pytest.raises(NotAnExport, match=r"holds no export.json"):
        exported.read(into)


def test_the_card_loads_the_model_as_it_says(judged_run, judged, tmp_path: Path) -> None:
    run, into = judged_run(), tmp_path / "made"
    export_model(run, into)
    card = (into / "README.md").read_text()
    assert "Read back from disk, KL" in card
    code = card.split("```python\n")[1].split("```")[0].replace("PATH/OF/THIS/FOLDER", str(into))
    names: dict = {}
    exec(code, names)
    torch.testing.assert_close(logits(names["model"]), judged(run), atol=1e-4, rtol=1e-4)
    assert names["tokenizer"].chat_template


SCRIPT = """
import pathlib, sys
import numpy as np
from gguf import GGUFWriter
from safetensors.numpy import load_file

folder, *options = sys.argv[1:]
assert options[0::2] == ["--outfile", "--outtype"], options
target, kind = options[1::2]
made = load_file(pathlib.Path(folder) / "model.safetensors")
if kind == "q8_0":
    print("loading", file=sys.stderr)
    sys.exit("Model LlamaForCausalLM is not supported")
if kind == "f16":
    pathlib.Path(target).write_bytes(b"GGUF and no more")
    sys.exit()
writer = GGUFWriter(target, "llama" if kind == "f32" else "unheard-of")
writer.add_block_count(2), writer.add_context_length(256), writer.add_embedding_length(64)
writer.add_feed_forward_length(128), writer.add_head_count(4), writer.add_head_count_kv(2)
writer.add_layer_norm_rms_eps(1e-6), writer.add_vocab_size(len(made["lm_head.weight"])), writer.add_rope_freq_base(1e4)
names = {"self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
         "self_attn.o_proj": "attn_output", "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up",
         "mlp.down_proj": "ffn_down", "input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm"}
for name, weight in made.items():
    for heads, part in ((4, "q_proj"), (2, "k_proj")):
        if part in name:  # llama.cpp turns other pairs of numbers
            weight = weight.reshape(heads, 2, -1, 64).swapaxes(1, 2).reshape(weight.shape)
    name = name.removeprefix("model.").replace("layers.", "blk.").replace("embed_tokens", "token_embd")
    for theirs, its in names.items():
        name = name.replace(theirs, its)
    name = "output_norm.weight" if name == "norm.weight" else name.replace("lm_head", "output")
    writer.add_tensor(name, np.ascontiguousarray(weight))
writer.write_header_to_file(), writer.write_kv_data_to_file(), writer.write_tensors_to_file(), writer.close()
"""


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """What llama.cpp's converter does for a llama (f32), for what transformers does not know (bf16), and when it fails."""
    file = tmp_path / "convert.py"
    file.write_text(SCRIPT)
    return file


def test_a_gguf_file_is_read_back_and_compared(judged_run, tmp_path: Path, script: Path) -> None:
    made = export_model(judged_run(), tmp_path / "made", converter=Converter(script, "f32"))
    assert made.gguf is not None
    assert made.gguf.likeness is not None
    assert made.gguf.likeness.upper < 1e-3 * made.likeness.moved
    assert "`model-f32.gguf` is the same model for llama.cpp. KL" in (tmp_path / "made" / "README.md").read_text()
    assert exported.read(tmp_path / "made") == made


def test_a_gguf_file_that_can_not_be_read_back_is_kept_and_that_is_told(
    judged_run, tmp_path: Path, script: Path
) -> None:
    made = export_model(judged_run(), tmp_path / "made", converter=Converter(script, "bf16"))
    assert (tmp_path / "made" / "model-bf16.gguf").is_file()
    assert made.gguf is not None
    assert (made.gguf.file, made.gguf.likeness) == ("model-bf16.gguf", None)
    assert "transformers can't read it" in made.gguf.unread
    assert "It was not compared, because transformers" in (tmp_path / "made" / "README.md").read_text()


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("q8_0", r"\(exit code 1\): Model LlamaForCausalLM is not supported"),
        ("f16", r"\(exit code 0\): it said nothing"),
    ],
)
def test_a_converter_that_makes_no_whole_file_is_told(
    judged_run, tmp_path: Path, script: Path, kind: str, told: str
) -> None:
    with pytest.raises(NotExported, match=f"made no GGUF file {told}"):
        export_model(judged_run(), tmp_path / "made", converter=Converter(script, kind))
    assert not (tmp_path / "made").exists()


def test_a_gguf_file_that_predicts_otherwise_is_refused(judged_run, tmp_path: Path, script: Path, llama) -> None:
    class Other(Converter):
        def read_back(self, file: Path):
            return llama(), ""

    with pytest.raises(NotEquivalent, match="GGUF file of type bf16 is not equivalent.*--gguf f32"):
        export_model(judged_run(), tmp_path / "made", converter=Other(script, "bf16"))
    assert not (tmp_path / "made").exists()


def test_the_converter_is_named_by_option_or_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    with pytest.raises(
        NotExported, match=r"--gguf needs llama.cpp's own converter.*--converter .*WINNOW_GGUF_CONVERTER"
    ):
        find("f16", None)
    with pytest.raises(NotExported, match="--gguf q4_0: name one of f32, f16, bf16, q8_0"):
        find("q4_0", None)
    with pytest.raises(NotExported, match="there is no file"):
        find("f16", tmp_path / "none.py")
    script = tmp_path / "convert_hf_to_gguf.py"
    script.touch()
    monkeypatch.setenv(VARIABLE, str(script))
    assert find("f16", None) == Converter(script, "f16")
