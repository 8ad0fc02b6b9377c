"""Sources are looked at before any work: a table needs a header, lines and rows."""

import gzip
import json
import logging
from pathlib import Path

import polars as pl
import pytest

from quality.sources import Source, SourceError, check, check_texts, read

GOOD = b'{"question": "Why?", "answer": "Because."}\n'


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.csv.gz"])
@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"question,answer\n", "has a header and no rows"),
        (b"question,answer\n\n\n", "has a header and no rows"),
        (b"question,answer\rWhy?,Because.\r", r"has lines that end in CR alone, .*`tr '\\r' '\\n'`"),
        (b"question,answer,answer\na,b,c\n", "names answer twice"),
    ],
)
def test_a_table_without_rows_or_lines_is_refused_at_check(
    tmp_path: Path, name: str, content: bytes, told: str
) -> None:
    (tmp_path / name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    with pytest.raises(SourceError, match=told):
        check([Source(path=name)], tmp_path)


def test_all_bad_files_of_a_source_are_told_together(tmp_path: Path) -> None:
    (tmp_path / "pool").mkdir()
    (tmp_path / "pool" / "good.jsonl").write_bytes(GOOD)
    (tmp_path / "pool" / "empty.jsonl").touch()
    (tmp_path / "pool" / "odd.csv").write_bytes("question,answer\n".encode("utf-16"))
    (tmp_path / "pool" / "strange.jsonl").write_bytes(b'{"foo": "bar"}\n' * 3)
    for place in ("pool", "pool/*.*"):
        with pytest.raises(SourceError) as told:
            check([Source(path=place)], tmp_path)
        assert str(told.value).startswith(
            "2 of 4 files can't be used: pool/odd.csv is UTF-16, and winnow reads UTF-8: convert it with `iconv -f "
            "UTF-16 -t UTF-8`; pool/strange.jsonl: none of its 3 rows has a known shape; the first has the fields foo. "
            "Known shapes: messages,"
        )


@pytest.mark.parametrize("limit", [None, 1])
@pytest.mark.parametrize("place", ["pool", "pool/*"])
def test_files_that_hold_nothing_are_left_out_beside_others(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, place: str, limit: int | None
) -> None:
    (tmp_path / "pool").mkdir()
    nothing = {"1.csv": b"", "2.json": b"\n \n", "3.jsonl": b"", "4.tsv": b"question\tanswer\n", "9.csv.gz": b""}
    for name, content in nothing.items():
        (tmp_path / "pool" / name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    pl.DataFrame({"question": [], "answer": []}).write_parquet(tmp_path / "pool" / "5.parquet")
    (tmp_path / "pool" / "7.jsonl").write_bytes(GOOD)
    source = Source(path=place, limit=limit)
    with caplog.at_level(logging.WARNING, logger="quality.sources"):
        check([source], tmp_path)
    (message,) = caplog.messages
    assert message.startswith(f"{place}: left out: pool/1.csv is empty: there is nothing to read in it; pool/2.json")
    assert all(name in message for name in (*nothing, "pool/4.tsv has a header and no rows", "5.parquet has no rows"))
    assert "7.jsonl" not in message
    assert read([source], base=tmp_path).records["origin"].to_list() == ["pool/7.jsonl:1"]
    # The first file that holds something is the one whose shape a limit asks for.
    (tmp_path / "pool" / "7.jsonl").write_bytes(b'{"foo": "bar"}\n')
    with pytest.raises(SourceError, match=r"7\.jsonl: its one row has no known shape"):
        check([source], tmp_path)


def test_files_that_hold_nothing_are_refused_where_no_other_is_read(tmp_path: Path) -> None:
    (tmp_path / "good.jsonl").write_bytes(GOOD)
    (tmp_path / "pool").mkdir()
    for name in ("a.csv", "b.csv"):
        (tmp_path / "pool" / name).write_bytes(b"question,answer\n")
    for look in (check, lambda sources, base: read(sources, base=base)):
        with pytest.raises(
            SourceError, match=r"2 of 2 files can't be used: pool/a\.csv has a header and no rows; pool/b"
        ):
            look([Source(path="good.jsonl"), Source(path="pool")], tmp_path)
        with pytest.raises(SourceError, match=r"^pool/a\.csv has a header and no rows$"):
            look([Source(path="pool/a.csv"), Source(path="good.jsonl")], tmp_path)


def test_texts_that_hold_nothing_are_left_out_beside_others(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    for name, content in (("a.txt", b""), ("b.txt", b"Some words.\n")):
        (tmp_path / name).write_bytes(content)
    with caplog.at_level(logging.WARNING, logger="quality.sources"):
        assert check_texts(Source(path="*.txt"), tmp_path) == [tmp_path / "b.txt"]
    assert "a.txt is empty" in caplog.text
    with pytest.raises(SourceError, match=r"a\.txt is empty"):
        check_texts(Source(path="a.txt"), tmp_path)


def test_of_many_bad_files_ten_are_told_and_the_others_counted(tmp_path: Path) -> None:
    for number in range(13):
        (tmp_path / f"{number:02}.jsonl").write_bytes(b'{"foo": "bar"}\n')
    with pytest.raises(SourceError) as told:
        check([Source(path="*.jsonl")], tmp_path)
    assert "13 of 13 files" in str(told.value)
    assert "09.jsonl: its one row has no known shape; it has the fields foo; and 3 more. Known" in str(told.value)
    assert "10.jsonl" not in str(told.value)
    assert str(told.value).count("Known shapes") == 1


def test_of_files_with_other_fields_each_the_shapes_and_one_example_are_told_once(tmp_path: Path) -> None:
    for ask in ("text", "query_de", "problem_de"):
        (tmp_path / f"{ask}.jsonl").write_bytes(json.dumps({ask: "Why?", "summary": "Because."}).encode())
    with pytest.raises(SourceError) as told:
        check([Source(path="*.jsonl")], tmp_path)
    assert str(told.value).count("Known shapes") == str(told.value).count("Say which fields hold what") == 1
    assert str(told.value).endswith("for example `columns: {prompt: problem_de, answer: summary}`.")


@pytest.mark.parametrize(
    ("content", "more", "told"),
    [
        (b'{"foo": "bar"}\n[1]\n{"foo": "bar"}\n', {}, "none of its 2 rows has a known shape"),
        (GOOD, {"columns": {"prompt": "quest", "answer": "answer"}}, "columns says prompt: quest, but the row's fields are question, answer. Name fields that the rows have, for example `columns: {prompt: question, answer: answer}`"),
        (GOOD, {"group": "doc"}, "group: doc is a field of none of the rows of a.jsonl"),
        (GOOD, {"named_by": "set"}, "named_by: set is a field of none of the rows of a.jsonl"),
        (b'{"foo": "bar"}\n' + GOOD, {"limit": 1}, "its one row has no known shape"),
    ],
)  # fmt: skip
def test_what_reading_would_refuse_is_refused_at_check(
    tmp_path: Path, content: bytes, more: dict[str, object], told: str
) -> None:
    (tmp_path / "a.jsonl").write_bytes(content)
    source = Source.model_validate({"path": "a.jsonl"} | more)
    for look in (check, lambda sources, base: read(sources, base=base)):
        with pytest.raises(SourceError, match=told):
            look([source], tmp_path)


@pytest.mark.parametrize(
    ("content", "more"),
    [
        (b'{"foo": "bar"}\n' * 50 + GOOD, {}),
        (b"not JSON\n" * 3, {}),  # its rows are quarantined, and its shape stays unknown
        (b'{"foo": "bar"}\n' + GOOD, {"skip": 1}),
        (GOOD + json.dumps({"question": "q", "answer": "a", "doc": "d"}).encode(), {"group": "doc"}),
    ],
)
def test_what_reading_would_take_passes_and_is_logged_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, content: bytes, more: dict[str, object]
) -> None:
    (tmp_path / "a.jsonl").write_bytes(content)
    source = Source.model_validate({"path": "a.jsonl"} | more)
    with caplog.at_level(logging.WARNING):
        check([source], tmp_path)
    assert not caplog.messages
    read([source], base=tmp_path)


def test_a_file_that_the_limit_leaves_out_is_not_asked_for_its_shape(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(GOOD)
    (tmp_path / "b.jsonl").write_bytes(b'{"foo": "bar"}\n')
    source = Source(path="*.jsonl", limit=1)
    check([source], tmp_path)
    assert read([source], base=tmp_path).records.height == 1
