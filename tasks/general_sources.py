"""The sources of general text: their rows that have an answer, and what there is to say of the others."""

import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import polars as pl

from quality.records import answer_text
from quality.sources import Copy, Source, SourceError, read

_GLANCE = 1_000  # rows of each source among which one with an answer is looked for before all are read


class Answered(NamedTuple):
    """Rows with an answer (schema `quality.records.RECORDS`), rows that can't be read, and how many answer nothing."""

    rows: pl.DataFrame
    unread: pl.DataFrame
    blank: int


def read_answered(sources: Sequence[Source], base: Path, copies: Sequence[Copy]) -> Answered:
    """Read the rows of sources that have an answer: of one without, there is nothing to replay or to forget."""
    found = read(sources, base=base, copies=copies)
    rows = found.records.filter(answer_text(found.records).str.strip_chars() != "")
    return Answered(rows, found.quarantined, found.records.height - rows.height)


def ensure_answered(sources: Sequence[Source], base: Path, copies: Sequence[Copy]) -> None:
    """Refuse sources without a row that has an answer, which would be missed after all the curation.

    Raises
    ------
    ValueError
        If there is none, or a source can't be read.
    """
    begun = [one.model_copy(update={"limit": min(_GLANCE, one.limit or _GLANCE)}) for one in sources]
    with contextlib.suppress(SourceError):  # what is wrong with so few need not be wrong with all
        if not read_answered(begun, base, copies).rows.is_empty():
            return
    found = read_answered(sources, base, copies)
    if found.rows.is_empty():
        first = found.unread.head(1).rows(named=True)
        why = f" (first {first[0]['origin']}: {first[0]['reason']})" if first else ", for none has an answer"
        raise ValueError(
            f"tune.general.sources: no row can be read as a question with an answer{why}. Mend them, or name others."
        )
