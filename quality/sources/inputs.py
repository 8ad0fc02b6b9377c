"""From the sources of a recipe to the things to read, in order."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from quality.sources.addresses import Copy, copies_of, is_address, local_path
from quality.sources.bytestreams import Advance
from quality.sources.formats import TEXTS, reader_of
from quality.sources.hub import dataset_files, dataset_rows, open_hub, open_saved, saved_split
from quality.sources.installed import package_file
from quality.sources.lines import Raw
from quality.sources.locations import find_files, shown_as
from quality.sources.packages import adapter_files, adapter_of
from quality.sources.settings import Source


@dataclass(frozen=True)
class Input:
    """One thing to read.

    Attributes
    ----------
    shown : str
        What it is called in origins and messages.
    files : tuple[Path, ...]
        The files it is read from.
    rows : Callable
        Iterates over its raw rows, telling how many bytes it has read.
    """

    shown: str
    files: tuple[Path, ...]
    rows: Callable[[Advance | None], Iterator[Raw]]


def inputs_of(source: Source, base: Path, copies: Sequence[Copy] = ()) -> list[Input]:
    """Find everything that a source names, in the order in which it is read; of an address, its copies.

    Raises
    ------
    SourceError
        Something is missing or of an unknown kind; the sentence says what, and what would be right.
    """
    if source.hub is not None:
        return [_hub(source.hub, source, base)]
    if source.path is not None and is_address(source.path):
        return [_file(path, shown, source) for path, shown in copies_of(source.path, copies)]
    if source.package is None:
        found = find_files(local_path(source.path or ""), base)
        return [_file(path, shown_as(path, base), source) for path in found]
    if "/" in source.package:
        return [_file(package_file(source.package), source.package, source)]
    files = adapter_files(source.package)
    return [Input(source.package, files, partial(_adapted, source.package, files))]


def text_files(source: Source, base: Path, copies: Sequence[Copy] = ()) -> list[Path]:
    """Find the files of plain text that a source's path names; of an address, its copies.

    Raises
    ------
    SourceError
        There is none, or one is of an unknown kind.
    """
    place = source.path or ""
    if is_address(place):
        return [path for path, _ in copies_of(place, copies)]
    return find_files(local_path(place), base, TEXTS)


def _file(path: Path, shown: str, source: Source) -> Input:
    reader = reader_of(path)
    assert reader is not None, "files of unknown kinds are refused where they are found"
    return Input(shown, (path,), partial(reader, path, shown, source.max_row_bytes))


def _adapted(name: str, files: tuple[Path, ...], advance: Advance | None) -> Iterator[Raw]:
    yield from adapter_of(name).read(files)
    if advance is not None:
        advance(sum(path.stat().st_size for path in files))


def _hub(name: str, source: Source, base: Path) -> Input:
    folder = base / Path(name).expanduser()
    if folder.is_dir():
        chosen = saved_split(folder, source.split, name)
        shown = shown_as(chosen, base)
        files = tuple(sorted(chosen.glob("*.arrow")))

        def saved(advance: Advance | None) -> Iterator[Raw]:
            return dataset_rows(open_saved(chosen, name), shown, source.max_row_bytes, advance)

        return Input(shown, files, saved)
    dataset = open_hub(name, source.split)
    shown = f"{name}/{dataset.split}"
    rows = partial(dataset_rows, dataset, shown, source.max_row_bytes)
    return Input(shown, dataset_files(dataset), rows)
