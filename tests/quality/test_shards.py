"""Many small runs leave few files; nobody loses a vector to a merge, and damage stops none."""

import os
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quality.shards import merge_small, read_shards, write_shard

DIM = 64
FULL = 100 * DIM * 4


def frame(first: int, count: int) -> pl.DataFrame:
    keys = [f"{number:032d}" for number in range(first, first + count)]
    vectors = np.repeat(np.arange(first, first + count, dtype=np.float32)[:, None], DIM, axis=1)
    return pl.DataFrame({"key": keys, "vector": pl.Series(vectors, dtype=pl.Array(pl.Float32, DIM))})


def held(folder: Path) -> dict[int, float]:
    return {int(key): vector[0] for shard in read_shards(folder) for key, vector in shard.iter_rows()}


def sizes(folder: Path) -> list[int]:
    return sorted(path.stat().st_size for path in folder.glob("*.parquet"))


@settings(max_examples=25)
@given(st.lists(st.tuples(st.integers(0, 300), st.integers(1, 150)), min_size=1, max_size=12))
def test_merging_leaves_every_vector_and_few_files(tmp_path_factory: pytest.TempPathFactory, runs) -> None:
    folder, every = tmp_path_factory.mktemp("shards"), set()
    for first, count in runs:  # they overlap, and some hold all of others
        write_shard(folder, frame(first, count))
        merge_small(folder, FULL)
        every |= set(range(first, first + count))
        assert held(folder) == {number: float(number) for number in every}
        small = [size for size in sizes(folder) if size < FULL]
        assert all(larger >= 2 * smaller for smaller, larger in pairwise(small))


def test_many_small_runs_leave_few_files(tmp_path: Path) -> None:
    for run in range(60):
        write_shard(tmp_path, frame(10 * run, 10))
        merge_small(tmp_path, FULL)
        assert len(sizes(tmp_path)) <= 10 * (run + 1) // 50 + 6
    assert len(held(tmp_path)) == 600


def test_what_is_full_is_not_written_again(tmp_path: Path) -> None:
    full = write_shard(tmp_path, frame(0, 100)), write_shard(tmp_path, frame(100, 100))
    before = [path.stat().st_ino for path in full]
    write_shard(tmp_path, frame(200, 1))
    merge_small(tmp_path, FULL)
    assert [path.stat().st_ino for path in full] == before


def test_a_damaged_shard_stops_no_merge(tmp_path: Path) -> None:
    (tmp_path / f"{'0' * 32}.parquet").write_bytes(b"")
    (tmp_path / f"{'1' * 32}.parquet").write_bytes(write_shard(tmp_path, frame(0, 10)).read_bytes()[:-9])
    write_shard(tmp_path, frame(10, 10))
    merge_small(tmp_path, FULL)
    assert len(held(tmp_path)) == 20
    assert len(sizes(tmp_path)) == 3


def test_whoever_reads_while_shards_are_merged_misses_nothing(tmp_path: Path) -> None:
    for run in range(4):
        write_shard(tmp_path, frame(10 * run, 10))
    shards = read_shards(tmp_path)
    first = next(shards)
    merge_small(tmp_path, FULL)
    assert {key for shard in [first, *shards] for key in shard["key"]} == {f"{number:032d}" for number in range(40)}


def test_a_kill_between_writing_and_removing_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for run in range(2):
        write_shard(tmp_path, frame(10 * run, 10))

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", killed)
        with pytest.raises(KeyboardInterrupt):
            merge_small(tmp_path, FULL)
    assert len(held(tmp_path)) == 20
    merge_small(tmp_path, FULL)
    assert len(held(tmp_path)) == 20
    assert len(sizes(tmp_path)) == 1


def test_a_folder_tells_that_it_was_asked_and_one_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    folder = tmp_path / "shards"
    write_shard(folder, frame(0, 1))
    os.utime(folder, (0, 0))
    assert len(held(folder)) == 1
    assert folder.stat().st_mtime > 0
    assert held(tmp_path / "none") == {}
    assert not (tmp_path / "none").exists()
