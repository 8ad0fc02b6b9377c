"""Reads the sources of a recipe into one pool."""

import hashlib
import json
import logging
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from quality.records import QUARANTINED, RECORDS
from quality.sources.addresses import Copy, public
from quality.sources.bytestreams import Advance
from quality.sources.checks import check
from quality.sources.collecting import Collector
from quality.sources.faults import few
from quality.sources.inputs import Input, inputs_of
from quality.sources.lines import Raw
from quality.sources.losses import losses
from quality.sources.mending import FIRST, MENDED
from quality.sources.settings import Source

logger = logging.getLogger(__name__)

Progress = Callable[[int, int], None]
Place = tuple[str, ...]


@dataclass(frozen=True)
class FileRead:
    """A file that rows were read from, and what it held: its size and the SHA-256 of its bytes, in hex."""

    shown: str
    bytes: int
    digest: str


@dataclass(frozen=True)
class Pool:
    """Everything that was read.

    Attributes
    ----------
    records : pl.DataFrame
        What could be read, with the columns of `quality.records.RECORDS`, in the order of sources and files.
    quarantined : pl.DataFrame
        What could not, with the columns of `quality.records.QUARANTINED`.
    files : tuple[FileRead, ...]
        The files read, each once.
    mended : pl.DataFrame
        The records in whose prose something was mended: `row`, and the columns of `MENDED` and `FIRST` in
        `quality.sources.mending`.
    cut : int
        Records of which turns after the last answer were left out.
    skipped : int
        Raw rows that the sources' `skip` left out.
    """

    records: pl.DataFrame
    quarantined: pl.DataFrame
    files: tuple[FileRead, ...]
    mended: pl.DataFrame
    cut: int = 0
    skipped: int = 0


def read(
    sources: Sequence[Source], *, base: Path, copies: Sequence[Copy] = (), progress: Progress | None = None
) -> Pool:
    """Read all rows of all sources.

    Every raw row ends as a record or in quarantine; a row that several sources name is read once, for the
    first.

    Parameters
    ----------
    sources : Sequence[Source]
        The sources of a recipe, in the order of priority.
    base : Path
        The folder that relative paths are relative to.
    copies : Sequence[Copy]
        The local copies of what the sources' addresses name; an address is never read from afar.
    progress : Callable[[int, int], None], optional
        Told the bytes done and in all.

    Returns
    -------
    Pool
        Records, quarantined rows and the files they came from.

    Raises
    ------
    SourceError
        A source can't be read; see `check`. Or no row of a file has a known shape.
    """
    found = check(sources, base, copies, shapes=False)
    shared = _named_twice([thing for _, things in found for thing in things])
    meter = _Meter([path for _, things in found for thing in things for path in thing.files], progress)
    frames, quarantined = [pl.DataFrame(schema=_UNNUMBERED)], [pl.DataFrame(schema=QUARANTINED)]
    cut = skipped = 0
    for source, things in found:
        collector = Collector(source)
        window = _Window(source.skip, source.limit)
        barren = []
        for thing in things:
            before, closed = window.seen, window.closed
            rows = window.through(thing.rows(meter.advance))
            collector.take(_unseen(rows, shared.get(_place(thing)), thing.shown), thing.shown)
            if window.seen == before and not closed:
                barren.append(thing.shown)
        records, unread = collector.records(), collector.quarantined()
        frames += records
        quarantined.append(unread)
        cut += collector.cut
        skipped += window.skipped
        for told in losses(public(source.place), [frame["origin"] for frame in records], unread):
            logger.warning("%s", told)
        if barren:
            logger.warning("%s: there is no row in %s", public(source.place), few(barren))
        if window.skipped and not window.passed:
            logger.warning("%s: skip left out all of its rows (%s)", public(source.place), f"{window.skipped:,}")
    meter.finish()
    numbered = pl.concat(frames, rechunk=True).with_row_index("row").cast({"row": pl.UInt32})
    mended = numbered.filter(pl.any_horizontal(pl.col(*MENDED) > 0)).select("row", *MENDED, *FIRST)
    return Pool(numbered.select(RECORDS.keys()), pl.concat(quarantined), tuple(_digests(found)), mended, cut, skipped)


