"""Reads JSON Lines: one row per line."""

from collections.abc import Iterator
from pathlib import Path

from quality.sources.bytestreams import Advance
from quality.sources.faults import RowError
from quality.sources.jsontext import SPACE, parse_line
from quality.sources.lines import Raw, text_lines


def read_jsonl(path: Path, shown: str, limit: int, advance: Advance | None = None) -> Iterator[Raw]:
    """Iterate over the rows of a JSON Lines file.

    Parameters
    ----------
    path : Path
        The file.
    shown : str
        What the file is called in origins.
    limit : int
        Largest row in bytes.
    advance : Advance, optional
        Told how many bytes have been read.
    """
    for number, text in text_lines(path, limit, advance):
        value = text if isinstance(text, RowError) else _row(text)
        yield Raw(f"{shown}:{number}", value)


def _row(text: str) -> object:
    if text.strip(SPACE) in ("{", "["):
        return RowError("broken_json", "only the beginning of a row: here, each row stands on one line")
    return parse_line(text)
