"""Fetching: what lies elsewhere becomes files whose content is pinned, each object once."""

import gzip
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import fsspec
import pytest
import zstandard

from quality.sources import Source, SourceError, read
from quality.sources.formats import TEXTS
from tasks import cards, check, remote
from tasks.exams import Exam
from tasks.fetch import fetch
from tasks.suite_items import suite_items

GOOD = b'{"question": "Why?", "answer": "Because."}\n'
OTHER = GOOD.replace(b"Why", b"How")

Put = Callable[[str, bytes], None]


@pytest.fixture(autouse=True)
def _at_once(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "WAITS", (0.0, 0.0, 0.0))


@pytest.fixture
def put() -> Iterator[Put]:
    """A maker of objects in a bucket of fsspec's memory store, emptied afterwards."""
    store = fsspec.filesystem("memory")

    def make(name: str, content: bytes) -> None:
        store.pipe_file(f"/bucket/{name}", content)

    yield make
    store.rm("/bucket", recursive=True)


def contents(address: str) -> dict[str, bytes]:
    return {copy.shown: Path(copy.file).read_bytes() for copy in fetch(address)}


def test_an_object_a_glob_and_a_folder_are_fetched_under_their_names(put: Put, caplog) -> None:
    for name in ("pool/b.jsonl", "pool/a.jsonl.gz", "pool/below/c.jsonl", "pool/.hidden.jsonl", "pool/notes.pdf"):
        put(name, name.encode())
    a, b, c = ({f"bucket/pool/{name}": f"pool/{name}".encode()} for name in ("a.jsonl.gz", "b.jsonl", "below/c.jsonl"))
    assert contents("memory://bucket/pool/b.jsonl") == b
    assert contents("memory://bucket/pool/*.jsonl") == b
    assert contents("memory://bucket/pool/[ab].jsonl*") == a | b
    assert contents("memory://bucket/pool/?.jsonl") == b
    assert contents("memory://bucket/**/*.jsonl") == b | c
    assert list(contents("memory://bucket/pool")) == ["bucket/pool/a.jsonl.gz", "bucket/pool/b.jsonl"]
    assert contents("memory://bucket/pool/") == a | b
    assert "memory://bucket/pool/: left out files of unknown kinds: notes.pdf" in caplog.text


def test_a_name_with_wildcards_is_still_an_object(put: Put) -> None:
    put("a[1].jsonl", GOOD)
    assert contents("memory://bucket/a[1].jsonl") == {"bucket/a[1].jsonl": GOOD}


def test_an_object_is_downloaded_once_and_again_when_it_changes(put: Put) -> None:
    put("a.jsonl", GOOD)
    put("b.jsonl", GOOD)
    said: list[str] = []
    with cards.listen(lambda event: said.append(event.text) if event.kind == "said" else None):
        first = fetch("memory://bucket/*.jsonl")
        os.utime(kept := Path(first[0].file).parent, (0, 0))
        assert fetch("memory://bucket/*.jsonl") == first
        assert kept.stat().st_mtime > 0, "whoever tidies goes by it"
        assert fetch("memory://bucket/a.jsonl")[0].file == first[0].file
        put("a.jsonl", OTHER)
        assert contents("memory://bucket/*.jsonl") == {"bucket/a.jsonl": OTHER, "bucket/b.jsonl": GOOD}
    assert [text.partition(",")[0] for text in said] == [
        "memory://bucket/*.jsonl: 2 of 2 objects fetched",
        "memory://bucket/*.jsonl: 1 of 2 objects fetched",
    ]
    assert Path(first[0].file).read_bytes() == GOOD  # what an earlier run pinned stays as it was


