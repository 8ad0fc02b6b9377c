"""Reads tables of text: CSV and TSV with a header.

A row is named by the line it starts on; a quoted field may hold line ends. A row with more or fewer fields
than the header, or whose quoting is broken, is quarantined: guessing which field is missing would put
answers in the wrong place.
"""

import csv
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from quality.sources.bytestreams import Advance
from quality.sources.faults import BrokenSourceError, RowError, nul_in, to_utf8
from quality.sources.lines import BOM, Raw, byte_lines, not_utf8

DELIMITERS = (",", ";", "\t", "|")

_NAMED = re.compile(r'("?)sep=([^\w"\r\n])\1\r?\n?', re.IGNORECASE)
"""The line before the header by which Excel is told the delimiter."""

_UNCLOSED = "a quote is never closed"

_FAULTS = {
    "new-line character seen in unquoted field": "a CR stands in a field without quotes, and no line feed after it",
    "expected after": "text stands behind a closing quote",
    "unexpected end of data": _UNCLOSED,
    "field larger than field limit": "a field is longer than max_row_bytes",
}
"""What the csv module complains of, and how it is told."""


def read_delimited(path: Path, shown: str, limit: int, advance: Advance | None = None) -> Iterator[Raw]:
    """Iterate over the rows of a CSV or TSV file; each is a dict of strings by the names of the header.

    The parameters are those of `read_jsonl`. The delimiter is the one that the header uses most, or
    that a line `sep=;` before it names.

    Raises
    ------
    BrokenSourceError
        The header is missing, can't be read, or names a column twice.
    """
    lines = _Lines(path, limit, advance)
    header: list[str] | None = None
    with _fields_up_to(limit):
        for number, last, cells in lines.rows():
            if header is None:
                header = _header(cells, shown)
                continue
            row = cells if isinstance(cells, RowError) else _row(cells, header)
            yield Raw(f"{shown}:{number}", row, last=last if last > number else None)
    if header is None:
        raise BrokenSourceError(f"{shown} has no header: the first line of a table must name its columns")


def _header(cells: list[str] | RowError, shown: str) -> list[str]:
    if isinstance(cells, RowError):
        advice = f"; {to_utf8()}" if cells.reason == "invalid_utf8" else ""
        raise BrokenSourceError(f"the header of {shown} can't be read: {cells.detail}{advice}")
    names = [cell.strip() for cell in cells]
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        raise BrokenSourceError(f"the header of {shown} names {', '.join(twice)} twice: rename one of them")
    return names


def _row(cells: list[str], header: list[str]) -> dict[str, str] | RowError:
    if len(cells) != len(header):
        return RowError("ragged_row", f"{len(cells)} fields, and the header names {len(header)}")
    return {name: cell for name, cell in zip(header, cells, strict=True) if name}


class _Lines:
    """Feeds lines to the csv module and remembers what was wrong with them.

    A line that can't be decoded is fed with its bytes escaped, so that quotes still match; then the row it
    belongs to is quarantined.
    """

    def __init__(self, path: Path, limit: int, advance: Advance | None) -> None:
        self._lines = byte_lines(path, limit, advance)
        self._number = 0
        self._fault: RowError | None = None

    def rows(self) -> Iterator[tuple[int, int, list[str] | RowError]]:
        """Iterate over the numbers of the first and the last line and the cells of every row that is not blank."""
        first = next(self, "")
        named = _NAMED.fullmatch(first)
        first = next(self, "") if named else first
        delimiter = named[2] if named else _delimiter(first)
        reader = csv.reader(self._again(first), delimiter=delimiter, strict=True)
        start = max(self._number, 1)
        while True:
            cells: list[str] | RowError | None
            try:
                cells = next(reader, None)
            except csv.Error as error:
                cells = RowError("broken_csv", _told(error, start, self._number))
            fault, self._fault = self._fault, None
            if fault is not None and not (isinstance(cells, RowError) and _is_less(fault, start, self._number)):
                yield start, self._number, fault
            elif cells:
                yield start, self._number, cells
            if cells is None:
                return
            start = self._number + 1

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        self._number, line = next(self._lines)
        if isinstance(line, RowError):
            self._fault = line
            return "\n"
        line = line.removeprefix(BOM)
        try:
            text = line.decode()
        except UnicodeDecodeError as error:
            self._fault = not_utf8(error)
            text = line.decode("utf-8", "surrogateescape")
        if "\0" in text:
            self._fault = nul_in(text, "a NUL byte")
        return text

    def _again(self, first: str) -> Iterator[str]:
        yield first
        yield from self


def _told(error: csv.Error, start: int, last: int) -> str:
    """Say what is wrong with a row, and which lines it took along; the csv module's own words are for its callers."""
    said = str(error)
    told = next((ours for theirs, ours in _FAULTS.items() if theirs in said), said)
    if last == start:
        return told
    # Where a quote of a later row closes it, what stands behind that one is what the csv module complains of.
    where = f"of the row that starts in line {start}"
    told = f"a quote {where} is never closed" if told == _UNCLOSED else f"{told}, and a quote {where} may be unclosed"
    return f"{told}: lines {start} to {last} can't be read"


def _is_less(fault: RowError, start: int, last: int) -> bool:
    """Tell whether a fault of single characters stands in lines that a quote took along, which lost more."""
    return last > start and fault.reason in ("invalid_utf8", "nul_byte", "broken_characters")


def _delimiter(header: str) -> str:
    counts = [header.count(delimiter) for delimiter in DELIMITERS]
    return DELIMITERS[counts.index(max(counts))]


@contextmanager
def _fields_up_to(limit: int) -> Iterator[None]:
    """Let a field be as long as a row may be; the csv module knows only one limit for the whole process."""
    before = csv.field_size_limit(limit)
    try:
        yield
    finally:
        csv.field_size_limit(before)
