"""Which file is read how: by its extension."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from quality.sources.bytestreams import Advance
from quality.sources.delimited import read_delimited
from quality.sources.jsondoc import read_json, read_json_lines
from quality.sources.lines import Raw
from quality.sources.tables import read_parquet

Reader = Callable[[Path, str, int, Advance | None], Iterator[Raw]]

READERS: dict[str, Reader] = {
    ".jsonl": read_json_lines,
    ".ndjson": read_json_lines,
    ".json": read_json,
    ".csv": read_delimited,
    ".tsv": read_delimited,
    ".parquet": read_parquet,
}
PACKED = (".gz", ".zst")
KINDS = ".jsonl, .ndjson, .json, .csv, .tsv (each also with .gz or .zst) and .parquet"


@dataclass(frozen=True)
class Kinds:
    """Which files are looked for: by name, and in words for a sentence."""

    reads: Callable[[Path], bool]
    told: str


def reader_of(path: Path) -> Reader | None:
    """Return how a file is read, or None if it isn't."""
    return READERS.get(Path(_unpacked(path)).suffix)


def plain_stem(path: Path) -> str:
    """Return a file's name in small letters without its endings: `rows.2` of `Rows.2.jsonl.gz`."""
    return Path(_unpacked(path)).stem


def _unpacked(path: Path) -> str:
    """Return a file's name in small letters, without .gz or .zst; a packed Parquet file is of no known kind."""
    name = path.name.casefold()
    for packed in PACKED:
        if name.endswith(packed) and not name.endswith(f".parquet{packed}"):
            return name.removesuffix(packed)
    return name


ROWS = Kinds(lambda path: reader_of(path) is not None, KINDS)
TEXTS = Kinds(lambda path: Path(_unpacked(path)).suffix == ".txt", ".txt (also with .gz or .zst)")