@pytest.mark.parametrize("harm", ["cut", "altered", "gone", "unrecorded", "broken record"])
def test_a_copy_that_is_not_what_was_fetched_is_fetched_again(put: Put, home: Path, harm: str) -> None:
    put("a.jsonl", GOOD)
    (copy,) = fetch("memory://bucket/a.jsonl")
    file = Path(copy.file)
    (record,) = (home / "store" / "fetched").glob("*.json")
    if harm == "cut":
        file.write_bytes(GOOD[:5])
    elif harm == "altered":
        file.write_bytes(OTHER)
    elif harm == "gone":
        file.unlink()
    elif harm == "unrecorded":
        record.unlink()
        file.write_bytes(OTHER)
    else:
        record.write_text("{")
        file.write_bytes(OTHER)
    assert fetch("memory://bucket/a.jsonl") == [copy]
    assert file.read_bytes() == GOOD
    assert json.loads(record.read_text())["object"] == "bucket/a.jsonl"


def test_progress_is_told_in_bytes_over_all_objects(put: Put) -> None:
    put("a.jsonl", b"x" * 700_000)
    put("b.jsonl", b"y" * 300_000)
    told: list[tuple[int, int]] = []
    with cards.listen(lambda event: told.append((event.done, event.total)) if event.kind == "progress" else None):
        fetch("memory://bucket/*.jsonl")
    assert told[-1] == (1_000_000, 1_000_000)
    assert (700_000, 1_000_000) in told
    assert told == sorted(told)


def test_no_half_written_file_stays(put: Put, home: Path) -> None:
    put("a.jsonl", GOOD)
    fetch("memory://bucket/a.jsonl")
    assert not [path for path in home.rglob("*") if path.name.startswith(".part-")]


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("memory://bucket/none.jsonl", "nothing is at memory://bucket/none.jsonl: check the bucket"),
        ("memory://bucket/none/*.jsonl", r"nothing is at memory://bucket/none/\*.jsonl"),
        ("memory://no-such-bucket/a.jsonl", "nothing is at memory://no-such-bucket/a.jsonl"),
        ("memory://bucket/*.docx", r"has only files of unknown kinds \(a.docx\); winnow reads .jsonl"),
        ("memory://bucket/a.docx", r"has only files of unknown kinds \(a.docx\); winnow reads .jsonl"),
        ("ftp://user:pass@host/a.jsonl", r"winnow doesn't read ftp://host/a.jsonl; it reads files, and s3://"),
        ("memory://user:pass@bucket/a.jsonl", "memory://bucket/a.jsonl comes with a login or a query, .* leave it out"),
        ("memory://bucket/a.jsonl?sig=pass", "memory://bucket/a.jsonl comes with a login or a query"),
        ("s3://user:pass@bucket/a.jsonl", r"s3://bucket/a.jsonl is read with s3fs, .* `python -m pip install s3fs`"),
        ("gs://bucket/a.jsonl", r"is read with gcsfs, .* `python -m pip install gcsfs`"),
        ("abfs://pool@account/a.jsonl?sig=pass", r"abfs://pool@account/a.jsonl is read with adlfs"),
    ],
)
def test_what_can_not_be_fetched_is_one_sentence(put: Put, address: str, sentence: str) -> None:
    package = remote.PACKAGES.get(remote.scheme(address))
    if package in ("s3fs", "gcsfs", "adlfs"):
        try:
            __import__(package)
        except ImportError:
            pass
        else:
            pytest.skip(f"{package} is installed")
    put("a.docx", b"PK")
    with pytest.raises(SourceError, match=sentence) as told:
        fetch(address)
    assert "pass" not in str(told.value)


def test_the_origin_is_the_object_s_and_the_pool_mixes_with_files_here(put: Put, tmp_path: Path) -> None:
    put("pool/a.jsonl", GOOD + b"broken\n")
    put("pool/b.csv.zst", zstandard.compress(b"question,answer\nWho?,Me.\n"))
    (tmp_path / "pool").mkdir()
    (tmp_path / "pool" / "c.jsonl.gz").write_bytes(gzip.compress(OTHER))
    sources = [Source(path="memory://bucket/pool/*"), Source(path=str(tmp_path / "pool" / "*.gz"))]
    pinned = check._pin(sources, ["sources.0", "sources.1"])
    found = read(pinned.sources, base=Path(pinned.base), copies=pinned.copies)
    assert found.records["origin"].to_list() == ["bucket/pool/a.jsonl:1", "bucket/pool/b.csv.zst:2", "c.jsonl.gz:1"]
    assert found.quarantined["origin"].to_list() == ["bucket/pool/a.jsonl:2"]
    again = check._pin(sources, ["sources.0", "sources.1"])
    assert again == pinned
    put("pool/a.jsonl", OTHER)
    assert check._pin(sources, ["sources.0", "sources.1"]).content != pinned.content


