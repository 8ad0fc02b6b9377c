"""Stores elsewhere over a real connection: flaky, slow to answer, closed to us, or gone."""

import base64
import gzip
import logging
import threading
from collections import Counter
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from quality.sources import Source, SourceError, read
from tasks import check, remote
from tasks.exams import Exam
from tasks.fetch import fetch

GOOD = b'{"question": "Why?", "answer": "Because."}\n'
LOGIN = base64.b64encode(b"user:S3CRET").decode()


class Site:
    """A folder on the web, whose faults can be set by path."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.asked: Counter[str] = Counter()
        self.failing: dict[str, list[int]] = {}
        self.cut: list[str] = []
        self.needs_login = False
        self.unversioned = False
        self.gzips = False
        site = self

        class Handler(SimpleHTTPRequestHandler):
            def do_HEAD(self) -> None:
                if not site.refuse(self):
                    super().do_HEAD()

            def do_GET(self) -> None:
                path = self.path.partition("?")[0]
                if site.refuse(self):
                    return
                if path in site.cut:
                    site.cut.remove(path)
                    self.send_response(200)
                    self.send_header("Content-Length", "1000")
                    self.end_headers()
                    self.wfile.write(b"x" * 10)
                    self.close_connection = True
                elif site.gzips and ("gzip" in self.headers.get("Accept-Encoding", "") or path.endswith(".gz")):
                    content = (site.folder / path.lstrip("/")).read_bytes()
                    packed = content if path.endswith(".gz") else gzip.compress(content)
                    self.send_response(200)
                    self.send_header("Content-Encoding", "gzip")
                    self.send_header("Content-Length", str(len(packed)))
                    self.end_headers()
                    self.wfile.write(packed)
                else:
                    super().do_GET()

            def send_header(self, keyword: str, value: str) -> None:
                if not (site.unversioned and keyword == "Last-Modified"):
                    super().send_header(keyword, value)

            def log_message(self, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,))
        self.host = f"127.0.0.1:{self.server.server_address[1]}"

    def refuse(self, request: SimpleHTTPRequestHandler) -> bool:
        path = request.path.partition("?")[0]
        self.asked[f"{request.command} {path}"] += 1
        codes = self.failing.get(path, [])
        code = codes.pop(0) if codes else 0
        if self.needs_login and request.headers.get("Authorization") != f"Basic {LOGIN}":
            code = 401
        if code:
            request.send_error(code)
        return bool(code)


@pytest.fixture
def site(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setattr(remote, "WAITS", (0.0, 0.0, 0.0))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    folder = tmp_path / "site"
    (folder / "pool").mkdir(parents=True)
    (folder / "pool" / "a.jsonl").write_bytes(GOOD)
    (folder / "pool" / "b.jsonl.gz").write_bytes(gzip.compress(GOOD))
    (folder / "pool" / "notes.pdf").write_bytes(b"%PDF")
    made = Site(folder)
    made.thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()
    made.thread.join()


def contents(address: str) -> dict[str, bytes]:
    return {copy.shown: Path(copy.file).read_bytes() for copy in fetch(address)}


def test_a_file_a_glob_and_a_folder_of_a_web_server_are_fetched(site: Site) -> None:
    a, b = (
        {f"{site.host}/pool/{path.name}": path.read_bytes()} for path in sorted((site.folder / "pool").glob("*.j*"))
    )
    assert contents(f"http://{site.host}/pool/a.jsonl") == a
    assert contents(f"http://{site.host}/pool/*.jsonl*") == a | b
    assert contents(f"http://{site.host}/pool/") == a | b
    assert site.asked["GET /pool/a.jsonl"] == 1  # each object once
    (site.folder / "pool" / "a.jsonl").write_bytes(GOOD * 2)
    assert contents(f"http://{site.host}/pool/a.jsonl") == {f"{site.host}/pool/a.jsonl": GOOD * 2}


def test_a_server_that_tells_no_version_is_asked_for_everything_again(site: Site) -> None:
    site.unversioned = True
    for content in (GOOD, GOOD.replace(b"Why", b"How")):
        (site.folder / "pool" / "a.jsonl").write_bytes(content)
        assert contents(f"http://{site.host}/pool/a.jsonl") == {f"{site.host}/pool/a.jsonl": content}


def test_packed_files_are_kept_as_they_lie_though_the_server_would_pack_them(site: Site) -> None:
    site.gzips = True
    assert contents(f"http://{site.host}/pool/a.jsonl") == {f"{site.host}/pool/a.jsonl": GOOD}
    packed = contents(f"http://{site.host}/pool/b.jsonl.gz")[f"{site.host}/pool/b.jsonl.gz"]
    assert packed == (site.folder / "pool" / "b.jsonl.gz").read_bytes()


@pytest.mark.parametrize("codes", [[503, 503], [500, 429], [408]])
def test_a_flaky_server_is_asked_again(site: Site, codes: list[int], caplog: pytest.LogCaptureFixture) -> None:
    site.failing["/pool/a.jsonl"] = [0, *codes]  # the first question is for the version
    with caplog.at_level(logging.INFO, logger="tasks"):
        assert contents(f"http://user:S3CRET@{site.host}/pool/a.jsonl?sig=S3CRET") == {
            f"{site.host}/pool/a.jsonl": GOOD
        }
    assert caplog.text.count("trying again") == len(codes)
    assert f"the server answers {codes[0]}" in caplog.text
    assert "S3CRET" not in caplog.text


def test_a_download_that_breaks_off_is_made_again(site: Site, home: Path) -> None:
    site.cut = ["/pool/a.jsonl"] * 2
    assert contents(f"http://{site.host}/pool/a.jsonl") == {f"{site.host}/pool/a.jsonl": GOOD}
    assert site.cut == []


def test_a_download_that_never_ends_well_leaves_nothing_behind(site: Site, home: Path) -> None:
    site.cut = ["/pool/a.jsonl"] * 9
    with pytest.raises(SourceError, match=r"could not be read \(.*, after 4 tries\): check the address"):
        fetch(f"http://{site.host}/pool/a.jsonl")
    assert len(site.cut) == 9 - 4
    assert not [path for path in (home / "store").rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("codes", "sentence"),
    [
        ([404] * 9, "nothing is at http://{host}/pool/a.jsonl: check the bucket or host"),
        ([410] * 9, "nothing is at http://{host}/pool/a.jsonl"),
        ([403] * 9, r"may not be read \(the server answers 403\): check the login that aiohttp finds"),
        ([500] * 99, r"could not be read \(the server answers 500, after 4 tries\)"),
    ],
)
def test_a_server_s_no_is_one_sentence_without_login_or_query(site: Site, codes: list[int], sentence: str) -> None:
    site.failing["/pool/a.jsonl"] = codes
    with pytest.raises(SourceError, match=sentence.format(host=site.host)) as told:
        fetch(f"http://user:S3CRET@{site.host}/pool/a.jsonl?X-Amz-Signature=S3CRET")
    assert f"http://{site.host}/pool/a.jsonl" in str(told.value)
    error: BaseException | None = told.value
    while error is not None:  # a log shows what stands behind an error, too
        assert "S3CRET" not in str(error)
        error = error.__cause__ or error.__context__


def test_what_is_refused_for_good_is_asked_once(site: Site) -> None:
    site.failing["/pool/a.jsonl"] = [403] * 9
    with pytest.raises(SourceError):
        fetch(f"http://{site.host}/pool/a.jsonl")
    assert sum(site.asked.values()) == 2  # HEAD, and GET where a server has no HEAD


def test_a_login_and_a_signature_open_the_door_and_are_written_nowhere(site: Site, home: Path, caplog) -> None:
    site.needs_login = True
    with caplog.at_level(logging.DEBUG, logger="tasks"):
        (copy,) = fetch(f"http://user:S3CRET@{site.host}/pool/a.jsonl?X-Amz-Signature=S3CRET")
        with pytest.raises(SourceError, match="401"):
            fetch(f"http://{site.host}/pool/a.jsonl")
    assert Path(copy.file).read_bytes() == GOOD
    written = [path for path in home.rglob("*") if path.is_file()]
    assert not any(b"S3CRET" in path.read_bytes() or "S3CRET" in str(path) for path in written)
    assert "S3CRET" not in caplog.text + repr(copy)


def test_what_is_pinned_names_the_address_without_login_and_signature(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.needs_login = True
    for name in ("PASS", "SIG0", "SIG1"):
        monkeypatch.setenv(name, "S3CRET")
    (site.folder / "sea.txt").write_bytes(b"The sea is wide.\n\nThe sea is deep.\n")
    signed = [f"http://user:${{PASS}}@{site.host}/pool/a.jsonl?X-Amz-Signature=${{SIG{n}}}" for n in range(2)]
    pinned = check._pin([Source(path=signed[0])], ["sources.0"])
    assert pinned.sources[0].path == f"http://{site.host}/pool/a.jsonl"
    found = read(pinned.sources, base=Path(pinned.base), copies=pinned.copies)
    assert found.records.select("source", "origin").rows() == [("a", f"{site.host}/pool/a.jsonl:1")]
    text = f"http://user:${{PASS}}@{site.host}/sea.txt?sig=${{SIG0}}"
    suites = check._suites(Exam(domain=[signed[0]], retention=[text]))
    assert [(held.suite.name, held.suite.kind) for held in suites] == [("a", "completion"), ("sea", "text")]
    assert "S3CRET" not in pinned.model_dump_json() + "".join(held.model_dump_json() for held in suites)
    with pytest.raises(ValueError, match=f"sources.1: http://{site.host}/pool/a.jsonl differs from sources.0") as told:
        check._pin([Source(path=address) for address in signed], ["sources.0", "sources.1"])
    assert "S3CRET" not in str(told.value)


def test_a_login_in_clear_is_refused_with_the_recipe_s_key_and_nothing_is_asked(site: Site) -> None:
    clear = f"http://user:S3CRET@{site.host}/pool/a.jsonl"
    with pytest.raises(ValueError, match=f"^sources.0: http://{site.host}/pool/a.jsonl comes with a login in clear"):
        check._pin([Source(path=clear)], ["sources.0"])
    with pytest.raises(ValueError, match="^exam.domain.0: .* comes with a login in clear") as told:
        check._suites(Exam(domain=[clear]))
    assert "S3CRET" not in str(told.value)
    assert not site.asked


def test_a_variable_that_is_not_set_is_told_with_the_recipe_s_key(site: Site) -> None:
    with pytest.raises(ValueError, match="^sources.0: .* the environment variable NOT_SET_HERE, .* is not set"):
        check._pin([Source(path=f"http://${{NOT_SET_HERE}}@{site.host}/pool/a.jsonl")], ["sources.0"])
    assert not site.asked


def test_a_host_that_is_not_there_is_one_sentence(site: Site) -> None:
    site.server.server_close()
    with pytest.raises(SourceError, match=r"could not be read \(\w+, after 4 tries\): check the address and the conn"):
        fetch(f"http://{site.host}/pool/a.jsonl")


def test_a_full_disk_is_no_fault_of_the_store() -> None:
    import errno

    tries = []

    def full() -> None:
        tries.append(1)
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match="No space left") as told:
        remote.ask("s3://bucket/a.jsonl", full)
    assert told.value.errno == errno.ENOSPC
    assert len(tries) == 1
