"""An adapter from a folder: what is no adapter is told, and what is missing of it."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tasks import store
from tasks.bring_adapter import bring_adapter
from tasks.fine_tune import fine_tune
from tasks.models import ModelFiles
from tasks.split import Data
from tasks.training.settings import Tune
from tasks.turn_down import turn_down


def test_what_is_no_adapter_is_told(tmp_path: Path, home: Path) -> None:
    with pytest.raises(FileNotFoundError, match=f"^--adapter: {tmp_path}/none is not there: name the folder"):
        bring_adapter.fn(f"{tmp_path}/none")
    (tmp_path / "file").touch()
    with pytest.raises(FileNotFoundError, match="file is a file: name the folder"):
        bring_adapter.fn(f"{tmp_path}/file")
    with pytest.raises(FileNotFoundError, match="adapter_config.json and adapter_model.safetensors are not there"):
        bring_adapter.fn(str(tmp_path))
    (tmp_path / "adapter_config.json").touch()
    with pytest.raises(FileNotFoundError, match="adapter: adapter_model.safetensors is not there"):
        bring_adapter.fn(str(tmp_path))


@pytest.mark.parametrize(
    ("config", "weights", "told"),
    [
        ("", b"", "adapter_config.json can't be read as JSON: copy the adapter again"),
        ("[]", b"", "adapter_config.json names no peft_type"),
        ('{"peft_type": "NOPE"}', b"", r"adapter_config.json names the peft_type 'NOPE', which PEFT .* LORA"),
        ('{"peft_type": ["LORA"]}', b"", r"adapter_config.json names the peft_type \['LORA'\], which PEFT"),
        ('{"peft_type": "LORA"}', b"", r"adapter_model.safetensors is no safetensors file \(0 bytes\)"),
        (
            '{"peft_type": "LORA"}',
            bytes([9, *[0] * 7]) + b"{",
            "adapter_model.safetensors is cut off: it holds 9 bytes",
        ),
    ],
)
def test_a_damaged_adapter_is_told(tmp_path: Path, home: Path, config: str, weights: bytes, told: str) -> None:
    (tmp_path / "adapter_config.json").write_text(config)
    (tmp_path / "adapter_model.safetensors").write_bytes(weights)
    with pytest.raises(ValueError, match=f"^--adapter: {tmp_path}/{told}"):
        bring_adapter.fn(str(tmp_path))


@pytest.mark.parametrize("method", ["lora", "ia3", "reft"])
def test_an_adapter_of_other_weights_of_the_same_shapes_is_refused(
    answers_of: Callable[[list[str]], store.Table], tiny_base: ModelFiles, tmp_path: Path, method: str
) -> None:
    from safetensors.torch import load_file, save_file

    data = Data(train=answers_of(["tomatoes water roses"]), validation=answers_of([]))
    layers = {"steered_layers": 1} if method == "reft" else {}
    trained = fine_tune.fn(data, None, tiny_base, Tune(method=method, token_budget=60, threads=1, **layers))
    adapter = str(store.locate(turn_down(trained, 0.5).adapter))
    twin = Path(shutil.copytree(tiny_base.folder, tmp_path / "twin"))
    (twin / "README.md").write_text("The same weights, and another name.")
    same = ModelFiles(reference="twin", folder=str(twin), content="twin")
    assert store.folder_digest(store.locate(bring_adapter.fn(adapter, same))) == store.folder_digest(Path(adapter))

    moved = load_file(twin / "model.safetensors")
    moved["model.norm.weight"] += 1
    save_file(moved, twin / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ValueError, match=r"^--adapter: .* was trained on other weights \(.*base, digest .*\(twin, dig"):
        bring_adapter.fn(adapter, same)
