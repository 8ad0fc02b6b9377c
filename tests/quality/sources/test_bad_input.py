"""Bad input never stops a run and never vanishes: each row ends as a record or in quarantine."""

import gzip
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quality.sources import REASONS, Pool, Source, SourceError, read
from quality.sources.faults import RowError

ReadBytes = Callable[..., Pool]

GOOD = b'{"question": "Why?", "answer": "Because."}\n'


@pytest.fixture
def read_bytes(tmp_path: Path) -> ReadBytes:
    def make(name: str, content: bytes, **settings: Any) -> Pool:
        (tmp_path / name).write_bytes(content)
        return read([Source(path=name, **settings)], base=tmp_path)

    return make


def reasons(pool: Pool) -> list[tuple[str, str]]:
    return pool.quarantined.select("origin", "reason").rows()


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"question": "Wh\xffy?", "answer": "a"}', "invalid_utf8"),
        (b'{"question": "Wh\xc3', "invalid_utf8"),
        (b'{"question": "Wh\x00y?", "answer": "a"}', "nul_byte"),
        (b"\x00\x00\x00", "nul_byte"),
        (b'{"question": "Wh\\u0000y?", "answer": "a"}', "nul_byte"),
        (b'{"question": "Wh\\ud800y?", "answer": "a"}', "lone_surrogate"),
        (b'{"question": "a", "question": "b", "answer": "c"}', "duplicate_keys"),
        (b'{"messages": [{"role": "user", "role": "assistant", "content": "b"}]}', "duplicate_keys"),
        (b'{"question": "a", "question": "b", "answer": }', "broken_json"),
        (b'{"question": "Why?", "answer": "a",}', "broken_json"),
        (b'{"question": "Why?", "answer": "a"', "broken_json"),
        (b'{"question": "Why?"} {"answer": "a"}', "broken_json"),
        (b"{'question': 'Why?'}", "broken_json"),
        (b"Why? Because.", "broken_json"),
        (b'{"question": "Why?", "answer": ' + b"9" * 5_000 + b"}", "broken_json"),
        (b'{"question": "Why?", "answer": NaN}', "not_text"),
        (b'{"question": "Why?", "answer": -Infinity}', "not_text"),
        (b'{"question": "Why?", "answer": ' + b"[" * 200_000 + b"}", "too_deep"),
        (b'{"\\ud800": 1, "b": 2}', "unknown_shape"),
        (b"42", "not_a_row"),
    ],
    ids=lambda value: value[:40].decode("utf-8", "replace") if isinstance(value, bytes) else value,
)
def test_a_bad_line_is_quarantined_and_its_neighbours_are_read(read_bytes: ReadBytes, line: bytes, reason: str) -> None:
    pool = read_bytes("a.jsonl", GOOD + line + b"\n" + GOOD)
    assert reasons(pool) == [("a.jsonl:2", reason)]
    assert pool.records["origin"].to_list() == ["a.jsonl:1", "a.jsonl:3"]


