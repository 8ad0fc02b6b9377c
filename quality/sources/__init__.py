"""Reads every input shape into records. What can't be read is quarantined with file, line and reason.

Examples
--------
>>> from pathlib import Path
>>> from quality.sources import Source, read
>>> pool = read([Source(path="pool/*.jsonl")], base=Path("."))  # doctest: +SKIP
>>> pool.records.height, pool.quarantined.height  # doctest: +SKIP
(17000, 12)
"""

from quality.sources.addresses import Copy
from quality.sources.checks import check, check_texts
from quality.sources.faults import REASONS, SourceError
from quality.sources.paragraphs import read_paragraphs
from quality.sources.pool import FileRead, Pool, fingerprint, read, source_files
from quality.sources.settings import Columns, Source, Sources

__all__ = [
    "REASONS",
    "Columns",
    "Copy",
    "FileRead",
    "Pool",
    "Source",
    "SourceError",
    "Sources",
    "check",
    "check_texts",
    "fingerprint",
    "read",
    "read_paragraphs",
    "source_files",
]
