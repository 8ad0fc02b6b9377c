"""What of a source is lost beyond single rows is told in one sentence, with what would help."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from quality.sources import Pool, Source, SourceError, check, read

Told = Callable[..., tuple[list[str], Pool]]

ICONV = "`iconv -f WINDOWS-1252 -t UTF-8`"
HEAD = "question,answer\n"


@pytest.fixture
def told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> Told:
    """What the log warns of while files are read, and what is read."""

    def of(path: str, **files: bytes) -> tuple[list[str], Pool]:
        for name, content in files.items():
            (tmp_path / name.replace("_", ".")).write_bytes(content)
        caplog.clear()
        pool = read([Source(path=path)], base=tmp_path)
        return [record.getMessage() for record in caplog.records if record.levelname == "WARNING"], pool

    return of


def table(rows: int, sign: str, encoding: str = "latin-1") -> bytes:
    return (HEAD + "".join(f"What is {n}?,Th{sign} answer\n" for n in range(rows))).encode(encoding)


def lost(pool: Pool) -> list[tuple[str, str, int | None]]:
    return pool.quarantined.select("origin", "reason", "last").rows()


def test_a_source_of_which_nothing_could_be_read_is_named_with_its_first_reason(told: Told) -> None:
    assert told("a.csv", a_csv=table(744, "é"))[0] == [
        f"a.csv: none of its 744 rows could be read (first a.csv:2: invalid_utf8): convert it with {ICONV}, or from "
        "what else it was written in"
    ]
    assert told("a.csv", a_csv=table(744, "é", "utf-8"))[0] == []
    assert told("b.jsonl", b_jsonl=b"not JSON\n")[0] == [
        "b.jsonl: its only row could not be read (first b.jsonl:1: broken_json)"
    ]


def test_a_file_of_which_most_rows_are_not_utf8_is_told_with_the_command_that_converts_it(told: Told) -> None:
    half = table(10, "e") + table(10, "é").removeprefix(HEAD.encode())
    files = {"half_csv": half, "good_csv": table(3, "é", "utf-8"), "most_csv": half + b"One?,Tw\xe9\n"}
    assert told("*.csv", **files)[0] == [
        f"most.csv (11 of 21 rows) is not UTF-8: convert it with {ICONV}, or from what else it was written in"
    ]
    (sentence,), _ = told("*.csv", all_csv=table(2, "é"))
    assert sentence.startswith("all.csv (2 of 2 rows), most.csv (11 of 21 rows) are not UTF-8: convert them with ")


def test_a_header_that_is_not_utf8_is_told_with_the_command(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("question,réponse\nWhy?,Because.\n".encode("latin-1"))
    with pytest.raises(SourceError, match=rf"the header of a\.csv can't be read: byte 11 .*; convert it with {ICONV}"):
        check([Source(path="a.csv")], tmp_path)


def test_the_lines_that_a_quote_takes_along_are_told_and_kept(told: Told) -> None:
    lines = [HEAD.strip(), *(f"What is {n}?,It is {n}." for n in range(2, 302))]
    lines[21] = 'What is 22?,"It is'
    sentences, pool = told("a.csv", a_csv="\n".join(lines).encode())
    assert sentences == [
        "a.csv:22: a quote of the row that starts in line 22 is never closed: lines 22 to 301 can't be read"
    ]
    assert pool.records.height == 20
    assert lost(pool) == [("a.csv:22", "broken_csv", 301)]


def test_a_quote_that_a_later_row_closes_and_bytes_in_its_lines_hide_nothing(told: Told) -> None:
    content = HEAD.encode() + b'1?,"one\n2?,tw\xe9\n3?,three\n4?,"four"\n5?,five\n'
    (sentence,), pool = told("a.csv", a_csv=content)
    assert sentence.startswith("a.csv:2: text stands behind a closing quote, and a quote of the row that starts in")
    assert sentence.endswith("line 2 may be unclosed: lines 2 to 5 can't be read")
    assert pool.records["origin"].to_list() == ["a.csv:6"]
    assert told("a.csv", a_csv=content + b'6?,"six\n7?,seven\n')[0] == [f"{sentence} (and so at 1 more of its places)"]


def test_rows_of_one_line_and_whole_rows_of_many_are_no_loss_of_others(told: Told) -> None:
    content = HEAD.encode() + b'1?,"one"x\n"a\nb",c,d\n"2?",two\n'
    sentences, pool = told("a.csv", a_csv=content)
    assert sentences == []
    assert lost(pool) == [("a.csv:2", "broken_csv", None), ("a.csv:3", "ragged_row", 4)]


def test_what_is_lost_with_a_document_or_a_packed_file_is_told(told: Told) -> None:
    rows = [json.dumps({"question": f"{n}?", "answer": "so"}) for n in range(9)]
    document = "[" + rows[0] + ", " + ",\n".join([rows[1].replace(": ", " ", 1), *rows[2:]]) + "]\n"
    (sentence,), pool = told("a.json", a_json=document.encode())
    assert sentence.startswith("a.json:1#2: ")
    assert sentence.endswith("characters are lost with it")
    assert lost(pool) == [("a.json:1#2", "broken_json", 8)]
    packed = gzip.compress("\n".join(rows).encode())
    (sentence,), pool = told("a.jsonl.gz", a_jsonl_gz=packed[:-9])
    assert "the packed file is cut off after line" in sentence
    assert lost(pool)[0][1:] == ("truncated_file", None)


def test_of_several_places_the_one_that_took_most_is_told(told: Told) -> None:
    short, long = b'1?,"one\n2?,"two"\n', b'3?,"three\n4?,four\n5?,five\n6?,"six"\n'
    (sentence,), pool = told("a.csv", a_csv=HEAD.encode() + short + long + b"7?,seven\n")
    assert sentence.startswith("a.csv:4: ")
    assert "lines 4 to 7 can't be read" in sentence
    assert pool.records["origin"].to_list() == ["a.csv:8"]
    assert lost(pool) == [("a.csv:2", "broken_csv", 3), ("a.csv:4", "broken_csv", 7)]
