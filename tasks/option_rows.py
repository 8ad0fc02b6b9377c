"""Read rows of suites that have no shape of the pool's: those with options of their own, or with a text alone."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from evals.suites import Suite, SuiteError
from quality.sources import REASONS, Copy, Source, SourceError, source_files
from quality.sources.faults import RowError
from quality.sources.formats import KINDS, reader_of
from quality.sources.lines import Raw
from tasks.places import common_folder


def read_rows(suite: Suite, copies: Sequence[Copy] = ()) -> list[tuple[str, object]]:
    """Return the rows of a suite's files with the place of each, as `rows.jsonl:12`.

    Files are of the kinds that a pool is read from.

    Raises
    ------
    SuiteError
        If a file is of another kind, or something in it can't be read.
    """
    source = Source.model_validate(suite.source)
    rows: list[tuple[str, object]] = []
    for file in source_files([source], base=common_folder([source]), copies=copies):
        try:
            rows += [_readable(raw) for raw in raw_rows(file, source)]
        except SourceError as error:
            raise SuiteError(f"{error}") from error
    return rows[source.skip :][: source.limit]


def raw_rows(file: Path, source: Source) -> Iterator[Raw]:
    """Yield what stands in a file, row by row; a reason in place of what can't be read.

    Raises
    ------
    SourceError, SuiteError
        If the file is of no kind that is read, or can't be read as that.
    """
    reader = reader_of(file)
    if reader is None:
        raise SuiteError(f"{file}: rows are read from files of the kinds {KINDS}")
    return reader(file, str(file), source.max_row_bytes, None)


def _readable(raw: Raw) -> tuple[str, object]:
    if isinstance(raw.value, RowError):
        raise SuiteError(f"{raw.origin}: {REASONS[raw.value.reason]} ({raw.value.detail})")
    try:
        json.dumps(raw.value, ensure_ascii=False, default=str).encode()
    except UnicodeEncodeError as error:
        raise SuiteError(f"{raw.origin}: it holds half a surrogate pair, which is not a character") from error
    return raw.origin, raw.value