def source_files(sources: Sequence[Source], base: Path, copies: Sequence[Copy] = ()) -> list[Path]:
    """List the files that sources are read from, each once, in the order of reading."""
    things = [thing for source in sources for thing in inputs_of(source, base, copies)]
    return list(dict.fromkeys(path for thing in things for path in thing.files))


def fingerprint(sources: Sequence[Source], base: Path, copies: Sequence[Copy] = ()) -> str:
    """Digest all that decides what `read` returns: the settings, and the name and content of every file.

    Returns
    -------
    str
        SHA-256 in hex. Two calls return the same exactly if nothing that is read has changed.
    """
    found = [(source, inputs_of(source, base, copies)) for source in sources]
    told = {
        "settings": [source.model_dump(mode="json") for source in sources],
        "files": [(file.shown, file.digest) for file in _digests(found)],
    }
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


_UNNUMBERED = {name: kind for name, kind in (RECORDS | MENDED | FIRST).items() if name != "row"}


def _digests(found: list[tuple[Source, list[Input]]]) -> Iterator[FileRead]:
    done: set[tuple[str, Path]] = set()
    for _, things in found:
        for thing in things:
            for path in thing.files:
                if (thing.shown, path) in done:
                    continue
                done.add((thing.shown, path))
                shown = thing.shown if len(thing.files) == 1 else f"{thing.shown}/{path.name}"
                with path.open("rb") as stream:
                    digest = hashlib.file_digest(stream, "sha256").hexdigest()
                yield FileRead(shown, path.stat().st_size, digest)


def _named_twice(things: list[Input]) -> dict[Place, set[str]]:
    """Return an empty set of origins for everything that several sources name."""
    places = Counter(_place(thing) for thing in things)
    return {place: set() for place, count in places.items() if count > 1}


def _place(thing: Input) -> Place:
    """Tell things apart by their files: two files may go by one name, one here and one in a bucket."""
    return tuple(os.path.abspath(path) for path in thing.files)  # noqa: PTH100 - keeps links, folds ..


def _unseen(rows: Iterable[Raw], seen: set[str] | None, shown: str) -> Iterator[Raw]:
    """Leave out rows that were read for an earlier source."""
    if seen is None:
        yield from rows
        return
    again = 0
    for raw in rows:
        if raw.origin in seen:
            again += 1
        else:
            seen.add(raw.origin)
            yield raw
    if again:
        logger.warning("%s: %s rows are named by an earlier source too and were read once", shown, f"{again:,}")


class _Window:
    """Lets through a source's rows from `skip` on, `limit` at most, over all its files."""

    def __init__(self, skip: int, limit: int | None) -> None:
        self._skip = skip
        self._left = limit
        self.skipped = self.passed = 0

    @property
    def seen(self) -> int:
        """Rows that came, let through or not."""
        return self.skipped + self.passed

    @property
    def closed(self) -> bool:
        """Whether the limit is reached, so that nothing more is read."""
        return self._left == 0

    def through(self, rows: Iterator[Raw]) -> Iterator[Raw]:
        if self.closed:
            return
        for raw in rows:
            if self.skipped < self._skip:
                self.skipped += 1
                continue
            self.passed += 1
            yield raw
            if self._left is not None:
                self._left -= 1
                if self._left == 0:
                    return


class _Meter:
    """Counts bytes and reports them, at most a few hundred times."""

    def __init__(self, files: list[Path], progress: Progress | None) -> None:
        self._total = sum(path.stat().st_size for path in files)
        self._progress = progress
        self._done = self._told = 0

    @property
    def advance(self) -> Advance | None:
        return self._advance if self._progress is not None else None

    def finish(self) -> None:
        if self._progress is not None:
            self._progress(self._total, self._total)

    def _advance(self, read: int) -> None:
        self._done = min(self._done + read, self._total)
        if self._progress is not None and (self._done - self._told) * 200 >= self._total:
            self._told = self._done
            self._progress(self._done, self._total)
