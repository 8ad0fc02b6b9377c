"""A home that can't be written to and a disk that fills up: one sentence, and the next run goes on from there."""

import contextlib
import errno
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import pytest

from quality import whole

Winnow = Callable[..., Any]
Recipe = Callable[..., Path]


@pytest.fixture(autouse=True)
def pool(recipe: Recipe, tmp_path: Path) -> None:
    """A hundred good rows, each like no other, and one that screening drops."""
    rows = [
        {"question": f"What stands at {n}?", "answer": f"{chr(97 + n % 26) * 3}{n} {n * 7}x y{n * n} near {n}."}
        for n in range(100)
    ]
    lines = [*rows, {"question": "Why?", "answer": " "}]
    (tmp_path / "pool" / "pool.jsonl").write_text("\n".join(map(json.dumps, lines)) + "\n")


def test_a_home_under_a_file_is_told(winnow: Winnow, recipe: Recipe, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    sentence = winnow("run", recipe(), home=tmp_path / "file" / "home").refused(tmp_path / "home")
    assert f"can't write to {tmp_path / 'file' / 'home'} (Not a directory). Choose a home you may write to" in sentence


def test_a_read_only_home_is_told(
    winnow: Winnow, recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "home").mkdir()
    make = os.mkdir

    def read_only(path: str, *arguments: int, **keys: int) -> None:
        if Path(path).is_relative_to(tmp_path / "home"):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))
        make(path, *arguments, **keys)

    monkeypatch.setattr(os, "mkdir", read_only)
    sentence = winnow("run", recipe()).refused(tmp_path / "home")
    assert "(Read-only file system). Choose a home you may write to: --home DIR" in sentence


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs the device that is always full")
@pytest.mark.parametrize("last", ["ingest", "split"])
def test_a_disk_that_fills_up_is_told_and_the_next_run_goes_on(
    winnow: Winnow, recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, last: str
) -> None:
    home, temporary = tmp_path / "home", whole.part_file

    @contextlib.contextmanager
    def filling_up(folder: Path, suffix: str) -> Iterator[Path]:
        with temporary(folder, suffix) as path:
            if any(home.glob(f"store/results/{last}-*")):
                path.unlink()
                path.symlink_to("/dev/full")
            yield path

    with monkeypatch.context() as patch:
        patch.setattr(whole, "part_file", filling_up)
        ended = winnow("curate", recipe())
    assert ended.code == 1
    assert ended.told.startswith("winnow: The disk is full: winnow could not write")
    assert "Traceback" not in ended.told
    assert not any((home / "runs").iterdir())
    assert not any(path.name.startswith(".part-") for path in home.rglob("*"))
    ended = winnow("curate", recipe())
    assert ended.code == 0, ended.told
    (line,) = [line for line in ended.printed.splitlines() if line.startswith(f"✓ {last} ")]
    assert line.endswith(" cached")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs the device that is always full")
def test_a_step_that_could_not_be_remembered_runs_again(
    winnow: Winnow, recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = tmp_path / "home" / "store" / "results"

    def on_a_full_disk(path: Path, mode: str) -> IO[bytes]:
        return Path("/dev/full").open(mode) if mode == "wb" else path.open(mode)

    with monkeypatch.context() as patch:
        patch.setattr("prefect.filesystems.open", on_a_full_disk, raising=False)
        assert winnow("curate", recipe()).code == 0
    assert not any(records.glob("ingest-*"))
    assert winnow("curate", recipe()).code == 0
    (record,) = records.glob("ingest-*")
    record.write_bytes(record.read_bytes()[:100])  # as a kill leaves it
    again = winnow("curate", recipe())
    assert again.code == 0, again.told
    assert "ingest 101 records" in " ".join(again.printed.split())
