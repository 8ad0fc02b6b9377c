"""Plain text becomes passages that are named by their first line."""

import gzip
from pathlib import Path

import pytest
import zstandard

from quality.sources import SourceError, read_paragraphs


def passages(path: Path, content: bytes) -> list[tuple[str, str]]:
    path.write_bytes(content)
    return read_paragraphs(path).select("origin", "text").rows()


def test_blank_lines_part_paragraphs(tmp_path: Path) -> None:
    content = b"\xef\xbb\xbfOne,\r\nstill one.\r\n\r\n  \nTwo.\n\n\n\nThr\xc3\xa9e.  "
    expected = [("a.txt:1", "One,\nstill one."), ("a.txt:5", "Two."), ("a.txt:9", "Thrée.")]
    assert passages(tmp_path / "a.txt", content) == expected
    for name, packed in (("a.txt.gz", gzip.compress(content)), ("a.txt.zst", zstandard.compress(content))):
        assert passages(tmp_path / name, packed) == [(origin.replace("a.txt", name), text) for origin, text in expected]


def test_lines_that_are_not_text_are_left_out_and_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert passages(tmp_path / "a.txt", b"One.\nTw\xffo.\nThree.\n\nFo\0ur.\n") == [("a.txt:1", "One.\nThree.")]
    assert "a.txt:2: left out" in caplog.text
    assert "a.txt:5: left out" in caplog.text


def test_one_block_is_cut_at_line_ends_into_passages_of_about_600_characters(tmp_path: Path) -> None:
    lines = [f"Line {number} says {'something ' * (number % 7)}." for number in range(200)]
    found = passages(tmp_path / "a.txt", "\n".join(lines).encode())
    assert "\n".join(text for _, text in found) == "\n".join(lines)
    assert all(600 <= len(text) < 600 + 90 + 20 for _, text in found[:-1])
    starts = [int(origin.partition(":")[2]) for origin, _ in found]
    assert starts == [lines.index(text.split("\n")[0]) + 1 for _, text in found]


def test_a_line_that_is_too_long_is_cut_between_sentences(tmp_path: Path) -> None:
    sentences = [f"Sentence {number} goes on for a while, as they do." for number in range(100)]
    found = passages(tmp_path / "a.txt", " ".join(sentences).encode())
    assert " ".join(text for _, text in found) == " ".join(sentences)
    assert len(found) > 5
    assert all(text.endswith("do.") and len(text) < 700 for _, text in found)
    assert [origin for origin, _ in found] == ["a.txt:1"] + [f"a.txt:1#{n}" for n in range(2, len(found) + 1)]


def test_a_missing_or_empty_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"none.txt is not a file"):
        read_paragraphs(tmp_path / "none.txt")
    (tmp_path / "empty.txt").touch()
    with pytest.raises(SourceError, match=r"empty.txt is empty"):
        read_paragraphs(tmp_path / "empty.txt")


def test_a_text_of_which_most_lines_are_not_utf8_is_told_once_with_the_command_that_converts_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert passages(tmp_path / "a.txt", "Été.\n\nIci.\n\nÀ là.\n".encode("latin-1")) == [("a.txt:3", "Ici.")]
    assert caplog.messages == [
        "a.txt: 2 of its 3 lines are left out, since they are not UTF-8: convert it with "
        "`iconv -f WINDOWS-1252 -t UTF-8`, or from what else it was written in"
    ]
