"""Sources are looked at before any work: a table needs a header, lines and rows."""

import gzip
from pathlib import Path

import pytest

from quality.sources import Source, SourceError, check


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.csv.gz"])
@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"question,answer\n", "has a header and no rows"),
        (b"question,answer\n\n\n", "has a header and no rows"),
        (b"question,answer\rWhy?,Because.\r", r"has lines that end in CR alone, .*`tr '\\r' '\\n'`"),
        (b"question,answer,answer\na,b,c\n", "names answer twice"),
    ],
)
def test_a_table_without_rows_or_lines_is_refused_at_check(
    tmp_path: Path, name: str, content: bytes, told: str
) -> None:
    (tmp_path / name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    with pytest.raises(SourceError, match=told):
        check([Source(path=name)], tmp_path)
