"""Addresses: what is told of them never holds a login, and their copies are read under the object's name."""

import gzip
from pathlib import Path

import pytest

from quality.sources import Copy, Source, SourceError, check, check_texts, fingerprint, read, source_files
from quality.sources.addresses import is_address, local_path, public, shown_address

GOOD = b'{"question": "Why?", "answer": "Because."}\n'
SECRETS = ("user", "pass", "word", "SECRET", "sig=", "X-Amz", "token")


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("s3://bucket/pool/*.jsonl", "s3://bucket/pool/*.jsonl"),
        ("s3://bucket/part-?.jsonl", "s3://bucket/part-?.jsonl"),
        ("s3://bucket/day=?/a=1.jsonl", "s3://bucket/day=?/a=1.jsonl"),
        ("s3://bucket/me@home/a.jsonl", "s3://bucket/me@home/a.jsonl"),
        ("s3://user:SECRET@bucket/a.jsonl", "s3://bucket/a.jsonl"),
        ("s3://user:SEC/RET@bucket/a.jsonl", "s3://bucket/a.jsonl"),
        ("s3://bucket/a.jsonl?X-Amz-Signature=SECRET/x", "s3://bucket/a.jsonl"),
        ("https://user:pass@host:8443/pool/a.jsonl", "https://host:8443/pool/a.jsonl"),
        ("HTTPS://token@host/a.jsonl?token", "HTTPS://host/a.jsonl"),
        ("http://host:80/me@home/a.jsonl#token", "http://host:80/me@home/a.jsonl"),
        ("https://host/a.jsonl?X-Amz-Signature=SECRET\n&x=y", "https://host/a.jsonl"),
        ("abfs://pool@account.dfs.core.windows.net/a.jsonl", "abfs://pool@account.dfs.core.windows.net/a.jsonl"),
        ("az://user:pass@account/a.jsonl?sv=1&sig=SECRET", "az://account/a.jsonl"),
        ("pool/what?.jsonl", "pool/what?.jsonl"),
        ("suite:encyclopedia", "suite:encyclopedia"),
    ],
)
def test_login_and_query_are_left_out_and_nothing_else(address: str, told: str) -> None:
    assert public(address) == told
    assert not any(secret in public(address) for secret in SECRETS)
    assert public(told) == told


@pytest.mark.parametrize(
    ("place", "elsewhere"),
    [("s3://b/a.jsonl", True), ("HTTP://h/a", True), ("file:///a", False), ("pool/a", False), ("package:cwe2", False)],
)
def test_a_place_is_an_address_where_it_has_to_be_fetched(place: str, elsewhere: bool) -> None:
    assert is_address(place) is elsewhere


def test_an_object_is_shown_as_bucket_and_path() -> None:
    assert shown_address("s3://user:SECRET@bucket/pool/a.jsonl") == "bucket/pool/a.jsonl"
    assert shown_address("memory:///pool/a.jsonl") == "pool/a.jsonl"
    assert shown_address("https://host:8443/a.jsonl?token") == "host:8443/a.jsonl"
    assert "\n" not in shown_address("s3://bucket/a\nb.jsonl")


@pytest.mark.parametrize(
    ("address", "label"),
    [
        ("s3://bucket/pool/rows.jsonl.gz", "rows"),
        ("s3://bucket/pool/*.jsonl", "pool"),
        ("https://user:pass@host/rows.jsonl?X-Amz-Signature=SECRET", "rows"),
        ("https://user:pass@host/*.jsonl", "host"),
    ],
)
def test_the_label_of_a_source_holds_no_login(address: str, label: str) -> None:
    assert Source(path=address).label == label


def test_a_wrong_source_is_told_without_its_login() -> None:
    with pytest.raises(ValueError, match="names path and hub") as told:
        Source(path="ftp://u:pass@h", hub="b")
    assert "pass" not in str(told.value)


