"""What is taken out of a home that grows, and what stays."""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl
import pytest

from quality import whole
from tasks import runs, store, tidy
from tasks.tidy import Shelf

LONG_AGO = time.time() - 31 * 24 * 3600


def table(content: int) -> Path:
    """Store a table, and return where it lies."""
    return store.locate(store.write_table(pl.DataFrame({"a": [content]})))


def forget(*places: Path) -> None:
    """Let files and folders look as if nobody had asked for them in 31 days."""
    for place in places:
        for path in (place, *place.rglob("*")):
            os.utime(path, (LONG_AGO, LONG_AGO))


def model(name: str) -> Path:
    """Store a folder of two files, and return where it lies."""

    def fill(folder: Path) -> None:
        (folder / "a.safetensors").write_bytes(name.encode() * 500)
        (folder / "deep").mkdir()
        (folder / "deep" / "b.json").write_text("{}")

    return store.locate(store.write_folder("adapters", fill))


def test_what_nobody_asked_for_goes_and_all_else_stays(home: Path) -> None:
    old, new, old_model, new_model = table(1), table(2), model("old"), model("new")
    ran = home / "runs" / "20260101-000000-x"
    served = home / "champions" / "x" / "current"
    for folder in (ran, served):
        folder.mkdir(parents=True)
        (folder / "manifest.json").write_text("{}")
    forget(old, old_model, ran, served)
    sizes = [sum(file.stat().st_size for file in one) for one in ([old, new], [old])]
    held = [Shelf("adapters", 2, 3004, 1, 1502), Shelf("tables", 2, sizes[0], 1, sizes[1])]
    assert tidy.look() == held
    assert old.exists()
    assert tidy.tidy() == held
    assert [old.exists(), new.exists(), old_model.exists(), new_model.exists()] == [False, True, False, True]
    assert ran.is_dir()
    assert served.is_dir()
    assert [one.forgotten for one in tidy.look()] == [0, 0]
    assert not list((home / "store").rglob(f"{whole.PREFIX}*"))


def test_to_ask_for_something_or_to_read_it_keeps_it_and_to_look_at_it_does_not(home: Path) -> None:
    asked, read, looked = model("asked"), model("read"), model("looked")
    asked_table = table(1)
    written = asked_table.stat().st_mtime_ns
    forget(asked, read, looked)
    os.utime(asked_table, ns=(0, written))
    named = [{"path": str(one.relative_to(home)), "digest": one.stem} for one in (asked, asked_table)]
    assert store.missing(named) == []
    os.utime(read / "deep" / "b.json", (time.time(), LONG_AGO))
    for _ in range(2):
        assert tidy.look()[0].forgotten == 1
    tidy.tidy()
    assert [one.exists() for one in (asked, read, looked, asked_table)] == [True, True, False, True]
    assert asked_table.stat().st_mtime_ns == written, "when it was written is what its digest is remembered by"


