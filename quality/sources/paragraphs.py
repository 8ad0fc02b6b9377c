"""Reads plain text as passages, for suites that watch what must not be forgotten."""

import logging
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import polars as pl

from quality.sources.checks import check_file
from quality.sources.faults import RowError, to_utf8
from quality.sources.lines import byte_lines, decoded

_PASSAGE_CHARACTERS = 600
_LONGEST_LINE = 10_000_000
_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+")

logger = logging.getLogger(__name__)


def read_paragraphs(path: Path) -> pl.DataFrame:
    """Read the passages of a text file.

    Paragraphs are what blank lines part. A file without blank lines is cut into passages of about 600
    characters instead, at the end of a line, or of a sentence where lines are longer than that. Lines that
    can't be decoded are left out, which the log says.

    Parameters
    ----------
    path : Path
        A text file, plain or packed (.gz, .zst), in UTF-8.

    Returns
    -------
    pl.DataFrame
        `text` and `origin` (``file:line`` of the first line; ``file:line#2`` for a later one).

    Raises
    ------
    SourceError
        The file is missing, empty or can't be opened.
    """
    check_file(path, str(path))
    blocks = list(_blocks(path))
    if len(blocks) == 1:
        blocks = list(_passages(blocks[0]))
    texts = ["\n".join(text for _, text in block) for block in blocks]
    origins = list(_named(path.name, [block[0][0] for block in blocks]))
    return pl.DataFrame({"text": texts, "origin": origins}, schema={"text": pl.String, "origin": pl.String})


def _named(name: str, starts: list[int]) -> Iterator[str]:
    """Name passages by the lines they start on; later ones of one line are told apart by a number."""
    met: Counter[int] = Counter()
    for start in starts:
        met[start] += 1
        yield f"{name}:{start}" if met[start] == 1 else f"{name}:{start}#{met[start]}"


def _blocks(path: Path) -> Iterator[list[tuple[int, str]]]:
    """Iterate over runs of lines that are not blank, each line with its number."""
    block: list[tuple[int, str]] = []
    lines, left_out = 0, list[tuple[int, RowError]]()
    for number, line in byte_lines(path, _LONGEST_LINE):
        text = line if isinstance(line, RowError) else decoded(line)
        lines += bool(text)
        if isinstance(text, RowError):
            left_out.append((number, text))
        elif text:
            block.append((number, text.rstrip()))
        elif block:
            yield block
            block = []
    if block:
        yield block
    _tell(path.name, lines, left_out)


def _tell(name: str, lines: int, left_out: list[tuple[int, RowError]]) -> None:
    """Tell lines that were left out one by one, or in one sentence where most of a file is not UTF-8."""
    undecoded = sum(fault.reason == "invalid_utf8" for _, fault in left_out)
    if undecoded * 2 > lines:
        told = f"{undecoded:,} of its {lines:,} lines are left out, since they are not UTF-8: {to_utf8()}"
        logger.warning("%s: %s", name, told)
        return
    for number, fault in left_out:
        logger.warning("%s:%s: left out: %s", name, number, fault.detail)


def _passages(block: list[tuple[int, str]]) -> Iterator[list[tuple[int, str]]]:
    """Cut one long run of lines into passages."""
    passage: list[tuple[int, str]] = []
    length = 0
    for number, piece in _pieces(block):
        if passage and passage[-1][0] == number:
            passage[-1] = (number, f"{passage[-1][1]} {piece}")
        else:
            passage.append((number, piece))
        length += len(piece)
        if length >= _PASSAGE_CHARACTERS:
            yield passage
            passage, length = [], 0
    if passage:
        yield passage


def _pieces(block: Iterable[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """Iterate over lines, and over the sentences of lines that are too long."""
    for number, line in block:
        if len(line) <= _PASSAGE_CHARACTERS:
            yield number, line
        else:
            for sentence in _SENTENCE_END.split(line):
                yield number, sentence
