"""Read rows of suites that the pool's readers don't know: those with options of their own, or with a text alone."""

import json
from collections.abc import Sequence
from pathlib import Path

from evals.suites import Suite, SuiteError
from quality.sources import Copy, Source, source_files
from tasks.places import common_folder

_ENDINGS = (".jsonl", ".ndjson")


def is_lines(path: str) -> bool:
    """Tell whether a file's name says that it holds rows as `read_lines` reads them."""
    return path.lower().endswith(_ENDINGS)


def read_lines(suite: Suite, copies: Sequence[Copy] = ()) -> list[tuple[str, object]]:
    """Return the rows of a suite's files with the place of each, as `rows.jsonl:12`.

    Raises
    ------
    SuiteError
        If a file is no plain JSONL, or a line of it no JSON.
    """
    source = Source.model_validate(suite.source)
    rows: list[tuple[str, object]] = []
    for file in source_files([source], base=common_folder([source]), copies=copies):
        rows += _rows(Path(file), suite.kind)
    return rows[source.skip :][: source.limit]


def _rows(file: Path, kind: str) -> list[tuple[str, object]]:
    if not is_lines(file.name):
        raise SuiteError(f"{file}: rows of a suite of kind {kind} are read from {' or '.join(_ENDINGS)} files")
    found: list[tuple[str, object]] = []
    try:
        lines = file.read_text(encoding="utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        raise SuiteError(f"{file} is not UTF-8 from byte {error.start} on: save it as UTF-8") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            json.dumps(row, ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            raise SuiteError(f"{file}:{number}: it holds half a surrogate pair, which is not a character") from error
        except RecursionError as error:
            raise SuiteError(f"{file}:{number}: it is nested too deeply for a row") from error
        except ValueError as error:
            raise SuiteError(f"{file}:{number}: this is not JSON ({error})") from error
        found.append((f"{file}:{number}", row))
    return found