def test_whoever_is_killed_leaves_no_half_of_a_folder(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = model("old")
    forget(place)
    removed: Callable[..., None] = whole.shutil.rmtree

    def dies(folder: Path, **_: object) -> None:
        removed(next(Path(folder).rglob("deep")))
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(whole.shutil, "rmtree", dies)
        with pytest.raises(KeyboardInterrupt):
            tidy.tidy()
    assert not place.exists()
    assert [part.parent for part in tidy.sweep()] == [place.parent]


def test_nothing_goes_while_a_run_is_under_way(home: Path) -> None:
    place = table(1)
    forget(place)
    with runs.open_run("garden", ""), pytest.raises(tidy.UnderWay, match=r"The run .*-garden is under way"):
        tidy.tidy()
    assert place.exists()
    tidy.tidy()
    assert not place.exists()


def test_a_file_that_lies_among_the_runs_is_no_run_that_is_under_way(home: Path) -> None:
    (home / "runs").mkdir(parents=True)
    (home / "runs" / ".DS_Store").touch()
    place = table(1)
    forget(place)
    tidy.tidy()
    assert not place.exists()


def test_links_that_a_person_put_there_stay_and_none_stands_in_the_way(home: Path, tmp_path: Path) -> None:
    place = model("old")
    forget(place)
    for name, target in (("loop", "loop"), ("nowhere", "/nowhere"), ("elsewhere", str(tmp_path))):
        for folder in (place, place.parent):
            (folder / name).symlink_to(target)
            os.utime(folder / name, (LONG_AGO, LONG_AGO), follow_symlinks=False)
    os.utime(place, (LONG_AGO, LONG_AGO))
    assert [(one.entries, one.forgotten) for one in tidy.look()] == [(1, 1)]
    tidy.tidy()
    assert sorted(path.name for path in place.parent.iterdir()) == ["elsewhere", "loop", "nowhere"]
    assert tmp_path.is_dir()


def test_two_who_tidy_at_once_do_not_stumble(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = table(1)
    forget(place)
    rename = Path.rename

    def late(entry: Path, target: Path) -> Path:
        place.unlink()
        return rename(entry, target)

    monkeypatch.setattr(Path, "rename", late)
    assert [one.forgotten for one in tidy.tidy()] == [1]


def test_what_goes_while_it_is_asked_for_stands_in_nobodys_way(home: Path) -> None:
    store.note_asked(home / "store" / "tables" / "gone.parquet")


def test_where_nothing_was_kept_there_is_nothing_to_tell(home: Path) -> None:
    assert tidy.look() == tidy.tidy() == []


def test_a_working_folder_nobody_came_back_to_for_two_weeks_is_removed(home: Path) -> None:
    forgotten, fresh, worked_on = (store.scratch("training", name) for name in ("forgotten", "fresh", "worked-on"))
    for desk in (forgotten, fresh, worked_on):
        (desk / "checkpoint").touch()
    long_ago = time.time() - 15 * 24 * 3600
    for path in (forgotten / "checkpoint", forgotten, worked_on):
        os.utime(path, (long_ago, long_ago))
    assert tidy.sweep() == [forgotten]
    assert not forgotten.exists()
    assert (fresh / "checkpoint").exists()
    assert (worked_on / "checkpoint").exists()


@pytest.mark.parametrize("gone", ["checkpoint", "checkpoint/weights", ""])
def test_what_a_training_takes_away_while_another_run_looks_stands_in_nobodys_way(
    home: Path, monkeypatch: pytest.MonkeyPatch, gone: str
) -> None:
    desk = store.scratch("training", "at work")
    (desk / "checkpoint").mkdir()
    (desk / "checkpoint" / "weights").touch()
    scandir = os.scandir

    class Taking:
        """Lists a folder, and lets what it holds go before anybody comes to look into it."""

        def __init__(self, place: str | Path | int = ".") -> None:
            with scandir(place) as entries:
                self.found = iter(list(entries))
            if not isinstance(place, int) and Path(place) == (desk / gone).parent:
                shutil.rmtree(desk / gone) if (desk / gone).is_dir() else (desk / gone).unlink(missing_ok=True)

        def __enter__(self) -> Iterator[os.DirEntry[str]]:
            return self.found

        def __exit__(self, *error: object) -> None:
            pass

        def __iter__(self) -> Iterator[os.DirEntry[str]]:
            return self.found

        def __next__(self) -> os.DirEntry[str]:
            return next(self.found)

    monkeypatch.setattr(os, "scandir", Taking)
    assert tidy.sweep() == []
    assert not (desk / gone).exists()


def test_a_desk_that_can_not_be_looked_into_and_a_link_stay(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = store.scratch("training", "at work")
    (desk / "checkpoint").mkdir()
    (desk.parent / "link").symlink_to(desk)
    for place in (desk / "checkpoint", desk, desk.parent / "link"):
        os.utime(place, (LONG_AGO, LONG_AGO), follow_symlinks=False)
    scandir = os.scandir

    def full(place: str | Path | int = ".") -> Iterator[os.DirEntry[str]]:
        if not isinstance(place, int) and Path(place) == desk / "checkpoint":
            raise OSError(24, "Too many open files")
        return scandir(place)

    with monkeypatch.context() as patched:
        patched.setattr(os, "scandir", full)
        assert tidy.sweep() == []
    assert tidy.sweep() == [desk]
    assert (desk.parent / "link").is_symlink()
