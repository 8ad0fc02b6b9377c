"""Reads a JSON document of rows, one row at a time.

``[{…}, {…}]``, ``{"id 1": {…}, "id 2": {…}}`` and ``{"data": [{…}, {…}]}`` are all read; so are a single row,
rows behind each other that take several lines each, documents that were glued together, and JSON Lines under
the name of .json or such a document under that of .jsonl. A row's line is the line that it starts on; when
several start on one line, the later ones are told apart as ``file:line#2``. After a broken row, reading goes on
at the next line that is indented like the start of the broken one; where there is none, what remains is one
quarantined row.
"""

import re
import sys
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import suppress
from itertools import chain, islice, repeat
from pathlib import Path

from quality.sources.bytestreams import Advance, CorruptStreamError, open_bytes
from quality.sources.faults import BrokenSourceError, RowError, printable
from quality.sources.jsonl import read_jsonl
from quality.sources.jsontext import SPACE, NotJsonError, parse_line, value_at
from quality.sources.lines import BOM, Raw, cut_off
from quality.sources.shapes import recognise

_SPACE = re.compile(f"[{SPACE}\ufeff]*")  # a byte order mark stands where files were glued together
_ROWS = re.compile(f"\\[[{SPACE}]*{{")  # an array whose first element is an object
_UNDECODED = re.compile("[\udc80-\udcff]")
_PIECE = 1 << 20
_TRIED = (1 << 12, 1 << 16, 1 << 20, sys.maxsize)  # characters; most rows are short, and there may be many


def read_json(path: Path, shown: str, limit: int, advance: Advance | None = None) -> Iterator[Raw]:
    """Iterate over the rows of a JSON document.

    The parameters are those of `read_jsonl`.

    Raises
    ------
    BrokenSourceError
        The file starts with neither an array nor an object.
    """
    if _is_json_lines(path, limit):
        yield from read_jsonl(path, shown, limit, advance)
        return
    content, cut = _content(path, advance)
    yield from _Document(content, shown, limit, cut).rows()


def read_json_lines(path: Path, shown: str, limit: int, advance: Advance | None = None) -> Iterator[Raw]:
    """Iterate over the rows of a file that is called JSON Lines; some are JSON documents.

    The parameters are those of `read_jsonl`.
    """
    yield from (read_json if _is_document(path, limit) else read_jsonl)(path, shown, limit, advance)


def _is_document(path: Path, limit: int) -> bool:
    """Whether the first line is the beginning of a document, and no row that is broken.

    It is a bracket alone, the beginning of an array, or an array with nothing behind it. Where the second line is a
    value by itself, the first is rows of an array, each of them whole.
    """
    first, second = _first_lines(path, limit)
    if not first.startswith("["):
        return first == "{" and not second.startswith("{")
    if not second:
        return True
    return not _is_value(first) and (_is_value(f"{first.rstrip(',')}]") or not _is_value(second))


def _is_value(line: str) -> bool:
    value = parse_line(line)
    return not isinstance(value, RowError) or value.reason == "duplicate_keys"


def _is_json_lines(path: Path, limit: int) -> bool:
    """Whether the first line is a whole object and another line begins with one."""
    first, second = _first_lines(path, limit)
    return second.startswith("{") and isinstance(parse_line(first), dict)


def _first_lines(path: Path, limit: int) -> tuple[str, str]:
    """Return the first two lines that are not blank, each up to the limit; empty where there are none to be read."""
    try:
        with open_bytes(path) as stream:
            read = iter(lambda: stream.readline(limit + 1).removeprefix(BOM), b"")
            lines = (line.decode("utf-8", "replace").strip(SPACE) for line in read)
            first, second = islice(chain(filter(None, lines), repeat("")), 2)
    except (EOFError, CorruptStreamError):
        return "", ""
    return first, second


def _content(path: Path, advance: Advance | None) -> tuple[bytes, RowError | None]:
    pieces: list[bytes] = []
    with open_bytes(path, advance) as stream:
        try:
            while piece := stream.read1(_PIECE):
                pieces.append(piece)
        except (EOFError, CorruptStreamError) as error:
            content = b"".join(pieces)
            return content, cut_off(error, content.count(b"\n"))
    return b"".join(pieces), None


def _is_row(value: object) -> bool:
    """Whether a value is an object of a known shape."""
    try:
        return isinstance(value, dict) and recognise(tuple(value)) is not None
    except RowError:  # two shapes at once: a row all the same
        return True


