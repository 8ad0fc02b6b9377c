"""Safetensors files: one that is cut off, damaged or missing is seen from its header and size."""

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from tasks import weights


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "model.safetensors"
    save_file({"a": np.ones((3, 5), dtype=np.float32), "b": np.ones(7, dtype=np.int8)}, path, {"format": "pt"})
    return path


def opens(file: Path) -> bool:
    try:
        with safe_open(file, framework="np"):
            return True
    except SafetensorError:
        return False


def test_every_cut_is_seen_as_the_library_sees_it(file: Path) -> None:
    whole = file.read_bytes()
    assert opens(file)
    assert weights.damage(file) is None
    for size in range(len(whole)):
        file.write_bytes(whole[:size])
        assert not opens(file)
        assert weights.damage(file), size
    file.write_bytes(whole + b"more")
    assert not opens(file)
    assert "is damaged" in str(weights.damage(file))


def test_a_note_in_the_header_leaves_every_tensor_as_it_was(file: Path) -> None:
    from safetensors.numpy import load_file

    before = load_file(file)
    weights.note(file, told="once")
    weights.note(file, told="twice", more="…")
    assert weights.damage(file) is None
    assert weights.notes(file) == {"format": "pt", "told": "twice", "more": "…"}
    assert all((array == before[name]).all() for name, array in load_file(file).items())
    with safe_open(file, framework="np") as opened:
        assert opened.metadata() == weights.notes(file)


def test_weights_have_a_digest_whatever_lies_beside_them(file: Path) -> None:
    before = weights.digest(file.parent)
    (file.parent / "config.json").write_text("{}")
    (file.parent / "model.gguf").write_bytes(b"what the safetensors were made of")
    assert weights.digest(file.parent) == before
    file.unlink()
    assert (of_gguf := weights.digest(file.parent)) != before
    (file.parent / "model.gguf").write_bytes(b"another")
    assert weights.digest(file.parent) not in (before, of_gguf)


def test_a_file_of_no_tensors_is_whole(tmp_path: Path) -> None:
    save_file({}, tmp_path / "none.safetensors")
    assert weights.damage(tmp_path / "none.safetensors") is None


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is no safetensors file (0 bytes)"),
        (b"<!DOCTYPE html><p>Not found</p>", "is no safetensors file"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "is a pointer of Git LFS"),
        ((4).to_bytes(8, "little") + b"{]}]" + bytes(20), "its header can't be read"),
        ((8).to_bytes(8, "little") + b'{"a": 1}' + bytes(20), "its header can't be read"),
    ],
)
def test_what_is_no_such_file_is_told(tmp_path: Path, content: bytes, told: str) -> None:
    (tmp_path / "x.safetensors").write_bytes(content)
    assert told in str(weights.damage(tmp_path / "x.safetensors"))


def test_a_part_that_an_index_names_and_nobody_copied_is_told(file: Path) -> None:
    index = file.with_name("model.safetensors.index.json")
    index.write_text(json.dumps({"weight_map": {"a": file.name, "b": "two.safetensors", "c": "three.safetensors"}}))
    with pytest.raises(ValueError, match="^model.base: .*index.json names three.safetensors and 1 more, which is not"):
        weights.ensure_whole(file.parent, "model.base")


def test_folders_in_the_folder_are_looked_at_where_asked(file: Path) -> None:
    (file.parent / "2_Dense").mkdir()
    (file.parent / "2_Dense" / "model.safetensors").write_bytes(file.read_bytes()[:-1])
    weights.ensure_whole(file.parent, "model.base")
    with pytest.raises(
        ValueError, match=r"^model.embedder: .*2_Dense/model.safetensors is cut off: it holds \d+ bytes of"
    ):
        weights.ensure_whole(file.parent, "model.embedder", deep=True)
