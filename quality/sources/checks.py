"""Looks at every source before any work: whether it is there, can be opened, and holds anything."""

import logging
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from typing import TypeVar

from quality.sources.addresses import Copy, public
from quality.sources.bytestreams import CorruptStreamError, open_bytes
from quality.sources.collecting import Collector
from quality.sources.delimited import read_delimited
from quality.sources.faults import (
    BrokenSourceError,
    EmptySourceError,
    ManyBrokenError,
    MissingSourceError,
    SourceError,
    few,
    to_utf8,
)
from quality.sources.formats import reader_of
from quality.sources.inputs import Input, inputs_of, text_files
from quality.sources.lines import BOM
from quality.sources.locations import leads_nowhere
from quality.sources.settings import Source
from quality.sources.tables import parquet_rows

_BLANK = b" \t\n\r\x0b\x0c"
_PACKED = (".gz", ".zst")
_LONGEST_HEADER = 10_000_000  # bytes
_UTF16 = (b"\xff\xfe", b"\xfe\xff")

T = TypeVar("T")

logger = logging.getLogger(__name__)


def check(
    sources: Sequence[Source], base: Path, copies: Sequence[Copy] = (), *, shapes: bool = True
) -> list[tuple[Source, list[Input]]]:
    """Make sure that every source can be read, or raise one sentence that says what to do.

    Of a folder, a glob or an address, empty files and tables without a row are left out, which the log says: there are
    days without rows. A JSON document such as `[]` is read, and gives none.

    Parameters
    ----------
    sources : Sequence[Source]
        The sources of a recipe.
    base : Path
        The folder that relative paths are relative to.
    copies : Sequence[Copy]
        The local copies of what the sources' addresses name.
    shapes : bool
        Read every file up to the first row that has a known shape, which is nearly always the first of all.

    Returns
    -------
    list[tuple[Source, list[Input]]]
        What there is to read of each source, in order.

    Raises
    ------
    SourceError
        A file is missing, unreadable or of an unknown kind, or no row of it has a known shape; all that a source
        names is empty; a folder or glob has no match; a package is not installed; a data set or its split doesn't
        exist. Of several such files of one source, all are told.
    """
    if not sources:
        raise MissingSourceError("sources is empty: name at least one path, package or hub data set")
    return [(source, _sound(source, inputs_of(source, base, copies), shapes=shapes)) for source in sources]


def _sound(source: Source, things: list[Input], *, shapes: bool) -> list[Input]:
    def look(found: Input, first: bool) -> None:
        for path in found.files:
            check_file(path, found.shown)
        if shapes and _is_read_from_its_start(source, first):
            Collector(source).take(islice(found.rows(None), source.limit), found.shown, glance=True)

    return _holding(things, look, public(source.place))


def _is_read_from_its_start(source: Source, first: bool) -> bool:
    """Say whether rows of a source's file are sure to be read, its first one first; adapters know their rows."""
    adapted = source.package is not None and "/" not in source.package
    return not adapted and source.skip == 0 and (source.limit is None or first)


def _holding(found: Sequence[T], look: Callable[[T, bool], None], place: str) -> list[T]:
    """Return what holds something, where `look` finds no fault; it is told whether nothing before does."""
    full: list[T] = []
    empty: list[SourceError] = []
    faults: list[SourceError] = []
    for one in found:
        try:
            look(one, not full)
        except EmptySourceError as error:
            empty.append(error)
        except SourceError as error:
            faults.append(error)
        else:
            full.append(one)
    if faults or not full:
        raise _together(faults or empty, len(found))
    if empty:
        logger.warning("%s: left out: %s", place, few([error.fault for error in empty], "; "))
    return full


def _together(faults: list[SourceError], count: int) -> SourceError:
    """Tell all faults of a source's files at once, each in short, with the advice that they have in common.

    Of advice with an example from each file, that of the first is told.
    """
    if len(faults) == 1:
        return faults[0]
    told = few([fault.fault for fault in faults], "; ")
    advised: dict[str, str] = {}
    for fault in faults:
        if fault.advice:
            advised.setdefault(fault.advice, fault.advised)
    return ManyBrokenError(f"{len(faults):,} of {count:,} files can't be used: {told}", " ".join(advised.values()))


def check_texts(source: Source, base: Path, copies: Sequence[Copy] = ()) -> list[Path]:
    """Return the files of plain text that a source names, each sure to open and to hold something.

    The parameters are those of `check`, which see for what is left out and what is raised.
    """
    found = text_files(source, base, copies)
    return _holding(found, lambda path, _: check_file(path, str(path)), public(source.place))


def check_file(path: Path, shown: str) -> None:
    """Make sure that a file can be opened and holds something, or raise one sentence."""
    try:
        if not path.is_file():
            raise MissingSourceError(f"{shown} {leads_nowhere(path) or 'is not a file'}")
        if path.stat().st_size == 0:
            raise EmptySourceError(f"{shown} is empty: there is nothing to read in it")
        if path.suffix.casefold() == ".parquet":
            if parquet_rows(path, shown) == 0:
                raise EmptySourceError(f"{shown} has no rows")
        elif path.suffix.casefold() != ".arrow":
            _check_text(path, shown)
            if reader_of(path) is read_delimited:
                _check_table(path, shown)
    except OSError as error:
        raise BrokenSourceError(f"{shown} can't be read: {error.strerror or error}") from None


def _check_table(path: Path, shown: str) -> None:
    """Read a table's header and its first row, in which a whole file of lines that end in CR alone would stand."""
    with open_bytes(path) as stream:
        head = stream.read1(4_096)
    if b"\r" in head and b"\n" not in head:
        raise BrokenSourceError(
            f"{shown} has lines that end in CR alone, and winnow reads lines that end in LF: convert it with "
            r"`tr '\r' '\n'`"
        )
    if next(read_delimited(path, shown, _LONGEST_HEADER), None) is None:
        raise EmptySourceError(f"{shown} has a header and no rows")


def _check_text(path: Path, shown: str) -> None:
    with open_bytes(path) as stream:
        try:
            head = stream.read1(4_096)
            if head.startswith(_UTF16):
                raise BrokenSourceError(f"{shown} is UTF-16, and winnow reads UTF-8: {to_utf8(encoding='UTF-16')}")
            if path.suffix.casefold() in _PACKED and b"\0" in head:
                raise BrokenSourceError(
                    f"{shown} is named {path.suffix}, and is neither packed that way nor text: copy or pack it again"
                )
            rest = head.removeprefix(BOM)
            while rest or head:
                if rest.strip(_BLANK):
                    return
                head = rest = stream.read1(1 << 18)
        except EOFError:
            raise BrokenSourceError(f"{shown} is cut off before its first line: copy it again") from None
        except CorruptStreamError as error:
            raise BrokenSourceError(f"{shown} can't be unpacked: {error}") from None
    raise EmptySourceError(f"{shown} holds only blank lines: there is nothing to read in it")
