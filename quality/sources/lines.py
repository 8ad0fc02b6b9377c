"""Cuts a file into lines without ever holding more than one, and says which lines can't be read.

Decoding is the same for every text format: UTF-8; a byte order mark at the start of a line is dropped
(files glued together have them in the middle); line feed and carriage return + line feed both end a line; a
line with a NUL, with bytes that are not UTF-8, or longer than the limit can't be read. Blank lines are no
rows, but they count.
"""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from quality.sources.bytestreams import Advance, CorruptStreamError, open_bytes
from quality.sources.faults import RowError, nul_in

BOM = b"\xef\xbb\xbf"


class Raw(NamedTuple):
    """One raw row as a reader hands it on.

    `origin` says where it stands (file and line from 1), `value` is what stands there: normally a dict of
    fields, or the reason why it can't be read. An adapter may name the document the row belongs to in
    `group`; of a row of several lines, or that can't be read and takes others along, `last` is the last line.
    """

    origin: str
    value: object
    group: str | None = None
    last: int | None = None


def byte_lines(path: Path, limit: int, advance: Advance | None = None) -> Iterator[tuple[int, bytes | RowError]]:
    """Iterate over the numbered lines of a file, from 1, line ends included and blank lines too.

    A line longer than `limit` bytes comes as its reason. So does the place where a packed file is cut off or
    damaged; nothing comes after that.
    """
    number = 0
    with open_bytes(path, advance) as stream:
        try:
            while line := stream.readline(limit + 1):
                number += 1
                if len(line) <= limit or line.endswith(b"\n"):
                    yield number, line
                else:
                    size = len(line) + _skip_line(stream, limit)
                    yield number, RowError("row_too_large", f"{size:,} bytes; max_row_bytes is {limit:,}")
        except (EOFError, CorruptStreamError) as error:
            yield number + 1, cut_off(error, number)


def text_lines(path: Path, limit: int, advance: Advance | None = None) -> Iterator[tuple[int, str | RowError]]:
    """Iterate over the numbered lines of a file that are not blank, decoded."""
    for number, line in byte_lines(path, limit, advance):
        if isinstance(line, RowError):
            yield number, line
        elif text := decoded(line):
            yield number, text


def decoded(line: bytes) -> str | RowError:
    """Return the text of a line, empty if it is blank, or why it is not text."""
    if line.startswith(BOM):
        line = line[3:]
    if not line or line.isspace():
        return ""
    try:
        text = line.decode()
    except UnicodeDecodeError as error:
        return not_utf8(error)
    if "\0" in text:
        return nul_in(text, "a NUL byte")
    return text


def cut_off(error: Exception, number: int) -> RowError:
    """Say that a packed file ends or is damaged after so many whole lines."""
    where = f"after line {number}" if number else "before its first line is complete"
    if isinstance(error, EOFError):
        return RowError("truncated_file", f"the packed file is cut off {where}; what followed is lost")
    return RowError("corrupt_file", f"the packed file is damaged {where}; what follows can't be read")


def not_utf8(error: UnicodeDecodeError) -> RowError:
    """Say which byte of a row is not UTF-8."""
    value = error.object[error.start]
    return RowError("invalid_utf8", f"byte {error.start + 1} (0x{value:02x}) is not UTF-8: {error.reason}")


def _skip_line(stream: io.BufferedIOBase, limit: int) -> int:
    """Read to the end of the line in bounded pieces; return how many bytes that was."""
    skipped = 0
    while piece := stream.readline(limit):
        skipped += len(piece)
        if piece.endswith(b"\n"):
            break
    return skipped
