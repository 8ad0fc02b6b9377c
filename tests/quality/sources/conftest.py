"""Rows of a test, read as a source."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from quality.sources import Pool, Source, read


@pytest.fixture
def pool_of(tmp_path: Path) -> Callable[..., Pool]:
    """Writes rows as JSONL and reads them, with the settings of a source."""

    def make(*rows: Any, **settings: Any) -> Pool:
        (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        return read([Source(path="rows.jsonl", **settings)], base=tmp_path)

    return make