def test_unused_fields_may_hold_anything(read_bytes: ReadBytes) -> None:
    line = b'{"question": "Why?", "answer": "a", "x": NaN, "y": "\\ud800", "z": [[[null]]], "\\udfff": 1e999}\n'
    pool = read_bytes("a.jsonl", line)
    assert pool.records.height == 1
    assert pool.quarantined.is_empty()


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress], ids=["gzip", "zstandard"])
def test_rows_before_the_cut_of_a_packed_file_are_kept(read_bytes: ReadBytes, pack: Callable[[bytes], bytes]) -> None:
    noise = random.Random(1)
    rows = [{"question": f"{noise.random()}", "answer": f"{noise.random()}" * 20} for _ in range(5_000)]
    packed = pack("".join(json.dumps(row) + "\n" for row in rows).encode())
    pool = read_bytes("a.jsonl.gz", packed[: len(packed) // 2])
    kept = pool.records.height
    assert 1_000 < kept < 4_000
    assert [messages[0]["content"] for messages in pool.records["messages"].to_list()] == [
        row["question"] for row in rows[:kept]
    ]
    assert reasons(pool) == [(f"a.jsonl.gz:{kept + 1}", "truncated_file")]
    assert f"cut off after line {kept}" in pool.quarantined["detail"].item()


def test_rows_before_the_damage_of_a_packed_file_are_kept(read_bytes: ReadBytes) -> None:
    noise = random.Random(1)
    rows = [{"question": f"{noise.random()}", "answer": f"{noise.random()}" * 20} for _ in range(5_000)]
    packed = bytearray(gzip.compress("".join(json.dumps(row) + "\n" for row in rows).encode()))
    middle = len(packed) // 2
    packed[middle : middle + 64] = b"\xff" * 64
    pool = read_bytes("a.jsonl.gz", bytes(packed))
    assert pool.records.height > 1_000
    assert pool.quarantined["reason"].to_list()[-1] == "corrupt_file"


def test_a_cut_packed_table_and_document_say_so_once(read_bytes: ReadBytes) -> None:
    noise = random.Random(1)
    rows = [{"question": f"{noise.random()}", "answer": f"{noise.random()}" * 9} for _ in range(5_000)]
    table = gzip.compress(pl.DataFrame(rows).write_csv().encode())
    pool = read_bytes("a.csv.gz", table[: len(table) // 2])
    assert pool.records.height > 1_000
    assert [reason for _, reason in reasons(pool)] == ["truncated_file"]
    document = gzip.compress(json.dumps(rows, indent=1).encode())
    pool = read_bytes("a.json.gz", document[: len(document) // 2])
    assert pool.records.height > 1_000
    assert [reason for _, reason in reasons(pool)] == ["truncated_file"]


def test_a_row_of_five_megabytes_is_read_and_a_larger_one_than_the_limit_is_not(
    read_bytes: ReadBytes,
) -> None:
    def row(size: int) -> bytes:
        return json.dumps({"question": "Why?", "answer": "x" * size}).encode() + b"\n"

    pool = read_bytes("a.jsonl", row(5_000_000) + row(12_000_000) + GOOD)
    assert pool.records["origin"].to_list() == ["a.jsonl:1", "a.jsonl:3"]
    assert len(pool.records["messages"][0][1]["content"]) == 5_000_000
    assert reasons(pool) == [("a.jsonl:2", "row_too_large")]
    assert "12,000,0" in pool.quarantined["detail"].item()
    assert reasons(read_bytes("b.jsonl", row(5_000_000) + GOOD, max_row_bytes=1_000_000)) == [
        ("b.jsonl:1", "row_too_large")
    ]
    assert reasons(read_bytes("c.json", b"[" + row(2_000_000) + b"," + GOOD + b"]", max_row_bytes=1_000_000)) == [
        ("c.json:1", "row_too_large")
    ]


@pytest.mark.parametrize("size", [999, 1_000, 1_001])
def test_the_limit_counts_bytes_of_the_row_exactly(read_bytes: ReadBytes, size: int) -> None:
    row = b'{"question": "Why?", "answer": ""}'
    padded = row[:-2] + b"x" * (size - len(row)) + row[-2:]
    assert len(padded) == size
    for ending in (b"", b"\n", b"\n" + GOOD):
        pool = read_bytes("a.jsonl", GOOD + padded + ending, max_row_bytes=1_000)
        assert len(reasons(pool)) == (1 if size > 1_000 else 0)


def test_line_numbers_stay_right_past_blank_lines_and_every_kind_of_fault(read_bytes: ReadBytes) -> None:
    content = (
        b"\n\n" + GOOD + b"\r\n" + b"broken\n" + b"   \t\n" + b"\xff\n" + GOOD.rstrip() + b"\r\n\n" + GOOD.rstrip()
    )
    pool = read_bytes("a.jsonl", content)
    assert pool.records["origin"].to_list() == ["a.jsonl:3", "a.jsonl:8", "a.jsonl:10"]
    assert reasons(pool) == [("a.jsonl:5", "broken_json"), ("a.jsonl:7", "invalid_utf8")]


def test_invalid_bytes_in_a_json_document_cost_one_row(read_bytes: ReadBytes) -> None:
    good = GOOD.strip()
    content = b"[\n" + good + b",\n" + good.replace(b"Why", b"Wh\xff") + b",\n" + good + b"\n]"
    pool = read_bytes("a.json", content)
    assert pool.records["origin"].to_list() == ["a.json:2", "a.json:4"]
    assert reasons(pool) == [("a.json:3", "invalid_utf8")]


def test_duplicate_keys_in_a_json_document_cost_one_row(read_bytes: ReadBytes) -> None:
    good = GOOD.strip()
    content = b"[\n" + good + b',\n{"question": "a", "question": "b", "answer": "c"},\n' + good + b"\n]"
    pool = read_bytes("a.json", content)
    assert pool.records["origin"].to_list() == ["a.json:2", "a.json:4"]
    assert reasons(pool) == [("a.json:3", "duplicate_keys")]


def test_a_json_file_that_is_not_json_is_one_sentence(read_bytes: ReadBytes) -> None:
    with pytest.raises(SourceError, match=r"a.json is not JSON: it starts with 'W' instead of"):
        read_bytes("a.json", b"Why? Because.\n")


def test_a_corrupt_parquet_file_is_one_sentence(read_bytes: ReadBytes) -> None:
    with pytest.raises(SourceError, match=r"a.parquet can't be read as Parquet"):
        read_bytes("a.parquet", b"PAR1" + b"\0" * 100 + b"PAR1")
    with pytest.raises(SourceError, match=r"b.parquet can't be read as Parquet"):
        read_bytes("b.parquet", GOOD * 10)


def test_damaged_pages_of_a_parquet_file_are_quarantined(tmp_path: Path) -> None:
    rows = [{"question": f"Why {n}?", "answer": f"{n * 7919}" * 5} for n in range(9_000)]
    path = tmp_path / "a.parquet"
    pl.DataFrame(rows).write_parquet(path, row_group_size=4_096)
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 200] = b"\xff" * 200
    path.write_bytes(content)
    pool = read([Source(path="a.parquet")], base=tmp_path)
    assert pool.records.height == 4_096
    assert reasons(pool) == [("a.parquet:4097", "corrupt_file")]
    assert "rows 4,097 to 9,000" in pool.quarantined["detail"].item()


def test_details_are_short_and_never_quote_the_row(read_bytes: ReadBytes) -> None:
    secret = b"sk-0123456789"
    lines = [
        b'{"question": "' + secret + b'", "answer": }',
        secret,
        b'["' + secret + b'"]',
        b'"' + secret + b'\xff"',
    ]
    pool = read_bytes("a.jsonl", GOOD + b"\n".join(lines) + b'\n{"' + b"k" * 1_000 + b'": 1}\n')
    assert pool.quarantined.height == 5
    assert not any(secret.decode() in detail for detail in pool.quarantined["detail"])
    assert all(len(detail) <= 200 for detail in pool.quarantined["detail"])


def test_every_reason_is_documented() -> None:
    with pytest.raises(AssertionError, match="not a documented reason"):
        RowError("bad_luck", "it just happened")
    assert all(reason.islower() and " " not in reason and meaning for reason, meaning in REASONS.items())


ROW = st.sampled_from(
    [
        GOOD,
        b'{"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "H\xc3\xb6"}]}\n',
        b'{"conversations": [{"from": "human", "value": "1"}, {"from": "gpt", "value": null}]}\r\n',
        b'{"instruction": "a", "input": "", "output": 42, "x": {"y": [1.5, true, "\\ud83d\\ude00"]}}\n',
        b"\n",
    ]
)
BYTES = st.sampled_from(
    [bytes([value]) for value in b'{}[]",:\\ \n\r\t\0u0n1eE-.\xff\xc3\xef\xbb\xbf'] + [b"\\ud8", b"null", b""]
)


@st.composite
def mutated_files(draw: st.DrawFn) -> bytes:
    content = bytearray(b"".join(draw(st.lists(ROW, min_size=1, max_size=6))))
    for _ in range(draw(st.integers(0, 8))):
        start = draw(st.integers(0, len(content)))
        length = draw(st.integers(0, 3))
        content[start : start + length] = draw(BYTES | st.binary(max_size=3))
    return bytes(content)


@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(mutated_files())
def test_every_line_that_is_not_blank_is_a_record_or_quarantined_whatever_its_bytes(
    tmp_path: Path, content: bytes
) -> None:
    whole = GOOD + content + b"\n" + GOOD
    (tmp_path / "a.jsonl").write_bytes(whole)
    pool = read([Source(path="a.jsonl")], base=tmp_path)
    expected = [
        f"a.jsonl:{number}"
        for number, line in enumerate(whole.split(b"\n"), 1)
        if line.removeprefix(b"\xef\xbb\xbf").strip(b" \t\r\x0b\x0c")
    ]
    found = pool.records["origin"].to_list() + pool.quarantined["origin"].to_list()
    assert sorted(found) == sorted(expected)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(mutated_files(), st.sampled_from(["a.json", "a.csv", "a.tsv"]))
def test_documents_and_tables_of_any_bytes_give_rows_or_one_sentence(tmp_path: Path, content: bytes, name: str) -> None:
    head = b"question,answer\nWhy?,Because.\n" if name != "a.json" else b"[" + GOOD.strip() + b",\n"
    (tmp_path / name).write_bytes(head + content)
    try:
        pool = read([Source(path=name)], base=tmp_path)
    except SourceError:  # a sentence; anything else fails the test
        return
    assert pool.records.height >= 1
    origins = pool.records["origin"].to_list() + pool.quarantined["origin"].to_list()
    assert len(origins) == len(set(origins))