def test_what_is_missing_elsewhere_is_told_with_the_recipe_s_key(put: Put) -> None:
    put("a.jsonl", GOOD)
    put("empty.jsonl", b"")
    good = Source(path="memory://bucket/a.jsonl")
    for name, sentence in (("none", "nothing is at memory://bucket/none"), ("empty", "bucket/empty.jsonl is empty")):
        with pytest.raises(ValueError, match=f"sources.1: {sentence}"):
            check._pin([good, Source(path=f"memory://bucket/{name}.jsonl")], ["sources.0", "sources.1"])
    with pytest.raises(ValueError, match="exam.retention.0: nothing is at memory://bucket/none.txt"):
        check._suites(Exam(retention=["memory://bucket/none.txt"]))


def test_addresses_that_receipts_could_not_tell_apart_are_refused(put: Put) -> None:
    put("a.jsonl", GOOD)
    sources = [Source(path=f"memory://{login}@bucket/a.jsonl") for login in ("one", "two")]
    with pytest.raises(ValueError, match="sources.1: memory://bucket/a.jsonl differs from sources.0 in login") as told:
        check._tell_apart(sources, ["sources.0", "sources.1"])
    assert "one@" not in str(told.value)
    same = Source(path="memory://bucket/a.jsonl")
    check._pin([same, same], ["sources.0", "sources.1"])


def test_suites_of_text_and_rows_are_fetched_too(put: Put) -> None:
    put("sea.txt.gz", gzip.compress(b"The sea is wide.\n\nThe sea is deep.\n"))
    put("more/a.txt", b"One more.\n\nTwo more.\n")
    put("more/b.txt", b"Three more.\n")
    put("rows.jsonl", GOOD)
    suites = check._suites(
        Exam(retention=["memory://bucket/sea.txt.gz", "memory://bucket/more/*.txt", "memory://bucket/rows.jsonl"])
    )
    assert [pinned.suite.kind for pinned in suites] == ["text", "text", "completion"]
    items = [suite_items(pinned.suite, Exam(), pinned.copies)[0]["target"].to_list() for pinned in suites]
    assert [sorted(targets) for targets in items] == [
        ["The sea is deep.", "The sea is wide."],
        ["One more.", "Three more.", "Two more."],
        ["Because."],
    ]
    put("more/b.txt", b"Four more.\n")
    changed = check._suites(Exam(retention=["memory://bucket/more/*.txt"]))
    assert changed[0].content != suites[1].content


def test_rows_of_texts_at_an_address_are_texts_there_as_they_are_here(put: Put) -> None:
    put("sea.jsonl", b'{"text": "The sea is wide."}\n')
    put("part/a.jsonl", b'{"text": "The sea is deep."}\n')
    put("asked.jsonl", GOOD)
    named = [f"memory://bucket/{name}" for name in ("sea.jsonl", "part/*.jsonl", "asked.jsonl")]
    suites = check._suites(Exam(retention=named))
    assert [pinned.suite.kind for pinned in suites] == ["text", "text", "completion"]
    items = suite_items(suites[1].suite, Exam(), suites[1].copies).items
    assert items["target"].to_list() == ["The sea is deep."]


def test_only_texts_are_fetched_for_a_suite_of_text(put: Put) -> None:
    put("a.txt", b"Words.\n")
    put("a.jsonl", GOOD)
    assert [copy.shown for copy in fetch("memory://bucket/*", TEXTS)] == ["bucket/a.txt"]