def test_a_file_address_is_the_local_file(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(GOOD)
    for address in (f"file://{tmp_path}/a.jsonl", f"FILE://localhost{tmp_path}/*.jsonl"):
        pool = read([Source(path=address)], base=tmp_path)
        assert pool.records["origin"].to_list() == ["a.jsonl:1"]
    assert local_path("s3://bucket/a") == "s3://bucket/a"


def copy(folder: Path, name: str, content: bytes, address: str = "s3://bucket/pool/*") -> Copy:
    file = folder / "fetched" / name
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(content)
    return Copy(address, f"bucket/pool/{name}", str(file))


def test_copies_are_read_under_the_names_of_their_objects(tmp_path: Path) -> None:
    copies = [
        copy(tmp_path, "a.jsonl", GOOD + b"broken\n"),
        copy(tmp_path, "b.csv.gz", gzip.compress(b"question,answer\nWho?,Me.\n")),
        copy(tmp_path, "other.jsonl", GOOD, "s3://bucket/other.jsonl"),
    ]
    source = Source(path="s3://bucket/pool/*", limit=3)
    pool = read([source], base=tmp_path, copies=copies)
    assert pool.records["origin"].to_list() == ["bucket/pool/a.jsonl:1", "bucket/pool/b.csv.gz:2"]
    assert pool.quarantined["origin"].to_list() == ["bucket/pool/a.jsonl:2"]
    assert set(pool.records["source"]) == {"pool"}
    assert source_files([source], tmp_path, copies) == [Path(copies[0].file), Path(copies[1].file)]


def test_the_fingerprint_follows_the_copies_content_and_not_where_they_lie(tmp_path: Path) -> None:
    source = Source(path="s3://bucket/pool/*")
    folders = [tmp_path / name for name in ("here", "there", "changed")]
    for folder in folders:
        folder.mkdir()
    contents = [GOOD, GOOD, GOOD.replace(b"Why", b"How")]
    here, there, changed = (
        fingerprint([source], folder, [copy(folder, "a.jsonl", content)])
        for folder, content in zip(folders, contents, strict=True)
    )
    assert here == there != changed


def test_a_file_here_and_an_object_of_the_same_name_are_both_read(tmp_path: Path) -> None:
    (tmp_path / "bucket" / "pool").mkdir(parents=True)
    (tmp_path / "bucket" / "pool" / "a.jsonl").write_bytes(GOOD)
    sources = [Source(path="bucket/pool/a.jsonl"), Source(path="s3://bucket/pool/*")]
    copies = [copy(tmp_path, "a.jsonl", GOOD.replace(b"Why", b"How"))]
    assert read(sources, base=tmp_path, copies=copies).records["id"].n_unique() == 2


def test_an_object_that_two_addresses_name_is_read_once(tmp_path: Path) -> None:
    one = copy(tmp_path, "a.jsonl", GOOD * 2)
    copies = [one, Copy("s3://bucket/pool/a.jsonl", one.shown, one.file)]
    sources = [Source(path="s3://bucket/pool/a.jsonl"), Source(path="s3://bucket/pool/*")]
    assert read(sources, base=tmp_path, copies=copies).records.height == 2


def test_an_address_without_copies_is_one_sentence_without_its_login(tmp_path: Path) -> None:
    source = Source(path="https://user:pass@host/a.jsonl?sig=SECRET")
    for ask in (lambda: check([source], tmp_path), lambda: read([source], base=tmp_path)):
        with pytest.raises(SourceError, match=r"https://host/a.jsonl is an address, and no copy of it") as told:
            ask()
        assert not any(secret in str(told.value) for secret in SECRETS)


def test_plain_text_is_found_by_file_glob_and_address(tmp_path: Path) -> None:
    for name in ("b.txt.gz", "a.txt", "rows.jsonl"):
        (tmp_path / name).write_bytes(b"Some words.\n")
    assert [path.name for path in check_texts(Source(path="*"), tmp_path)] == ["a.txt", "b.txt.gz"]
    fetched = copy(tmp_path, "c.txt.zst", b"Some words.\n", "s3://bucket/c.txt.zst")
    assert check_texts(Source(path="s3://bucket/c.txt.zst"), tmp_path, [fetched]) == [Path(fetched.file)]
    with pytest.raises(SourceError, match=r"rows.jsonl is of an unknown kind: winnow reads .txt \(also with"):
        check_texts(Source(path="rows.jsonl"), tmp_path)
    (tmp_path / "a.txt").write_bytes(b"\n\n")
    with pytest.raises(SourceError, match="a.txt holds only blank lines"):
        check_texts(Source(path="a.txt"), tmp_path)