class _Document:
    """The text of a JSON file and a walk over the rows in it."""

    def __init__(self, content: bytes, shown: str, limit: int, cut: RowError | None) -> None:
        content = content.removeprefix(BOM)
        try:
            self._text, self._undecoded = content.decode(), False
        except UnicodeDecodeError:  # set bytes that are not UTF-8 apart, to find the rows they are in
            self._text, self._undecoded = content.decode("utf-8", "surrogateescape"), True
        self._shown = shown
        self._limit = limit
        self._cut = cut
        self._gave_up = False
        self._counted, self._line = 0, 1
        self._on_line: Counter[int] = Counter()

    def rows(self) -> Iterator[Raw]:
        start = self._skip(0)
        opening = self._text[start : start + 1]
        if opening not in ("[", "{"):
            raise BrokenSourceError(
                f"{self._shown} is not JSON: it starts with {printable(opening)!r} instead of [ or {{; "
                "JSON Lines have the extension .jsonl, tables .csv"
            )
        while self._text[start : start + 1] in ("[", "{"):  # files that were glued together are read one by one
            start = self._next((yield from self._document(start)))
        if self._cut is not None and not self._gave_up:
            yield self._raw(start, self._cut)
        elif start < len(self._text):
            left = f"{len(self._text) - start:,} characters are lost"
            yield self._raw(start, RowError("broken_json", f"something follows the end of the document; {left}"))

    def _document(self, start: int) -> Generator[Raw, None, int]:
        """Walk the rows of a document, or rows behind each other; return the position after them."""
        if self._text[start] == "[":
            return (yield from self._array(start))
        return (yield from self._values(start) if self._is_row_at(start) else self._object(start))

    def _is_row_at(self, start: int) -> bool:
        """Whether a row begins here, and no document of rows, which may be too large to be read at once."""
        for size in _TRIED:
            with suppress(NotJsonError):
                first, _ = value_at(self._text[start : start + min(size, self._limit)], 0)
                return _is_row(first)
        return False

    def _array(self, start: int) -> Generator[Raw, None, int]:
        """Walk the rows of an array; return the position after it."""
        return (yield from self._closed((yield from self._values(self._skip(start + 1), "]"))))

    def _values(self, position: int, closing: str | None = None) -> Generator[Raw, None, int]:
        """Walk rows until a bracket, or the end; return its position."""
        while position < len(self._text) and self._text[position] != closing:
            value, end = self._value(position, position)
            yield self._raw(position, value)
            position = self._next(end)
        return position

    def _object(self, start: int) -> Generator[Raw, None, int]:
        """Walk the members of an object, rows and arrays of rows; return the position after it."""
        position, seen = self._skip(start + 1), set[str]()
        while position < len(self._text) and self._text[position] != "}":
            key, at = self._key(position)
            if isinstance(key, RowError):
                yield self._raw(position, key)
                end = at
            elif _ROWS.match(self._text, at):
                end = yield from self._array(at)
            else:
                value, end = self._value(at, position)
                if key in seen:
                    value = RowError("duplicate_keys", f"the key {key!r} occurs twice in the document")
                seen.add(key)
                yield self._raw(position, value)
            position = self._next(end)
        return (yield from self._closed(position))

    def _closed(self, position: int) -> Generator[Raw, None, int]:
        if position == len(self._text) and self._cut is None:
            self._cut = RowError("truncated_file", "the document ends here without its closing bracket")
        yield from ()
        return min(position + 1, len(self._text))

    def _key(self, position: int) -> tuple[str | RowError, int]:
        """Read the key of a member; return it and the position of the member's value."""
        try:
            key, end = value_at(self._text, position)
        except NotJsonError as fault:
            return self._lost(position, fault)
        colon = self._skip(end)
        if not isinstance(key, str) or self._text[colon : colon + 1] != ":":
            return self._lost(position, NotJsonError("broken_json", "a key and a colon are missing", position))
        return key, self._skip(colon + 1)

    def _value(self, position: int, row: int) -> tuple[object, int]:
        """Read the value of the row that starts at `row`; return it, or why not, and where to go on."""
        try:
            value, end = value_at(self._text, position)
        except NotJsonError as fault:
            return self._lost(row, fault)
        return self._checked(value, position, end), end

    def _checked(self, value: object, start: int, end: int) -> object:
        if end - start > self._limit:
            return RowError("row_too_large", f"{end - start:,} characters; max_row_bytes is {self._limit:,}")
        if self._undecoded and (undecoded := _UNDECODED.search(self._text, start, end)):
            return RowError("invalid_utf8", f"character {undecoded.start() - start + 1} of the row is not UTF-8")
        return value

    def _lost(self, row: int, fault: NotJsonError) -> tuple[RowError, int]:
        """Find where the row after a broken one starts, by its indentation."""
        indent = self._text[self._text.rfind("\n", 0, row) + 1 : row]
        if not indent.strip(SPACE) and row > len(indent):
            next_row = re.compile(f'\n{indent}(?=[{{"\\[])')
            after = max(row, fault.position - len(indent) - 1)
            if found := next_row.search(self._text, after):
                return fault, found.end()
        left = len(self._text) - row
        self._gave_up = True
        self._cut = self._cut or RowError(fault.reason, f"{fault.detail}; {left:,} characters are lost with it")
        return self._cut, len(self._text)

    def _raw(self, position: int, value: object) -> Raw:
        """Return what stands at a position, named by its line."""
        self._line += self._text.count("\n", self._counted, position)
        self._counted = position
        self._on_line[self._line] += 1
        nth = self._on_line[self._line]
        lost = self._text.count("\n", position, len(self._text.rstrip())) if self._gave_up else 0
        last = self._line + lost if lost else None
        return Raw(f"{self._shown}:{self._line}" + (f"#{nth}" if nth > 1 else ""), value, last=last)

    def _skip(self, position: int) -> int:
        match = _SPACE.match(self._text, position)
        return match.end() if match else position

    def _next(self, end: int) -> int:
        """Go to the next row; a comma that is missing, or one too many at the end, loses nothing."""
        at = self._skip(end)
        return self._skip(at + 1) if self._text[at : at + 1] == "," else at
