"""What ingest says of what it read."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from quality.sources import Source, fingerprint
from tasks import cards
from tasks.check import Pinned
from tasks.ingest import ingest
from tasks.pool import EmptyPool


@pytest.fixture
def said(tmp_path: Path, home: Path) -> Callable[..., list[str]]:
    """What ingest says of the records of sources."""

    def of(*sources: Source) -> list[str]:
        told: list[str] = []
        pinned = Pinned(sources=list(sources), base=str(tmp_path), content=fingerprint(sources, tmp_path))
        with cards.listen(lambda event: told.append(event.text)):
            ingest.fn(pinned)
        return [text for text in told if "record" in text]

    return of


def test_turns_that_nobody_answered_are_not_left_out_in_silence(tmp_path: Path, said: Callable[..., list[str]]) -> None:
    asked = [{"role": "user", "content": "Why?"}, {"role": "assistant", "content": "Because."}]
    rows = [{"messages": [*asked, asked[0]]}, {"messages": asked}]
    told: list[str] = []
    for name, count in (("both.jsonl", 2), ("whole.jsonl", 1)):
        (tmp_path / name).write_text("".join(json.dumps(row) + "\n" for row in rows[-count:]))
        told += said(Source(path=name))
    assert [text for text in told if "turns" in text] == ["1 record: turns after the last answer left out"]


def test_quarantined_rows_come_with_their_reasons_and_the_first_of_them(
    tmp_path: Path, said: Callable[..., list[str]]
) -> None:
    good = '{"question": "Why?", "answer": "Because."}\n'
    (tmp_path / "a.jsonl").write_text(good * 3)
    assert said(Source(path="a.jsonl"))[-1] == "3 records from 1 source, 0 quarantined"
    bad = '{"foo": 1}\n' * 2 + "not JSON\n" * 3
    (tmp_path / "a.jsonl").write_text(good + bad)
    line = "1 record from 1 source, 5 quarantined (broken_json 3, unknown_shape 2; first a.jsonl:2)"
    assert said(Source(path="a.jsonl"))[-1] == line
    (tmp_path / "a.jsonl").write_text(good + bad + '{"question": "a", "answer": null}\n' * 2 + "[]\n{}\n{}\n[1]\n")
    line = "11 quarantined (unknown_shape 4, broken_json 3, empty_message 2, others 2; first a.jsonl:2)"
    assert said(Source(path="a.jsonl"))[-1] == f"1 record from 1 source, {line}"


@pytest.mark.parametrize("skip", [20, 1_000])
def test_of_a_skip_that_leaves_no_row_the_number_of_rows_is_told(
    tmp_path: Path, said: Callable[..., list[str]], caplog: pytest.LogCaptureFixture, skip: int
) -> None:
    (tmp_path / "x.csv").write_text("question,answer\n" + "Why?,Because.\n" * 20)
    (tmp_path / "none.json").write_text("[]")
    source = Source(path="x.csv", skip=skip)
    with pytest.raises(EmptyPool) as told:
        said(source, Source(path="none.json"))
    assert str(told.value) == (
        f"No row is left after the stage “ingest”: skip (x: {skip:,}) left out all 20 rows of the sources. Make it "
        "smaller, or take it out."
    )
    with pytest.raises(EmptyPool, match=r"the sources hold no row\.$"):
        said(Source(path="none.json"))
    caplog.clear()
    assert said(source, Source(path="x.csv", skip=19)) == ["1 record from 1 source, 0 quarantined"]
    assert caplog.messages == ["x.csv: skip left out all of its rows (20)"]


def test_files_without_rows_are_told_where_a_person_looks(tmp_path: Path, home: Path) -> None:
    good = '{"question": "Why?", "answer": "Because."}\n'
    for name, text in {"a.jsonl": good, "c.json": "[]", "d.json": "{}", "e.xyz": "told by check"}.items():
        (tmp_path / "in" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "in" / name).write_text(text)
    (told,) = _warnings(tmp_path, Source(path="in"))
    assert told.endswith("there is no row in in/c.json, in/d.json")


def test_files_beyond_a_limit_are_not_said_to_hold_no_row(tmp_path: Path, home: Path) -> None:
    for name in ("a.jsonl", "b.jsonl"):
        (tmp_path / name).write_text('{"question": "Why?", "answer": "Because."}\n' * 2)
    (tmp_path / "0.json").write_text("[]")
    (told,) = _warnings(tmp_path, Source(path="*.json*", limit=2))
    assert told.endswith("there is no row in 0.json")
    (told,) = _warnings(tmp_path, Source(path="*.json*", skip=3))
    assert told.endswith("there is no row in 0.json")


def test_of_many_warnings_the_first_are_told_and_the_rest_counted(tmp_path: Path, home: Path) -> None:
    for number in range(9):
        (tmp_path / f"{number}.jsonl").write_text('{"question": "Why?", "answer": "Because."}\n')
    sources = [Source(path="*.jsonl"), *(Source(path=f"{number}.jsonl") for number in range(6))]
    told = _heard(tmp_path, *sources)
    assert [text for text in told if "warning" in text][3:] == ["3 more warnings in the log"]
    assert "read once" in told[0]


def test_a_file_in_another_encoding_is_told_where_a_person_looks_with_what_converts_it(
    tmp_path: Path, home: Path
) -> None:
    (tmp_path / "a.jsonl").write_text('{"question": "Why?", "answer": "Because."}\n')
    (tmp_path / "b.csv").write_bytes("question,answer\nOù?,Là.\nÇa?,Là.\n".encode("latin-1"))
    (told,) = _warnings(tmp_path, Source(path="a.jsonl"), Source(path="b.csv"))
    assert told.startswith("b.csv: none of its 2 rows could be read (first b.csv:2: invalid_utf8): convert it with")
    with pytest.raises(EmptyPool, match=r"Mend the files \(convert it with `iconv -f .*\), or name others in sources"):
        _warnings(tmp_path, Source(path="b.csv"))


def test_why_rows_could_not_be_read_stays_with_the_pool_and_with_one_that_is_empty(tmp_path: Path, home: Path) -> None:
    (tmp_path / "a.csv").write_text("question,answer\nWhy?,Because.,Why?\n")
    with pytest.raises(EmptyPool) as stopped:
        _heard(tmp_path, Source(path="a.csv"))
    (tmp_path / "b.csv").write_text("question,answer\nWhy?,Because.\n")
    sources = [Source(path="a.csv"), Source(path="b.csv")]
    pool = ingest.fn(Pinned(sources=sources, base=str(tmp_path), content=fingerprint(sources, tmp_path)))
    for one in (pool, stopped.value.pool):
        assert one is not None
        unread = one.attribute("unread")
        assert unread is not None
        assert unread["detail"].to_list() == ["3 fields, and the header names 2"]


def _warnings(base: Path, *sources: Source) -> list[str]:
    heard = [text for text in _heard(base, *sources) if "warning" in text]
    return [text.removeprefix("warning: ") for text in heard]


def _heard(base: Path, *sources: Source) -> list[str]:
    told: list[str] = []
    with cards.listen(lambda event: told.append(event.text) if event.kind == "said" else None):
        ingest.fn(Pinned(sources=list(sources), base=str(base), content=fingerprint(sources, base)))
    return told
