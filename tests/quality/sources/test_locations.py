"""Which files a folder or a glob stands for, where links lead round or to the same file twice."""

import glob
import logging
import os
import random
import re
from pathlib import Path

import pytest

from quality.sources import Source, read, unread
from quality.sources.faults import MissingSourceError
from quality.sources.locations import find_files

GOOD = b'{"question": "Why?", "answer": "Because."}\n'


def _file(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(GOOD)
    return path


def _found(place: str, base: Path) -> list[str]:
    return [str(path.relative_to(base)) for path in find_files(place, base)]


def test_a_link_that_leads_back_does_not_read_rows_again(tmp_path: Path) -> None:
    _file(tmp_path / "loop" / "a.jsonl").write_bytes(GOOD * 9)
    _file(tmp_path / "loop" / "sub" / "b.jsonl").write_bytes(GOOD * 9)
    (tmp_path / "loop" / "sub" / "up").symlink_to("..")
    pool = read([Source(path="loop/**/*.jsonl")], base=tmp_path)
    assert pool.records.height == 18
    assert pool.records["origin"].str.split(":").list.first().unique().sort().to_list() == [
        "loop/a.jsonl",
        "loop/sub/b.jsonl",
    ]


def test_links_that_lead_round_from_folder_to_folder_end(tmp_path: Path) -> None:
    _file(tmp_path / "shapes" / "a.jsonl")
    _file(tmp_path / "many" / "b.jsonl")
    (tmp_path / "shapes" / "linkdir").symlink_to("../many")
    (tmp_path / "many" / "loop").symlink_to("..")
    assert _found("**/*.jsonl", tmp_path) == ["many/b.jsonl", "shapes/a.jsonl"]
    # Only links lead to many from here, and to shapes only its own name.
    assert _found("shapes/**/*.jsonl", tmp_path) == ["shapes/a.jsonl", "shapes/linkdir/b.jsonl"]
    assert _found("**/**/*.jsonl", tmp_path) == ["many/b.jsonl", "shapes/a.jsonl"]


def test_a_link_to_a_folder_elsewhere_is_followed_by_its_name(tmp_path: Path) -> None:
    _file(tmp_path / "store" / "deep" / "a.jsonl")
    (tmp_path / "pool").mkdir()
    (tmp_path / "pool" / "data").symlink_to(tmp_path / "store")
    assert _found("pool/**/*.jsonl", tmp_path) == ["pool/data/deep/a.jsonl"]
    assert _found("pool/*/*/*.jsonl", tmp_path) == ["pool/data/deep/a.jsonl"]


@pytest.mark.parametrize("place", ["pool", "pool/*.jsonl", "pool/**/*.jsonl", "pool/**"])
def test_a_file_under_two_names_is_read_once_by_the_one_that_is_no_link(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, place: str
) -> None:
    _file(tmp_path / "pool" / "rows.jsonl")
    (tmp_path / "pool" / "latest.jsonl").symlink_to("rows.jsonl")
    _file(tmp_path / "elsewhere.jsonl")
    for name in ("one.jsonl", "two.jsonl"):
        (tmp_path / "pool" / name).symlink_to("../elsewhere.jsonl")
    with caplog.at_level(logging.WARNING, logger="quality.sources"):
        assert _found(place, tmp_path) == ["pool/one.jsonl", "pool/rows.jsonl"]
    assert "left out further names of files that are read once: latest.jsonl, two.jsonl" in caplog.text


def test_files_that_the_recipe_names_one_by_one_are_all_read(tmp_path: Path) -> None:
    _file(tmp_path / "rows.jsonl")
    (tmp_path / "latest.jsonl").symlink_to("rows.jsonl")
    sources = [Source(path="latest.jsonl"), Source(path="rows.jsonl")]
    assert read(sources, base=tmp_path).records["origin"].to_list() == ["latest.jsonl:1", "rows.jsonl:1"]


def test_a_link_under_a_known_ending_stands_for_a_file_that_has_none(tmp_path: Path) -> None:
    _file(tmp_path / "pool" / "4f3a")
    (tmp_path / "pool" / "rows.jsonl").symlink_to("4f3a")
    assert _found("pool", tmp_path) == ["pool/rows.jsonl"]


def test_signs_of_the_recipe_s_own_folder_are_no_wildcards(tmp_path: Path) -> None:
    base = tmp_path / "run[1]"
    _file(base / "pool" / "a.jsonl")
    assert _found("pool/*.jsonl", base) == ["pool/a.jsonl"]


def test_a_folder_called_as_a_part_of_a_glob_is_what_the_part_means(tmp_path: Path) -> None:
    for folder in ("run[1]", "run1", "run2"):
        _file(tmp_path / folder / "a.jsonl")
    assert _found("run[1]/*.jsonl", tmp_path) == ["run[1]/a.jsonl"]
    assert _found("**/run[1]/*.jsonl", tmp_path) == ["run[1]/a.jsonl"]
    assert _found("run[12]/*.jsonl", tmp_path) == ["run1/a.jsonl", "run2/a.jsonl"]


def test_a_file_that_is_called_as_a_glob_is_written_hides_none_of_those_that_it_stands_for(tmp_path: Path) -> None:
    _file(tmp_path / "pool" / "*.jsonl")  # as a shell writes it that finds no match
    _file(tmp_path / "pool" / "a.jsonl")
    _file(tmp_path / "*" / "a.jsonl")
    assert _found("**/*.jsonl", tmp_path) == ["*/a.jsonl", "pool/*.jsonl", "pool/a.jsonl"]
    assert _found("*/a*.jsonl", tmp_path) == ["*/a.jsonl", "pool/a.jsonl"]


@pytest.mark.parametrize("place", ["rows.jsonl", "rows[1].jsonl", "data/rows.jsonl", "*/rows.jsonl"])
def test_a_link_to_what_is_not_there_is_called_one(tmp_path: Path, place: str) -> None:
    base = tmp_path / "recipes"
    base.mkdir()
    (base / "pool").mkdir()
    link = base / ("pool/rows.jsonl" if place.startswith("*") else place.split("/")[0])
    (base / "mounted").symlink_to("../gone")
    link.symlink_to(base / "mounted")
    said = f"{link.relative_to(base)} is a link to {tmp_path / 'gone'}, which isn't there"
    with pytest.raises(MissingSourceError, match=f"{re.escape(said)}$"):
        read([Source(path=place)], base=base)


def test_a_link_in_a_folder_to_what_is_not_there_is_left_out_by_nobody(tmp_path: Path) -> None:
    _file(tmp_path / "pool" / "a.jsonl")
    (tmp_path / "pool" / "b.jsonl").symlink_to(tmp_path / "gone.jsonl")
    said = rf"pool/b\.jsonl is a link to {re.escape(str(tmp_path))}/gone\.jsonl, which isn't there$"
    for place in ("pool", "pool/*"):
        with pytest.raises(MissingSourceError, match=said):
            read([Source(path=place)], base=tmp_path)


def test_a_link_that_leads_round_to_itself_is_called_one(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").symlink_to("rows.jsonl")
    with pytest.raises(MissingSourceError, match=r"path: rows\.jsonl is a link that leads round to itself$"):
        find_files("rows.jsonl", tmp_path)


def _told_unread(place: str, base: Path, caplog: pytest.LogCaptureFixture) -> list[str]:
    caplog.clear()
    with caplog.at_level(logging.WARNING, logger="quality.sources"):
        find_files(place, base)
    return [record.getMessage() for record in caplog.records if "not read" in record.getMessage()]


def test_what_lies_in_folders_below_is_told_and_not_read(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    for name in ("a.jsonl", "one/b.jsonl", "one/c.csv.gz", "one/deep/d.parquet", "one/readme.md", "one/.e.jsonl"):
        _file(tmp_path / "pool" / name)
    _file(tmp_path / "pool" / ".hidden" / "f.jsonl")
    (tmp_path / "pool" / "none").mkdir()
    (tmp_path / "pool" / "one" / "up").symlink_to("..")
    (tmp_path / "pool" / "one" / "round").symlink_to("round")
    (tmp_path / "pool" / "one" / "again.jsonl").symlink_to("../a.jsonl")
    assert _found("pool", tmp_path) == ["pool/a.jsonl"]
    said = "2 folders below pool hold 3 files that are not read: write pool/**/* to read them"
    assert _told_unread("pool", tmp_path, caplog) == [said]
    added = {Path(name).name for name in _found("pool/**/*", tmp_path)} - {"a.jsonl"}
    assert added == {"b.jsonl", "c.csv.gz", "d.parquet"}
    assert _told_unread("pool/**/*", tmp_path, caplog) == []
    assert _told_unread("pool/one/deep", tmp_path, caplog) == []


def test_what_lies_in_folders_that_a_glob_matches_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    for name in ("a.jsonl", "other.jsonl", "a-2024/b.jsonl", "a-2024/deep/c.csv", "none/readme.md"):
        _file(tmp_path / "pool" / name)
    assert {Path(name).name for name in _found("pool/a*/**/*", tmp_path)} == {"b.jsonl", "c.csv"}
    (tmp_path / "pool" / "a-2024" / "up").symlink_to("..")
    assert _found("pool/a*", tmp_path) == ["pool/a.jsonl"]
    said = "2 folders that {} leads to hold 2 files that are not read: write {} to read them"
    assert _told_unread("pool/*", tmp_path, caplog) == [said.format("pool/*", "pool/**/*")]
    assert _told_unread("pool/a*", tmp_path, caplog) == [said.format("pool/a*", "a source pool/a*/**/*, too,")]
    assert _told_unread("pool/*.jsonl", tmp_path, caplog) == []
    assert _told_unread("pool/**/a*", tmp_path, caplog) == []


def test_a_glob_that_matches_folders_alone_says_so(tmp_path: Path) -> None:
    _file(tmp_path / "pool" / "one" / "a.jsonl")
    with pytest.raises(
        MissingSourceError, match=r"path: pool/\* matches folders alone; .* write pool/\*\*/\* to read it\.$"
    ):
        find_files("pool/*", tmp_path)


def test_a_link_to_a_folder_elsewhere_is_told_where_it_is_not_followed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    _file(tmp_path / "pool" / "a.jsonl")
    _file(tmp_path / "store" / "b.jsonl")
    (tmp_path / "pool" / "data").symlink_to("../store")
    said = "1 folder below . holds 1 file that is not read: write **/* to read it"
    assert _told_unread(".", tmp_path / "pool", caplog) == [said]


def test_a_folder_with_rows_in_folders_below_alone_is_not_said_to_be_empty(tmp_path: Path) -> None:
    _file(tmp_path / "pool" / "one" / "a.jsonl")
    said = r"the folder pool holds no file itself; .* write pool/\*\*/\* to read it\.$"
    with pytest.raises(MissingSourceError, match=said):
        find_files("pool", tmp_path)


def test_below_a_big_tree_counting_ends(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unread, "MOST", 5)
    _file(tmp_path / "pool" / "a.jsonl")
    for number in range(9):
        _file(tmp_path / "pool" / "one" / f"{number}.jsonl")
    said = "1 folder or more below pool hold 4 files or more that are not read: write pool/**/* to read them"
    assert _told_unread("pool", tmp_path, caplog) == [said]


PLACES = (
    "*", "*.jsonl", "**", "**/*.jsonl", "**/a.jsonl", "a/**/*.jsonl", "**/b/*.jsonl", "*/**/b/**/*.jsonl", ".a/*",
    "**/.a/*.jsonl", ".*", "**/..", "a/../**/[ab].jsonl", "?/*/c.jsonl", "**/**/c.jsonl", "a/b/**", "**.jsonl",
)  # fmt: skip


@pytest.mark.parametrize("seed", range(6))
def test_without_links_the_matches_are_those_of_glob(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(25):
        folders = chance.choices(["a", "b", ".a", "c.jsonl"], k=chance.randint(0, 4))
        path = tmp_path.joinpath(*folders, chance.choice(["a.jsonl", "b.jsonl", "c.jsonl", ".a.jsonl"]))
        if not path.is_dir() and not any(folder.is_file() for folder in path.parents):
            _file(path)
    for place in (*PLACES, *(f"{tmp_path}/{place}" for place in PLACES)):
        matches = glob.glob(os.path.join(tmp_path, place), recursive=True)  # noqa: PTH118, PTH207 - the oracle
        expected = sorted({Path(os.path.normpath(match)) for match in matches if Path(match).is_file()})
        try:
            found = find_files(place, tmp_path)
        except MissingSourceError:
            found = []
        assert sorted(Path(os.path.normpath(path)) for path in found) == expected, place
