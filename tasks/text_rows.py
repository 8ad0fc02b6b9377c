"""Read the texts of a suite of kind text: passages of plain text, rows that hold a text each, or answers of records."""

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from evals.option_rows import document
from evals.suites import Suite, SuiteError
from quality.sources import Copy, Source, SourceError, check_texts, read_paragraphs, source_files
from quality.sources.faults import RowError
from quality.sources.formats import ROWS
from quality.sources.shapes import recognise
from tasks import cards, store
from tasks.exam_size import FEW
from tasks.option_rows import raw_rows, read_rows
from tasks.places import common_folder
from tasks.reporting.text import counted

_SCHEMA = {"text": pl.String, "origin": pl.String, "group": pl.String}


def holds_rows(source: Source) -> bool:
    """Tell whether a suite's path names rows, and not plain text."""
    return source.path is not None and ROWS.reads(Path(source.path))


def holds_texts_alone(source: Source, copies: Sequence[Copy] = ()) -> bool:
    """Tell whether each row of a source's files holds a text in the field `text`, and no question.

    `copies` are those of an address. What can't be read tells nothing; whoever reads the suite says where that is.
    """
    if not holds_rows(source):
        return False
    found = False
    for file in source_files([source], common_folder([source]), copies):
        for row in _rows(file, source):
            if not _holds_text_alone(row):
                return False
            found = True
    return found


def _rows(file: Path, source: Source) -> Iterator[object]:
    with contextlib.suppress(SourceError):
        yield from (raw.value for raw in raw_rows(file, source) if not isinstance(raw.value, RowError))


def _holds_text_alone(row: object) -> bool:
    if not isinstance(row, dict) or not isinstance(row.get("text"), str):
        return False
    try:
        return recognise(tuple(row)) is None
    except RowError:
        return False


def read_texts(suite: Suite, copies: Sequence[Copy] = ()) -> pl.DataFrame:
    """Return the texts of a suite's files: `text`, `origin` and `group`, the document.

    Rows hold a text in the field `text`; the field that the suite names as `cluster` tells the document, else
    each row is one. Of plain text the file is the document of its passages, where there are files enough to judge by
    (`tasks.exam_size.FEW`). Of fewer, each passage counts as a document, since the suite could decide nothing else;
    that is said, because passages of one book go together and intervals are too narrow then.

    Raises
    ------
    SuiteError
        If a row has no text, or not the field that names its document.
    """
    source = Source.model_validate(suite.source)
    if holds_rows(source):
        made = [_row(row, where, suite) for where, row in read_rows(suite, copies)]
        return pl.DataFrame(made, schema=_SCHEMA, orient="row")
    files = check_texts(source, common_folder([source]), copies)
    if len(files) < FEW:
        told = f"{suite.name}: each passage of {counted(len(files), 'file')} counts as a document of its own"
        cards.say(f"{told}, though those of one file may go together; name {FEW} files or more, or rows with a cluster")
        return pl.concat(map(read_paragraphs, files)).with_columns(group=pl.lit(None, dtype=pl.String))
    return pl.concat(read_paragraphs(one).with_columns(group=pl.lit(store.file_digest(one)[:32])) for one in files)


def _row(row: object, where: str, suite: Suite) -> tuple[str, str, str | None]:
    text = row.get("text") if isinstance(row, dict) else None
    if not isinstance(row, dict) or not isinstance(text, str):
        raise SuiteError(f"{where}: a row of a suite of kind text holds its text in the field text, and this has none")
    return text, where, None if suite.cluster is None else document(row, where, suite.cluster)
