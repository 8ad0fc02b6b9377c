"""What was seen before is neither read nor compared again, as long as it is held and sound."""

import random
import resource
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from quality import neardup_index
from quality.lsh import index_shelf
from quality.lsh.index_files import write_arrays, write_head
from quality.neardup import NearDup, near_duplicates
from quality.neardup_index import NearDupIndex
from quality.whole import PREFIX
from tasks.caching import house_imports

NEAR = NearDup(threads=1)


def check(index: NearDupIndex, pool: list[str], settings: NearDup = NEAR) -> None:
    texts = pl.Series(pool, dtype=pl.String)
    assert index.near_duplicates(texts, settings).equals(near_duplicates(texts, settings))


def many(count: int, seed: int = 0) -> list[str]:
    """Texts of their own, of which every tenth has an edited copy beside it."""
    rng = random.Random(seed)
    texts = [" ".join(f"n{rng.randrange(10**6)}" for _ in range(30)) for _ in range(count)]
    return texts + [f"{text} more" for text in texts[::10]]


def chain(links: int) -> list[str]:
    """Windows over one long text: each like its neighbours, and unlike the others."""
    return [" ".join(f"w{i}" for i in range(start, start + 60)) for start in range(0, 5 * links, 5)]


def test_only_what_is_new_is_read_and_compared(tmp_path: Path, read: list[str], compared: list[int]) -> None:
    pool = many(300)
    NearDupIndex(tmp_path).near_duplicates(pl.Series(pool), NEAR)
    assert sorted(read) == sorted(pool)
    assert sum(compared) >= 30
    read.clear()
    compared.clear()
    moved = random.Random(1).sample(pool, 250)
    NearDupIndex(tmp_path).near_duplicates(pl.Series(moved), NEAR)
    assert (read, compared) == ([], [])
    new = "a text that nobody has seen before today"
    NearDupIndex(tmp_path).near_duplicates(pl.Series([new, *pool, f"{pool[3]} more", new]), NEAR)
    assert sorted(read) == sorted([new, f"{pool[3]} more", pool[3]])  # and the one it is compared with
    assert compared == [1]


def test_a_row_that_leaves_releases_what_it_suppressed(tmp_path: Path) -> None:
    index, (a, b, c) = NearDupIndex(tmp_path), chain(3)
    assert index.near_duplicates(pl.Series([b, a, c]))["row"].to_list() == [1, 2]
    assert index.near_duplicates(pl.Series([a, c])).is_empty()
    assert index.near_duplicates(pl.Series([a, b, c])).select("row", "witness").rows() == [(1, 0)]


def test_a_row_that_comes_back_is_compared_with_those_that_came_while_it_was_away(tmp_path: Path) -> None:
    index, (a, b, _) = NearDupIndex(tmp_path), chain(3)
    for pool in ([a], [b], [a], [], [b, a], [a, b]):
        check(index, pool)
    assert index.near_duplicates(pl.Series([a, b])).height == 1


def test_how_the_work_is_done_asks_for_no_index_of_its_own(tmp_path: Path, read: list[str]) -> None:
    pool = pl.Series(many(50))
    NearDupIndex(tmp_path).near_duplicates(pool, NEAR)
    read.clear()
    NearDupIndex(tmp_path).near_duplicates(pool, NearDup(threads=2, leaders=3, kernel="numpy"))
    assert read == []
    for other in ({"words": 4}, {"bands": 20}, {"rows": 4}, {"threshold": 0.6}):
        NearDupIndex(tmp_path).near_duplicates(pool, NearDup(threads=1, **other))
        assert len(read) == len(pool), other
        read.clear()
    assert len(list(tmp_path.iterdir())) == 4  # the one last used longest ago is gone


