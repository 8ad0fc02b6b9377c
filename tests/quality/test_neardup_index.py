"""What was seen before is neither read nor compared again, and the result is that of a full run, to the last bit."""

import contextlib
import logging
import random
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quality import index_shelf, neardup_index, neardup_run
from quality.index_files import write_arrays, write_head
from quality.jaccard import ShingleSets
from quality.neardup import NearDup, near_duplicates
from quality.neardup_index import NearDupIndex
from quality.whole import PREFIX

NEAR = NearDup(threads=1)
# Few leaders and many chance candidates: together with `crowding`, small pools have large buckets and templates.
CROWDED = NearDup(words=2, bands=12, rows=1, leaders=2, threshold=0.5, threads=1)


def universe(rng: random.Random) -> list[str | None]:
    """Texts that are copies, edited copies in chains, fillings of templates, too short, empty or null."""
    words = [f"w{i}" for i in range(60)] + ["Straße", "ΣΟΦΊΑ", "中文"]
    template = rng.choices(words, k=12)
    texts: list[str | None] = ["", None, "!?", "one", "ONE ", "one.", None]
    for _ in range(90):
        kind = rng.random()
        if kind < 0.4 and len(texts) > 8:
            edited = (rng.choice([text for text in texts if text and len(text) > 20] or ["a b c d"])).split(" ")
            edited[rng.randrange(len(edited))] = rng.choice(words)
            texts.append(" ".join(edited))
        elif kind < 0.7:
            texts.append(" ".join(template + rng.choices(words, k=rng.choice([2, 3, 5]))))
        elif kind < 0.8 and texts[-1]:
            texts.append(rng.choice([str.upper, str.title, lambda text: text.replace(" ", ", ")])(texts[-1]))
        else:
            texts.append(" ".join(rng.choices(words, k=rng.randint(1, 30))))
    return texts


def changed(pool: list[str | None], kind: str, rng: random.Random, texts: list[str | None]) -> list[str | None]:
    """Do to a pool what happens to pools."""
    if kind == "append":
        return pool + rng.choices(texts, k=rng.randint(1, 30))
    if kind == "insert":
        at = rng.randint(0, len(pool))
        return [*pool[:at], *rng.choices(texts, k=5), *pool[at:]]
    if kind == "delete":
        return [text for text in pool if rng.random() > 0.2]
    if kind == "empty":
        return []
    if kind == "replace":
        return rng.choices(texts, k=40)
    return rng.sample(pool, len(pool))


@contextlib.contextmanager
def crowds() -> Iterator[None]:
    """Let buckets count as large from four texts on."""
    with pytest.MonkeyPatch.context() as patch:
        for module in ("pairs", "band_index"):
            patch.setattr(f"quality.{module}.SMALL_BUCKET", 3)
        yield


@pytest.fixture(scope="module", autouse=True)
def crowding() -> Iterator[None]:
    with crowds():
        yield


CHANGES = st.lists(st.sampled_from(["append", "insert", "delete", "move", "empty", "replace"]), min_size=2, max_size=7)


def check(index: NearDupIndex, pool: list[str | None], settings_: NearDup) -> None:
    texts = pl.Series(pool, dtype=pl.String)
    found, expected = index.near_duplicates(texts, settings_), near_duplicates(texts, settings_)
    assert found.equals(expected)
    assert found.schema == expected.schema


@settings(max_examples=30, deadline=None)
@given(CHANGES, st.integers(0, 2**32), st.sampled_from([0.0, 2.0]), st.sampled_from([10, 10**6]))
def test_after_any_change_the_result_is_that_of_a_full_run(
    changes: list[str], seed: int, larger: float, most_absent: int
) -> None:
    rng = random.Random(seed)
    texts = universe(rng)
    pool: list[str | None] = []
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr("quality.band_index._LARGER", larger)  # 0: segments are never merged
        index = NearDupIndex(Path(folder), most_absent=most_absent)
        for change in ["append", "append", *changes]:
            pool = changed(pool, change, rng, texts)
            for settings_ in (CROWDED, CROWDED.model_copy(update={"threshold": 0.8})):  # side by side
                check(index, pool, settings_)


