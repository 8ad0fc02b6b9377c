"""Which files start a run: those that landed, changed or went, and have stood still since."""

import gzip
import json
import os
from pathlib import Path

import pytest

from flows.recipe import load
from flows.watching import Watched, Watcher, watched


def news(watcher: Watcher) -> list[str]:
    """Look, and start what there is to start."""
    found = watcher.look()
    for name in found:
        watcher.started(name)
    return found


def test_what_landed_is_news_once_it_stands_still(home: Path, tmp_path: Path) -> None:
    pool = tmp_path / "pool"
    pool.mkdir()
    (pool / "old.jsonl").write_text("{}\n")
    watcher = Watcher([Watched("garden", (f"{pool}/*.jsonl",))])
    assert news(watcher) == [], "what lay there before anybody watched is known"
    assert news(watcher) == []
    (pool / "new.jsonl").write_text("{}\n")
    assert news(watcher) == [], "it may still be written"
    (pool / "new.jsonl").write_text("{}\n{}\n")
    assert news(watcher) == [], "and it was"
    assert news(watcher) == ["garden"]
    assert news(watcher) == []
    (pool / "old.jsonl").unlink()
    assert [news(watcher), news(watcher)] == [[], ["garden"]]
    (pool / "notes.txt").write_text("x")
    (pool / ".hidden.jsonl").write_text("x")
    assert [news(watcher), news(watcher)] == [[], []]


def test_what_landed_while_nobody_watched_is_news_at_the_next_start(home: Path, tmp_path: Path) -> None:
    what = [Watched("garden", (str(tmp_path / "pool"),))]
    (tmp_path / "pool").mkdir()
    assert news(Watcher(what)) == []
    (tmp_path / "pool" / "rows.jsonl.gz").write_bytes(gzip.compress(b"{}"))
    watcher = Watcher(what)
    assert [news(watcher), news(watcher), news(watcher)] == [[], ["garden"], []]
    (home / "watched" / "garden.json").write_text("[1")
    assert news(Watcher(what)) == [], "a damaged note is as none"


def test_folders_below_are_watched_where_they_are_read(home: Path, tmp_path: Path) -> None:
    (tmp_path / "pool" / "deep").mkdir(parents=True)
    watcher = Watcher([Watched("flat", (str(tmp_path / "pool"),)), Watched("all", (f"{tmp_path}/pool/**/*.jsonl",))])
    assert news(watcher) == []
    (tmp_path / "pool" / "deep" / "rows.jsonl").write_text("{}\n")
    assert [news(watcher), news(watcher), news(watcher)] == [[], ["all"], []]


def test_a_folder_that_links_lead_back_to_is_looked_at_once(home: Path, tmp_path: Path) -> None:
    (tmp_path / "pool").mkdir()
    (tmp_path / "pool" / "rows.jsonl").write_text("{}\n")
    (tmp_path / "pool" / "back").symlink_to(tmp_path / "pool")
    Watcher([Watched("garden", (f"{tmp_path}/pool/**/*.jsonl",))]).look()
    known = json.loads((home / "watched" / "garden.json").read_text())
    assert list(known) == [str(tmp_path / "pool" / "rows.jsonl")]


def test_a_home_folder_and_a_name_with_signs_of_a_glob_are_watched_as_they_are_read(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "pool").mkdir()
    file = tmp_path / "pool" / "rows[1].jsonl"
    file.write_text("{}\n")
    places = {"folder": "~/pool", "glob": "~/pool/*.jsonl", "file": str(file)}
    watcher = Watcher([Watched(name, (place,)) for name, place in places.items()])
    assert news(watcher) == []
    file.write_text("{}\n{}\n")
    assert [news(watcher), news(watcher), news(watcher)] == [[], list(places), []]


def test_what_landed_is_news_until_a_run_is_started_for_it(home: Path, tmp_path: Path) -> None:
    what = [Watched("garden", (str(tmp_path / "pool"),))]
    (tmp_path / "pool").mkdir()
    assert Watcher(what).look() == []
    (tmp_path / "pool" / "rows.jsonl").write_text("{}\n")
    watcher = Watcher(what)
    assert [watcher.look(), watcher.look(), watcher.look()] == [[], ["garden"], ["garden"]]
    (tmp_path / "pool" / "rows.jsonl").write_text("{}\n{}\n")
    assert watcher.look() == [], "it changes again, and may still be written"
    again = Watcher(what)
    assert [again.look(), news(again), again.look()] == [[], ["garden"], []]


def test_a_file_whose_name_is_no_unicode_is_news_once(home: Path, tmp_path: Path) -> None:
    watcher = Watcher([Watched("garden", (str(tmp_path / "pool"),))])
    (tmp_path / "pool").mkdir()
    assert news(watcher) == []
    (tmp_path / "pool" / os.fsdecode(b"gr\xf6sse.jsonl")).write_text("{}\n")
    assert [news(watcher) for _ in range(4)] == [[], ["garden"], [], []]


def test_a_place_that_can_not_be_looked_at_is_no_news_and_keeps_no_other_from_being_watched(
    home: Path, tmp_path: Path
) -> None:
    (tmp_path / "pool").mkdir()
    too_long = str(tmp_path / ("x" * 300) / "*.jsonl")  # the system answers with an error, as for a dead mount
    watcher = Watcher([Watched("lost", (too_long,)), Watched("garden", (str(tmp_path / "pool"),))])
    assert news(watcher) == []
    (tmp_path / "pool" / "rows.jsonl").write_text("{}\n")
    assert [news(watcher), news(watcher)] == [[], ["garden"]]


def test_only_what_lies_on_this_machine_and_is_asked_for_is_watched(tmp_path: Path) -> None:
    recipe = tmp_path / "recipe.yaml"
    text = 'name: x\nsources: [{path: "pool/*"}, {package: cwe2}, {path: "s3://bucket/x.jsonl"}]\nmodel: {base: b}\n'
    recipe.write_text(text)
    assert watched([load(recipe)]) == []
    recipe.write_text(text + "deploy: {watch: true}\n")
    assert watched([load(recipe)]) == [Watched("x", (str(tmp_path / "pool" / "*"),))]
