"""The store: content-addressed, atomic, and plain about a home it can't write to."""

import errno
import os
import resource
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tasks import store


def test_equal_frames_are_stored_once_and_read_back(home: Path) -> None:
    frame = pl.DataFrame({"row": [1, 2], "text": ["a", None]})
    first, second = store.write_table(frame), store.write_table(frame.clone())
    assert first == second
    assert store.read_table(first).equals(frame)
    assert len(list((home / "store" / "tables").iterdir())) == 1


def test_a_changed_cell_changes_the_digest(home: Path) -> None:
    one = store.write_table(pl.DataFrame({"a": [1, 2]}))
    other = store.write_table(pl.DataFrame({"a": [1, 3]}))
    assert one.digest != other.digest


def test_a_write_that_dies_leaves_nothing_behind(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def dies(self: pl.DataFrame, path: Path, **_: object) -> None:
        Path(path).write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(pl.DataFrame, "write_parquet", dies)
    with pytest.raises(KeyboardInterrupt):
        store.write_table(pl.DataFrame({"a": [1]}))
    assert list((home / "store" / "tables").iterdir()) == []


def test_a_full_disk_is_told_in_a_sentence(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: pl.DataFrame, path: Path, **_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(pl.DataFrame, "write_parquet", full)
    with pytest.raises(store.StoreError, match="disk is full.*--home"):
        store.write_table(pl.DataFrame({"a": [1]}))


def test_a_limit_on_the_size_of_files_is_told_in_a_sentence(home: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    frame = pl.DataFrame({"a": np.random.default_rng(0).random(200_000)})
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, hard))
    try:
        with pytest.raises(store.StoreError, match="the limit that `ulimit -f` sets: winnow could not write .*tables"):
            store.write_table(frame)
        with pytest.raises(
            store.StoreError, match="the limit that `ulimit -f` sets: winnow could not write .*a.txt. Raise it, as"
        ):
            store.write_text(home / "a.txt", "a" * (2 << 20))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_home_that_is_a_file_is_told_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("WINNOW_HOME", str(tmp_path / "file"))
    with pytest.raises(store.StoreError, match="can't write.*--home"):
        store.ensure_home()


def test_folders_are_named_by_their_content(home: Path) -> None:
    one = store.write_folder("things", lambda folder: (folder / "a.txt").write_text("1") and None)
    same = store.write_folder("things", lambda folder: (folder / "a.txt").write_text("1") and None)
    other = store.write_folder("things", lambda folder: (folder / "b.txt").write_text("1") and None)
    assert one == same != other
    assert (store.locate(one) / "a.txt").read_text() == "1"
    assert not [path for path in (home / "store" / "things").iterdir() if path.name.startswith(".part")]


def test_missing_names_references_whose_files_are_gone(home: Path) -> None:
    table = store.write_table(pl.DataFrame({"a": [1]}))
    result = {"__class__": "x", "data": {"fates": [table.model_dump()], "n": 1}}
    assert store.missing(result) == []
    store.locate(table).unlink()
    assert store.missing(result) == [table.path]


def test_a_table_that_was_altered_is_missing_and_whole_again_once_it_is_written_anew(home: Path) -> None:
    frame = pl.DataFrame({"a": list(range(1000))})
    table = store.write_table(frame)
    place = store.locate(table)
    assert store.missing(table.model_dump()) == []
    place.write_bytes(place.read_bytes()[:-50])
    assert store.missing(table.model_dump()) == [table.path]
    pl.DataFrame({"a": list(range(1, 1001))}).write_parquet(place)  # it can be read, and is another
    assert store.missing(table.model_dump()) == [table.path]
    assert store.write_table(frame) == table
    assert store.missing(table.model_dump()) == []
    assert store.read_table(table).equals(frame)


def test_value_digest_sees_every_field_and_no_key_order(home: Path) -> None:
    table = store.write_table(pl.DataFrame({"a": [1]}))
    assert store.value_digest({"a": 1, "b": [table]}) == store.value_digest({"b": [table], "a": 1})
    other = table.model_copy(update={"digest": "0"})
    assert store.value_digest([table]) != store.value_digest([other])