def test_other_code_has_another_index(tmp_path: Path, read: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    pool = pl.Series(many(20))
    NearDupIndex(tmp_path).near_duplicates(pool, NEAR)
    read.clear()
    monkeypatch.setattr(neardup_index, "basis", lambda *_: "of tomorrow")
    NearDupIndex(tmp_path).near_duplicates(pool, NEAR)
    assert len(read) == len(pool)


@pytest.mark.parametrize("foreign", ["state", "folder"])
def test_a_foreign_index_is_passed_over_with_a_message(
    tmp_path: Path, foreign: str, caplog: pytest.LogCaptureFixture
) -> None:
    pool = many(60)
    for words in (3, 5):
        check(NearDupIndex(tmp_path), pool, NEAR.model_copy(update={"words": words}))
    one, other = sorted(folder for folder in tmp_path.iterdir())
    if foreign == "folder":  # whole and sound, but of texts cut otherwise
        shutil.rmtree(one)
        shutil.copytree(other, one)
    else:
        name = write_arrays(one, {"codes": np.arange(3, dtype=np.uint64)}, {"of": one.name, "segments": [], "run": 1})
        write_head(one, name)
    for words in (3, 5):
        check(NearDupIndex(tmp_path), [*pool, f"{pool[0]} more"], NEAR.model_copy(update={"words": words}))
    assert caplog.text.count("is passed over") == 1
    assert "made anew" in caplog.text


def test_whatever_decides_what_is_remembered_is_in_the_name_of_an_index() -> None:
    """Each module that the search imports is one of these, or only goes about with what is remembered."""
    found = {name.removeprefix("quality.") for name in house_imports("quality.neardup_index")} - {"quality"}
    assert found - set(neardup_index._BASIS) == {
        "lsh",
        "lsh.basis",
        "lsh.kernels",
        "lsh.pairs",
        "lsh.star",
        "lsh.templates",
        "neardup",
        "side_by_side",
        "whole",
    }
    assert set(neardup_index._BASIS) <= found


def files(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.safetensors"))


def test_many_small_runs_leave_few_files(tmp_path: Path) -> None:
    pool = many(400)
    for end in range(100, 440, 10):
        check(NearDupIndex(tmp_path), pool[:end])
        assert len(files(tmp_path)) <= 8  # a state, and segments each twice as large as the next


def test_texts_not_seen_for_long_are_forgotten_first(tmp_path: Path, read: list[str]) -> None:
    index, pools = NearDupIndex(tmp_path, most_absent=60), [many(30, seed) for seed in range(6)]  # 33 texts each
    for pool in pools:
        check(index, pool)
    few = sum(path.stat().st_size for path in files(tmp_path))
    for pool in [many(30, seed) for seed in range(6, 12)]:
        check(index, pool)
    assert sum(path.stat().st_size for path in files(tmp_path)) <= 1.5 * few
    read.clear()
    check(index, many(30, 11))
    assert read == []
    check(index, pools[0])
    assert len(read) == 33


def test_a_pool_without_a_new_text_counts_as_seen(tmp_path: Path, read: list[str]) -> None:
    index, (one, other, third) = NearDupIndex(tmp_path, most_absent=60), (many(30, seed) for seed in range(3))
    for pool in (one, other, one, third):  # 66 absent: the 30 that were seen last stay
        check(index, pool)
    read.clear()
    check(index, one)
    assert len(read) <= 3 + 3  # three forgotten, and copies that they are compared with


def test_what_a_killed_writer_left_is_removed_by_the_next(tmp_path: Path) -> None:
    pool = many(50)
    check(NearDupIndex(tmp_path), pool[:20])
    folder = files(tmp_path)[0].parent
    (folder / f"{'0' * 32}.safetensors").write_bytes(b"a segment that no state names")
    check(NearDupIndex(tmp_path), pool)
    assert f"{'0' * 32}.safetensors" not in [path.name for path in files(tmp_path)]


@pytest.mark.parametrize("blocked", ["file", "full"])
def test_an_index_that_can_not_be_written_costs_a_warning(
    tmp_path: Path, blocked: str, caplog: pytest.LogCaptureFixture, small_files: Callable[[int], None]
) -> None:
    pool = many(200)
    if blocked == "file":
        (tmp_path / "index").write_text("where the folder should be")
    else:
        check(NearDupIndex(tmp_path / "index"), pool[:100])
        small_files(20_000)
    check(NearDupIndex(tmp_path / "index"), pool)
    assert "is not kept" in caplog.text
    assert not list(tmp_path.rglob(f"{PREFIX}*"))
    small_files(resource.RLIM_INFINITY)
    if blocked == "full":
        check(NearDupIndex(tmp_path / "index"), pool)


@pytest.fixture
def small_files() -> Iterator[Callable[[int], None]]:
    """Let this process write files of at most so many bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield lambda size: resource.setrlimit(
        resource.RLIMIT_FSIZE, (size if size != resource.RLIM_INFINITY else soft, hard)
    )
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_of_two_that_end_at_once_the_later_leaves_the_index_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, read: list[str]
) -> None:
    one, other = many(40, 1), many(40, 2)
    plain = index_shelf.load

    def rival_first(*args: object) -> object:
        held = plain(*args)  # type: ignore[arg-type]
        monkeypatch.setattr(neardup_index, "load", plain)
        check(NearDupIndex(tmp_path), other)  # ends before we do
        return held

    monkeypatch.setattr(neardup_index, "load", rival_first)
    check(NearDupIndex(tmp_path), one)
    read.clear()
    check(NearDupIndex(tmp_path), other)
    assert read == []
    check(NearDupIndex(tmp_path), one)
    assert len(read) == len(one)