@settings(max_examples=30, deadline=None)
@given(CHANGES, st.integers(0, 2**32), st.sampled_from(["flip", "truncate", "remove", "empty"]))
def test_damage_to_any_file_costs_time_and_no_bit_of_the_result(changes: list[str], seed: int, damage: str) -> None:
    rng = random.Random(seed)
    texts = universe(rng)
    pool: list[str | None] = []
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr("quality.band_index._LARGER", 0)
        for change in ["append", "append", "append", *changes]:
            pool = changed(pool, change, rng, texts)
            check(NearDupIndex(Path(folder)), pool, CROWDED)
            hurt(rng.choice(sorted(path for path in Path(folder).rglob("*") if path.is_file())), damage, rng)
            check(NearDupIndex(Path(folder)), pool, CROWDED)


def hurt(path: Path, damage: str, rng: random.Random) -> None:
    content = bytearray(path.read_bytes())
    path.unlink()  # another process may still read the old one
    if damage == "flip" and content:
        content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
    if damage != "remove":
        path.write_bytes({"flip": content, "truncate": content[: len(content) // 2], "empty": b""}[damage])


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


def test_the_pools_of_these_tests_have_crowds_in_them(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    with caplog.at_level(logging.INFO):
        NearDupIndex(tmp_path).near_duplicates(pl.Series(universe(random.Random(0)), dtype=pl.String), CROWDED)
    assert "share a template" in caplog.text


def chain(links: int) -> list[str]:
    """Windows over one long text: each like its neighbours, and unlike the others."""
    return [" ".join(f"w{i}" for i in range(start, start + 60)) for start in range(0, 5 * links, 5)]


def test_a_row_that_leaves_releases_what_it_suppressed(tmp_path: Path) -> None:
    index, (a, b, c) = NearDupIndex(tmp_path), chain(3)
    assert index.near_duplicates(pl.Series([b, a, c]))["row"].to_list() == [1, 2]
    assert index.near_duplicates(pl.Series([a, c])).is_empty()
    assert index.near_duplicates(pl.Series([a, b, c])).select("row", "witness").rows() == [(1, 0)]


def test_a_row_that_comes_back_is_compared_with_those_that_came_while_it_was_away(tmp_path: Path) -> None:
    index, (a, b, _) = NearDupIndex(tmp_path), chain(3)
    for pool in ([a], [b], [a], [], [b, a], [a, b]):
        check(index, pool, NEAR)
    assert index.near_duplicates(pl.Series([a, b])).height == 1


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Texts that were cut into shingles."""
    seen: list[str] = []
    plain = neardup_run.shingle

    def watched(texts: pl.Series, words: int, kernel: object, threads: int, only: np.ndarray) -> object:
        seen.extend(texts.gather(only))
        return plain(texts, words, kernel, threads, only)  # type: ignore[arg-type]

    monkeypatch.setattr(neardup_run, "shingle", watched)
    return seen


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many pairs were compared."""
    counts: list[int] = []
    plain = ShingleSets.jaccard

    def watched(sets: ShingleSets, left: np.ndarray, *rest: object) -> object:
        counts.append(len(left))
        return plain(sets, left, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(ShingleSets, "jaccard", watched)
    return counts


def many(count: int, seed: int = 0) -> list[str]:
    """Texts of their own, of which every tenth has an edited copy beside it."""
    rng = random.Random(seed)
    texts = [" ".join(f"n{rng.randrange(10**6)}" for _ in range(30)) for _ in range(count)]
    return texts + [f"{text} more" for text in texts[::10]]


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


def test_crowds_are_neither_read_nor_compared_again(
    tmp_path: Path, read: list[str], compared: list[int], caplog: pytest.LogCaptureFixture
) -> None:
    pool = pl.Series([text for text in universe(random.Random(0)) if text])
    first = NearDupIndex(tmp_path).near_duplicates(pool, CROWDED)
    read.clear()
    compared.clear()
    with caplog.at_level(logging.INFO):
        assert NearDupIndex(tmp_path).near_duplicates(pool, CROWDED).equals(first)
    assert "share a template" in caplog.text
    assert (read, compared) == ([], [])


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
    monkeypatch.setattr(neardup_index, "_basis", lambda: "of tomorrow")
    NearDupIndex(tmp_path).near_duplicates(pool, NEAR)
    assert len(read) == len(pool)


def files(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.safetensors"))


def test_many_small_runs_leave_few_files(tmp_path: Path) -> None:
    pool = many(400)
    for end in range(100, 440, 10):
        check(NearDupIndex(tmp_path), pool[:end], NEAR)
        assert len(files(tmp_path)) <= 8  # a state, and segments each twice as large as the next


def test_texts_not_seen_for_long_are_forgotten_first(tmp_path: Path, read: list[str]) -> None:
    index, pools = NearDupIndex(tmp_path, most_absent=60), [many(30, seed) for seed in range(6)]  # 33 texts each
    for pool in pools:
        check(index, pool, NEAR)
    few = sum(path.stat().st_size for path in files(tmp_path))
    for pool in [many(30, seed) for seed in range(6, 12)]:
        check(index, pool, NEAR)
    assert sum(path.stat().st_size for path in files(tmp_path)) <= 1.5 * few
    read.clear()
    check(index, many(30, 11), NEAR)
    assert read == []
    check(index, pools[0], NEAR)
    assert len(read) == 33


def test_a_pool_without_a_new_text_counts_as_seen(tmp_path: Path, read: list[str]) -> None:
    index, (one, other, third) = NearDupIndex(tmp_path, most_absent=60), (many(30, seed) for seed in range(3))
    for pool in (one, other, one, third):  # 66 absent: the 30 that were seen last stay
        check(index, pool, NEAR)
    read.clear()
    check(index, one, NEAR)
    assert len(read) <= 3 + 3  # three forgotten, and copies that they are compared with


def test_what_a_killed_writer_left_is_removed_by_the_next(tmp_path: Path) -> None:
    pool = many(50)
    check(NearDupIndex(tmp_path), pool[:20], NEAR)
    folder = files(tmp_path)[0].parent
    (folder / f"{'0' * 32}.safetensors").write_bytes(b"a segment that no state names")
    check(NearDupIndex(tmp_path), pool, NEAR)
    assert f"{'0' * 32}.safetensors" not in [path.name for path in files(tmp_path)]


@pytest.mark.parametrize("blocked", ["file", "full"])
def test_an_index_that_can_not_be_written_costs_a_warning(
    tmp_path: Path, blocked: str, caplog: pytest.LogCaptureFixture, small_files: Callable[[int], None]
) -> None:
    pool = many(200)
    if blocked == "file":
        (tmp_path / "index").write_text("where the folder should be")
    else:
        check(NearDupIndex(tmp_path / "index"), pool[:100], NEAR)
        small_files(20_000)
    check(NearDupIndex(tmp_path / "index"), pool, NEAR)
    assert "is not kept" in caplog.text
    assert not list(tmp_path.rglob(f"{PREFIX}*"))
    small_files(resource.RLIM_INFINITY)
    if blocked == "full":
        check(NearDupIndex(tmp_path / "index"), pool, NEAR)


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
        check(NearDupIndex(tmp_path), other, NEAR)  # ends before we do
        return held

    monkeypatch.setattr(neardup_index, "load", rival_first)
    check(NearDupIndex(tmp_path), one, NEAR)
    read.clear()
    check(NearDupIndex(tmp_path), other, NEAR)
    assert read == []
    check(NearDupIndex(tmp_path), one, NEAR)
    assert len(read) == len(one)


def work(folder: Path, seed: int) -> None:
    rng = random.Random(seed)
    texts = universe(random.Random(seed % 2))
    pool: list[str | None] = []
    with crowds():  # a process of its own
        for change in ["append", "append", "insert", "delete", "append", "move", "replace"]:
            pool = changed(pool, change, rng, texts)
            check(NearDupIndex(folder, most_absent=50), pool, CROWDED)


def test_processes_side_by_side_get_the_result_of_a_full_run(tmp_path: Path) -> None:
    for seeds in ((0, 1, 2), (3, 4, 5)):
        # By path: a process of its own can't import a test by name.
        started = [subprocess.Popen([sys.executable, __file__, str(tmp_path), str(seed)]) for seed in seeds]
        assert [process.wait(timeout=300) for process in started] == [0, 0, 0]
    assert not list(tmp_path.rglob(f"{PREFIX}*"))
    work(tmp_path, 7)


if __name__ == "__main__":
    work(Path(sys.argv[1]), int(sys.argv[2]))
