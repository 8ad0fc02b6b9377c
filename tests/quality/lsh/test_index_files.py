"""Arrays come back as they were written, or not at all."""

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from quality.lsh.index_files import read_arrays, read_head, remove_others, retire, write_arrays, write_head

ARRAYS = {
    "marks": np.array([1, 0, 1], np.uint8),
    "none": np.empty((3, 0), np.uint64),
    "numbers": np.arange(7, dtype=np.uint32),
    "wide": np.arange(10, dtype=np.uint64).reshape(2, 5).T,  # not contiguous
    "real": np.array([0.1, -0.0, np.inf]),
}


def test_arrays_and_notes_come_back_bit_for_bit(tmp_path: Path) -> None:
    arrays, notes = read_arrays(tmp_path, write_arrays(tmp_path, ARRAYS, {"é": [1, None]}))
    assert notes == {"é": [1, None]}
    assert arrays.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        assert arrays[name].dtype == array.dtype
        assert arrays[name].shape == array.shape
        assert arrays[name].tobytes() == array.tobytes()
        assert arrays[name].flags.aligned


def test_others_read_these_files_too(tmp_path: Path) -> None:
    name = write_arrays(tmp_path, ARRAYS)
    theirs = load_file(tmp_path / f"{name}.safetensors")
    assert {key: array.tolist() for key, array in theirs.items()} == {k: a.tolist() for k, a in ARRAYS.items()}


def test_every_damaged_byte_is_noticed(tmp_path: Path) -> None:
    name = write_arrays(tmp_path, ARRAYS)
    path = tmp_path / f"{name}.safetensors"
    content = path.read_bytes()
    for place in range(len(content)):
        path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        with pytest.raises(OSError, match="do not match"):
            read_arrays(tmp_path, name)


def test_no_head_names_nothing(tmp_path: Path) -> None:
    assert read_head(tmp_path) == ""
    (tmp_path / "head").write_bytes(b"\xff")
    assert read_head(tmp_path) == ""
    write_head(tmp_path, "abc")
    assert read_head(tmp_path) == "abc"


def test_what_is_named_stays_and_an_open_file_is_read_on(tmp_path: Path) -> None:
    one, other = write_arrays(tmp_path, ARRAYS, 1), write_arrays(tmp_path, ARRAYS, 2)
    arrays, _ = read_arrays(tmp_path, one)
    remove_others(tmp_path, [other])
    assert [path.stem for path in tmp_path.glob("*.safetensors")] == [other]
    assert arrays["numbers"].tolist() == list(range(7))


def test_folders_used_last_stay(tmp_path: Path) -> None:
    import os

    for age, name in enumerate(["newest", "middle", "oldest"]):
        (tmp_path / name).mkdir()
        write_head(tmp_path / name, "abc")
        os.utime(tmp_path / name / "head", (10**9 - age, 10**9 - age))
    retire(tmp_path, 2)
    assert {path.name for path in tmp_path.iterdir()} == {"newest", "middle"}
