"""Every format gives the same rows, each named by the line it stands on."""

import csv
import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import zstandard

from quality.sources import Pool, Source, SourceError, read

ReadBytes = Callable[..., Pool]


def zst(content: bytes, window: int = 0, notes: bytes | None = None) -> bytes:
    """Pack with Zstandard; a window (log2 of bytes) as of `--long`, a frame of notes first as of parallel packers."""
    if window:
        settings = zstandard.ZstdCompressionParameters(window_log=window, enable_ldm=True)
        packer = zstandard.ZstdCompressor(
            compression_params=settings
        ).compressobj()  # of unknown length: keeps the window
        return packer.compress(content) + packer.flush()
    skipped = b"" if notes is None else b"\x5d\x2a\x4d\x18" + len(notes).to_bytes(4, "little") + notes
    return skipped + zstandard.compress(content)


ROWS = [
    {"question": "One?", "answer": 'Eins,\n"zwei"'},
    {"question": "Två?", "answer": "Zwei; drei"},
    {"question": "Three?", "answer": "  Drei\t"},
]
JSONL = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in ROWS).encode()


def table(delimiter: str = ",") -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, ["question", "answer"], delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows(ROWS)
    return out.getvalue().encode()


@pytest.fixture
def read_bytes(tmp_path: Path) -> ReadBytes:
    def make(name: str, content: bytes, **settings: Any) -> Pool:
        (tmp_path / name).write_bytes(content)
        return read([Source(path=name, **settings)], base=tmp_path)

    return make


def pairs(pool: Pool) -> list[dict[str, str]]:
    return [
        {"question": messages[0]["content"], "answer": messages[1]["content"]}
        for messages in pool.records["messages"].to_list()
    ]


def lines(pool: Pool) -> list[str]:
    return [origin.partition(":")[2] for origin in pool.records["origin"]]


def reasons(pool: Pool) -> list[tuple[str, str]]:
    return [(origin.partition(":")[2], reason) for origin, reason in pool.quarantined.select("origin", "reason").rows()]


