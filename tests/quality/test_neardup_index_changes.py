"""Whatever happens to a pool, to an index's files or to who writes them: the result is that of a full run."""

import contextlib
import itertools
import logging
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quality.neardup import NearDup, near_duplicates, near_pairs
from quality.neardup_index import NearDupIndex
from quality.whole import PREFIX

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
            patch.setattr(f"quality.lsh.{module}.SMALL_BUCKET", 3)
        yield


@pytest.fixture(scope="module", autouse=True)
def crowding() -> Iterator[None]:
    with crowds():
        yield


def check(index: NearDupIndex, pool: list[str | None], settings_: NearDup) -> None:
    texts = pl.Series(pool, dtype=pl.String)
    ways = [(index.near_duplicates, near_duplicates), (index.near_pairs, near_pairs)]
    for again, anew in ways[:: 1 if len(pool) % 2 else -1]:  # either may be the one that sees new texts
        found, expected = again(texts, settings_), anew(texts, settings_)
        assert found.equals(expected)
        assert found.schema == expected.schema


CHANGES = st.lists(st.sampled_from(["append", "insert", "delete", "move", "empty", "replace"]), min_size=2, max_size=7)


@settings(max_examples=30)
@given(CHANGES, st.integers(0, 2**32), st.sampled_from([0.0, 2.0]), st.sampled_from([10, 10**6]))
def test_after_any_change_the_result_is_that_of_a_full_run(
    changes: list[str], seed: int, larger: float, most_absent: int
) -> None:
    rng = random.Random(seed)
    texts = universe(rng)
    pool: list[str | None] = []
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr("quality.lsh.band_index._LARGER", larger)  # 0: segments are never merged
        index = NearDupIndex(Path(folder), most_absent=most_absent)
        for change in ["append", "append", *changes]:
            pool = changed(pool, change, rng, texts)
            for settings_ in (CROWDED, CROWDED.model_copy(update={"threshold": 0.8})):  # side by side
                check(index, pool, settings_)


@settings(max_examples=30)
@given(CHANGES, st.integers(0, 2**32), st.sampled_from(["flip", "truncate", "remove", "empty"]))
def test_damage_to_any_file_costs_time_and_no_bit_of_the_result(changes: list[str], seed: int, damage: str) -> None:
    rng = random.Random(seed)
    texts = universe(rng)
    pool: list[str | None] = []
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr("quality.lsh.band_index._LARGER", 0)
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


def test_the_pools_of_these_tests_have_crowds_in_them(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    with caplog.at_level(logging.INFO):
        NearDupIndex(tmp_path).near_duplicates(pl.Series(universe(random.Random(0)), dtype=pl.String), CROWDED)
    assert "share a template" in caplog.text


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


def work(folder: Path, seed: int) -> None:
    rng = random.Random(seed)
    texts = universe(random.Random(seed % 2))
    pool: list[str | None] = []
    with crowds():  # a process of its own
        for change in ["append", "append", "insert", "delete", "append", "move", "replace"]:
            pool = changed(pool, change, rng, texts)
            check(NearDupIndex(folder, most_absent=50), pool, CROWDED)


def alone(*arguments: object) -> subprocess.Popen[bytes]:
    """Run this file in a process of its own. By path: it can't import a test by name."""
    return subprocess.Popen([sys.executable, __file__, *map(str, arguments)])


def test_processes_side_by_side_get_the_result_of_a_full_run(tmp_path: Path) -> None:
    for seeds in ((0, 1, 2), (3, 4, 5)):
        started = [alone("work", tmp_path, seed) for seed in seeds]
        assert [process.wait(timeout=300) for process in started] == [0, 0, 0]
    assert not list(tmp_path.rglob(f"{PREFIX}*"))
    work(tmp_path, 7)


# What a process does with files, as `sys.audit` tells it.
DEALINGS = ("open", "os.mkdir", "os.chmod", "os.utime", "os.rename", "os.remove")


def thrice() -> list[list[str | None]]:
    """A pool, more of it, and most of it with others."""
    texts, others = universe(random.Random(5)), universe(random.Random(6))
    return [texts[:50], texts[:80], [*texts[10:], *others[:30]]]


def die(folder: Path, most_absent: int) -> None:
    """Let a process be killed when it deals with a file of an index: the first time, the second, and so on."""
    texts = pl.Series(thrice()[-1], dtype=pl.String)
    for step in itertools.count(1):
        here = folder / f"{step}"
        shutil.copytree(folder / "before", here)
        if not (child := os.fork()):
            left = itertools.count(step - 1, -1)

            def deal(event: str, about: object, here: str = str(here), left: Iterator[int] = left) -> None:
                if (event == "fcntl.flock" or (event in DEALINGS and here in str(about))) and not next(left):
                    os.kill(os.getpid(), signal.SIGKILL)

            sys.addaudithook(deal)
            with crowds():
                NearDupIndex(here, most_absent=most_absent).near_duplicates(texts, CROWDED)
            os._exit(0)
        if not os.waitpid(child, 0)[1]:
            return


@pytest.mark.parametrize("most_absent", [2, 10**6])  # documents are forgotten, or not
def test_killed_at_any_step_a_run_leaves_the_index_before_it_or_its_own(
    tmp_path: Path, most_absent: int, read: list[str]
) -> None:
    for pool in thrice()[:2]:
        check(NearDupIndex(tmp_path / "before"), pool, CROWDED)
    assert alone("die", tmp_path, most_absent).wait(timeout=300) == 0
    head = {folder.name: next(folder.glob("*/head")).read_text() for folder in tmp_path.iterdir()}
    before = head.pop("before")
    assert len(set(head.values())) == 2
    for folder, name in head.items():
        read.clear()
        index = NearDupIndex(tmp_path / folder, most_absent=most_absent)
        check(index, thrice()[1 if name == before else 2], CROWDED)
        assert not read or most_absent == 2
        for pool in thrice():
            check(index, pool, CROWDED)


if __name__ == "__main__":
    {"work": work, "die": die}[sys.argv[1]](Path(sys.argv[2]), int(sys.argv[3]))
