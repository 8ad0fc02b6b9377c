"""An adapter from a folder: what is no adapter is told, and what is missing of it."""

from pathlib import Path

import pytest

from tasks.bring_adapter import bring_adapter


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