@pytest.mark.parametrize(
    ("name", "content", "expected_lines"),
    [
        ("a.jsonl", JSONL, ["1", "2", "3"]),
        ("a.ndjson", JSONL, ["1", "2", "3"]),
        ("A.JSONL", JSONL, ["1", "2", "3"]),
        ("a.jsonl.gz", gzip.compress(JSONL, mtime=0), ["1", "2", "3"]),
        ("a.jsonl.gz", gzip.compress(JSONL[:90], mtime=0) + gzip.compress(JSONL[90:], mtime=0), ["1", "2", "3"]),
        ("a.jsonl.zst", zstandard.compress(JSONL), ["1", "2", "3"]),
        ("a.jsonl.zst", zstandard.compress(JSONL[:90]) + zstandard.compress(JSONL[90:]), ["1", "2", "3"]),
        ("a.jsonl.zst", zst(JSONL, notes=b"size"), ["1", "2", "3"]),
        ("a.jsonl.zst", zst(JSONL[:90], notes=b"") + zst(JSONL[90:], notes=b"size"), ["1", "2", "3"]),
        ("a.jsonl.zst", zst(JSONL, window=28), ["1", "2", "3"]),
        ("a.ndjson.zst", zst(JSONL), ["1", "2", "3"]),
        ("A.JSONL.ZST", zst(JSONL), ["1", "2", "3"]),
        ("a.jsonl", gzip.compress(JSONL, mtime=0), ["1", "2", "3"]),
        ("a.jsonl", zst(JSONL), ["1", "2", "3"]),
        ("a.jsonl.gz", JSONL, ["1", "2", "3"]),
        ("a.jsonl", b"\xef\xbb\xbf" + JSONL, ["1", "2", "3"]),
        ("a.jsonl", b"\n \n" + JSONL.replace(b"\n", b"\r\n\r\n"), ["3", "5", "7"]),
        ("a.json", json.dumps(ROWS).encode(), ["1", "1#2", "1#3"]),
        ("a.json", json.dumps(ROWS, indent=2).encode(), ["2", "6", "10"]),
        ("a.json.gz", gzip.compress(json.dumps(ROWS, indent=2).encode(), mtime=0), ["2", "6", "10"]),
        (
            "a.json",
            json.dumps({f"id{n}": row for n, row in enumerate(ROWS)}, indent=1).encode(),
            ["2", "6", "10"],
        ),
        ("a.json", json.dumps({"data": ROWS}, indent=1).encode(), ["3", "7", "11"]),
        ("a.json", json.dumps({"train": ROWS[:2], "test": ROWS[2:]}, indent=1).encode(), ["3", "7", "13"]),
        ("a.json.zst", zst(json.dumps(ROWS, indent=2).encode()), ["2", "6", "10"]),
        ("a.jsonl", json.dumps(ROWS).encode(), ["1", "1#2", "1#3"]),
        ("a.jsonl", json.dumps(ROWS, indent=2).encode(), ["2", "6", "10"]),
        ("a.jsonl.gz", gzip.compress(b"\n" + json.dumps(ROWS, indent=2).encode(), mtime=0), ["3", "7", "11"]),
        ("a.jsonl", b"[" + JSONL.rstrip().replace(b"\n", b",\n") + b"]", ["1", "2", "3"]),
        ("a.jsonl", json.dumps({"data": ROWS}, indent=1).encode(), ["3", "7", "11"]),
        ("a.jsonl", "\n".join(json.dumps(row, indent=2) for row in ROWS).encode(), ["1", "5", "9"]),
        ("a.json", "\n".join(json.dumps(row, indent=2) for row in ROWS).encode(), ["1", "5", "9"]),
        ("a.json", "".join(json.dumps(row) for row in ROWS).encode(), ["1", "1#2", "1#3"]),
        ("a.json", JSONL, ["1", "2", "3"]),
        ("a.json.zst", zst(JSONL), ["1", "2", "3"]),
        ("a.csv", table(), ["2", "4", "5"]),
        ("a.csv", b"\xef\xbb\xbf" + table(), ["2", "4", "5"]),
        ("a.csv.gz", gzip.compress(table()), ["2", "4", "5"]),
        ("a.csv.zst", zst(table()), ["2", "4", "5"]),
        ("a.csv", table(";"), ["2", "4", "5"]),
        ("a.tsv", table("\t"), ["2", "4", "5"]),
        ("a.tsv.gz", gzip.compress(table("\t")), ["2", "4", "5"]),
        ("a.tsv.zst", zst(table("\t")), ["2", "4", "5"]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_text_format_gives_the_same_rows(
    read_bytes: ReadBytes, name: str, content: bytes, expected_lines: list[str]
) -> None:
    pool = read_bytes(name, content)
    assert pool.quarantined.is_empty()
    assert pairs(pool) == ROWS
    assert lines(pool) == expected_lines
    assert pool.records["source"].to_list() == [name[:1]] * 3


def test_parquet_rows_are_named_by_their_number(tmp_path: Path) -> None:
    pl.DataFrame(ROWS).write_parquet(tmp_path / "a.parquet")
    pool = read([Source(path="a.parquet")], base=tmp_path)
    assert pairs(pool) == ROWS
    assert pool.records["origin"].to_list() == ["a.parquet:1", "a.parquet:2", "a.parquet:3"]


def test_parquet_of_mixed_rows_is_read_row_by_row_over_many_batches(tmp_path: Path) -> None:
    rows = [
        {
            "messages": [{"role": "user", "content": str(n)}, {"role": "assistant", "content": "m"}],
            "prompt": None,
            "completion": None,
        }
        if n % 2
        else {"messages": None, "prompt": str(n), "completion": None if n == 6_000 else "p"}
        for n in range(10_000)
    ]
    pl.DataFrame(rows).write_parquet(tmp_path / "a.parquet")
    pool = read([Source(path="a.parquet")], base=tmp_path)
    assert [pair["question"] for pair in pairs(pool)] == [str(n) for n in range(10_000) if n != 6_000]
    assert pool.quarantined.select("origin", "reason").rows() == [("a.parquet:6001", "empty_message")]


def test_a_saved_hugging_face_data_set_is_read(tmp_path: Path) -> None:
    import datasets

    datasets.disable_progress_bars()
    datasets.Dataset.from_list(ROWS).save_to_disk(tmp_path / "one")
    both = datasets.DatasetDict(train=datasets.Dataset.from_list(ROWS), test=datasets.Dataset.from_list(ROWS[:1]))
    both.save_to_disk(tmp_path / "two")

    one = read([Source(hub="one")], base=tmp_path)
    assert pairs(one) == ROWS
    assert one.records["origin"].to_list() == ["one:1", "one:2", "one:3"]
    assert [file.shown for file in one.files] == ["one"]

    train = read([Source(hub="two", split="train")], base=tmp_path)
    assert pairs(train) == ROWS
    assert train.records["origin"].to_list()[0] == "two/train:1"
    with pytest.raises(SourceError, match="two has the splits train, test, and none is named: say which with split:"):
        read([Source(hub="two")], base=tmp_path)
    with pytest.raises(SourceError, match="two has the splits train, test, and not dev"):
        read([Source(hub="two", split="dev")], base=tmp_path)
    with pytest.raises(SourceError, match="name it with hub:, not path:"):
        read([Source(path="one")], base=tmp_path)


def test_a_data_set_s_selection_is_respected(tmp_path: Path) -> None:
    import datasets

    datasets.disable_progress_bars()
    datasets.Dataset.from_list(ROWS).select([2, 0]).save_to_disk(tmp_path / "picked")
    assert pairs(read([Source(hub="picked")], base=tmp_path)) == [ROWS[2], ROWS[0]]
    datasets.Dataset.from_list(ROWS * 3_000).save_to_disk(tmp_path / "long")
    assert lines(read([Source(hub="long")], base=tmp_path)) == [str(number) for number in range(1, 9_001)]


def test_a_broken_row_among_rows_of_several_lines_takes_none_along(read_bytes: ReadBytes) -> None:
    rows = [json.dumps(row, indent=2, ensure_ascii=False) for row in ROWS]
    rows[1] = rows[1].replace('"Zwei', "Zwei")
    pool = read_bytes("a.jsonl", "\n".join(rows).encode())
    assert lines(pool) == ["1", "9"]
    assert reasons(pool) == [("5", "broken_json")]


def test_an_array_on_a_line_that_is_longer_than_a_row_may_be_is_one_document(read_bytes: ReadBytes) -> None:
    long = [{"question": f"The {n}th?", "answer": 20 * "word "} for n in range(50)]
    pool = read_bytes("a.jsonl", json.dumps(long).encode(), max_row_bytes=2_000)
    assert pairs(pool) == long


@pytest.mark.parametrize(
    "first",
    [
        '{"question": "One?", "answer": "Ei',
        '[{"question": "One?", "answer": "Ei',
        '["question", "answer"]',
        '[{"question": 1, "question": 2}]',
        "[INFO] 3 rows written",
        "[1, 2]",
        "{",
        "}",
    ],
)
def test_a_first_line_that_is_no_row_makes_no_document_of_json_lines(read_bytes: ReadBytes, first: str) -> None:
    pool = read_bytes("a.jsonl", first.encode() + b"\n" + JSONL)
    assert lines(pool) == ["2", "3", "4"]
    assert [line for line, _ in reasons(pool)] == ["1"]


def test_a_first_row_that_has_a_key_twice_is_one_of_a_document_though_the_second_line_is_a_row(
    read_bytes: ReadBytes,
) -> None:
    first, second = '{"question": "One?", "question": "Two?"}', json.dumps(ROWS[0])
    pool = read_bytes("a.jsonl", f"[{first},\n{second}\n]".encode())
    assert (lines(pool), reasons(pool)) == (["2"], [("1", "duplicate_keys")])


def test_rows_of_several_lines_behind_json_lines_are_told_as_such(read_bytes: ReadBytes) -> None:
    pool = read_bytes("a.jsonl", JSONL + json.dumps(ROWS[0], indent=2).encode())
    assert lines(pool) == ["1", "2", "3"]
    assert pool.quarantined["detail"][0] == "only the beginning of a row: here, each row stands on one line"


def test_json_documents_survive_what_people_do_to_them(read_bytes: ReadBytes) -> None:
    trailing_commas = b'[\n{"question": "One?", "answer": "Eins"},\n{"question": "Two?", "answer": "Zwei"},\n]'
    assert lines(read_bytes("a.json", trailing_commas)) == ["2", "3"]
    single = b'{"messages": [{"role": "user", "content": "One?"}, {"role": "assistant", "content": "Eins"}]}'
    assert lines(read_bytes("b.json", single)) == ["1"]
    assert pairs(read_bytes("b.json", b'[\n{"question": "One?"\n, "answer": "Eins"}]\n')) == [
        {"question": "One?", "answer": "Eins"}
    ]


def test_reading_goes_on_after_a_broken_row_of_an_indented_document(read_bytes: ReadBytes) -> None:
    document = json.dumps(ROWS, indent=2, ensure_ascii=False).replace('"question": "Två?"', '"question": Två?')
    pool = read_bytes("a.json", document.encode())
    assert pairs(pool) == [ROWS[0], ROWS[2]]
    assert lines(pool) == ["2", "10"]
    assert reasons(pool) == [("6", "broken_json")]


def test_reading_goes_on_after_a_broken_member_of_a_keyed_document(read_bytes: ReadBytes) -> None:
    document = json.dumps({f"id{n}": row for n, row in enumerate(ROWS)}, indent=2)
    pool = read_bytes("a.json", document.replace('"id1": {', '"id1" {').encode())
    assert pairs(pool) == [ROWS[0], ROWS[2]]
    assert reasons(pool) == [("6", "broken_json")]


def test_what_follows_a_broken_row_on_one_line_is_said_to_be_lost(read_bytes: ReadBytes) -> None:
    document = json.dumps(ROWS).replace('"Zwei; drei"', "Zwei")
    pool = read_bytes("a.json", document.encode())
    assert pairs(pool) == ROWS[:1]
    assert reasons(pool) == [("1#2", "broken_json")]
    assert "characters are lost with it" in pool.quarantined["detail"].item()


def test_a_keyed_document_keeps_the_first_of_two_rows_with_one_key(read_bytes: ReadBytes) -> None:
    row = json.dumps(ROWS[0])
    pool = read_bytes("a.json", f'{{"id": {row},\n"id": {row},\n"other": {row}}}'.encode())
    assert lines(pool) == ["1", "3"]
    assert reasons(pool) == [("2", "duplicate_keys")]


@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
@pytest.mark.parametrize("between", ["", "\n", "\n\ufeff", ",\n"])
def test_documents_that_were_glued_together_are_read_one_by_one(read_bytes: ReadBytes, name: str, between: str) -> None:
    indented, keyed = json.dumps(ROWS[:1], indent=2), json.dumps({"data": ROWS[1:2]}, indent=2)
    last = json.dumps(ROWS[2], indent=2)
    pool = read_bytes(name, between.join([indented, keyed, last]).encode())
    assert pairs(pool) == ROWS
    assert reasons(pool) == []


def test_rows_of_several_lines_behind_an_object_that_is_none_are_read(read_bytes: ReadBytes) -> None:
    document = "\n".join(json.dumps(row, indent=2) for row in [{"version": 1}, *ROWS])
    pool = read_bytes("a.json", document.encode())
    assert pairs(pool) == ROWS
    assert [line for line, _ in reasons(pool)] == ["2"]


@pytest.mark.parametrize("length", [20, 5_000, 100_000])
def test_a_first_row_of_any_length_begins_rows_behind_each_other(read_bytes: ReadBytes, length: int) -> None:
    rows = [{"question": "One?", "answer": length * "Eins "}, *ROWS]
    pool = read_bytes("a.json", "\n".join(json.dumps(row, indent=2) for row in rows).encode())
    assert (pairs(pool), reasons(pool)) == (rows, [])


def test_what_follows_a_document_is_said_to_be_lost(read_bytes: ReadBytes) -> None:
    pool = read_bytes("a.json", json.dumps(ROWS, indent=2).encode() + b"\nrows: 3")
    assert pairs(pool) == ROWS
    assert reasons(pool) == [("15", "broken_json")]
    assert pool.quarantined["detail"].item().endswith("7 characters are lost")


@pytest.mark.parametrize("cut", [1, 2, 20, 45])
def test_a_document_without_its_end_gives_the_rows_before_and_says_so(read_bytes: ReadBytes, cut: int) -> None:
    document = json.dumps(ROWS[:2], indent=2).encode()
    pool = read_bytes("a.json", document[:-cut])
    assert pairs(pool) == (ROWS[:2] if cut <= 2 else ROWS[:1])
    assert len(reasons(pool)) == 1
    assert reasons(pool)[0][1] in ("truncated_file", "broken_json")


def test_ragged_and_misquoted_csv_rows_are_quarantined_with_their_line(read_bytes: ReadBytes) -> None:
    content = (
        "question,answer\n"
        "One?,Eins\n"
        "Two?,Zwei,Drei\n"
        "\n"
        "Four?\n"
        '"Five?","Fünf\n'
        'in two lines"\n'
        '"Six "or" seven?",x\n'
        "Eight?,Acht\n"
        '"Nine?,Neun\n'
        "Ten?,Zehn\n"
    )
    pool = read_bytes("a.csv", content.encode())
    assert lines(pool) == ["2", "6", "9"]
    assert pairs(pool)[1] == {"question": "Five?", "answer": "Fünf\nin two lines"}
    assert reasons(pool) == [
        ("3", "ragged_row"),
        ("5", "ragged_row"),
        ("8", "broken_csv"),
        ("10", "broken_csv"),
    ]
    assert pool.quarantined["detail"].to_list()[2:] == [
        "text stands behind a closing quote",
        "a quote of the row that starts in line 10 is never closed: lines 10 to 11 can't be read",
    ]


@pytest.mark.parametrize("named", ["sep=;\n", "\ufeffSEP=;\r\n", '"sep=;"\n'])
def test_a_first_line_that_names_the_delimiter_is_none_of_the_table(read_bytes: ReadBytes, named: str) -> None:
    # The header alone would have the comma be the delimiter.
    content = f"{named}question;answer;a,b,c\nOne?;Eins;\n\nTwo?;Zwei\nThree?;Drei;\n"
    pool = read_bytes("a.csv", content.encode())
    assert lines(pool) == ["3", "6"]
    assert pairs(pool)[0] == {"question": "One?", "answer": "Eins"}
    assert reasons(pool) == [("5", "ragged_row")]


def test_a_first_line_that_only_looks_like_it_is_a_header(read_bytes: ReadBytes) -> None:
    pool = read_bytes("a.csv", b"sep=a,question,answer\nx,One?,Eins\n")
    assert lines(pool) == ["2"]
    with pytest.raises(SourceError, match=r"a.csv has no header|a header and no rows"):
        read_bytes("a.csv", b"sep=;\n")


def test_a_cr_alone_inside_a_table_is_told_in_our_words(read_bytes: ReadBytes) -> None:
    pool = read_bytes("a.csv", b"question,answer\nOne?,Eins\rZwei\nTwo?,Zwei\n")
    assert reasons(pool) == [("2", "broken_csv")]
    assert pool.quarantined["detail"][0].startswith("a CR stands in a field without quotes")


def test_csv_rows_that_are_not_text_are_quarantined_and_quotes_still_match(read_bytes: ReadBytes) -> None:
    content = b'question,answer\nOne?,"a\nb\xff\nc"\nTwo?,Zwei\nTh\0ree?,Drei\nFour?,Vier\n'
    pool = read_bytes("a.csv", content)
    assert lines(pool) == ["5", "7"]
    assert reasons(pool) == [("2", "invalid_utf8"), ("6", "nul_byte")]


def test_csv_of_mixed_shapes_leaves_empty_cells_out_of_account(read_bytes: ReadBytes) -> None:
    messages = [{"role": "user", "content": "Two?"}, {"role": "assistant", "content": "Zwei"}]
    out = io.StringIO()
    csv.writer(out).writerows([["question", "answer", "messages"], ["One?", "Eins"], ["", "", json.dumps(messages)]])
    content = out.getvalue().replace("One?,Eins", "One?,Eins,").encode()
    pool = read_bytes("a.csv", content)
    assert pairs(pool) == [{"question": "One?", "answer": "Eins"}, {"question": "Two?", "answer": "Zwei"}]


def test_a_csv_cell_may_be_as_long_as_a_row_and_no_longer(read_bytes: ReadBytes) -> None:
    before = csv.field_size_limit()
    content = b"question,answer\nOne?," + b"x" * 500_000 + b"\nTwo?," + b"y" * 1_200_000 + b"\nThree?,Drei\n"
    pool = read_bytes("a.csv", content, max_row_bytes=1_000_000)
    assert lines(pool) == ["2", "4"]
    assert reasons(pool) == [("3", "row_too_large")]
    assert csv.field_size_limit() == before


def test_a_table_needs_a_header_that_names_each_column_once(read_bytes: ReadBytes) -> None:
    with pytest.raises(SourceError, match=r"the header of a.csv names answer twice"):
        read_bytes("a.csv", b"question,answer,answer\na,b,c\n")
    with pytest.raises(SourceError, match=r"its one row has no known shape; it has the fields What is 1\?, One"):
        read_bytes("a.csv", b"What is 1?,One\nWhat is 2?,Two\n")
