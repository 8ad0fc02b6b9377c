"""Tells of files in folders that a source leads to and that are not read: a folder stands for the files in it alone."""

import os
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path

from quality.sources.formats import Kinds

MOST = 10_000
"""Files and folders looked at, at most: a folder of rows may lie above a whole disk."""


def unread_below(below: Sequence[Path], files: Sequence[Path], where: str, pattern: Path | str, kinds: Kinds) -> str:
    """Say how many files lie in folders that are not entered, and how they are read; nothing where there are none.

    Counted are those that the glob would add: of kinds that winnow reads, not hidden, each once, and none that is read.

    Parameters
    ----------
    below : Sequence[Path]
        The folders.
    files : Sequence[Path]
        Files that were found beside them; those of a kind that winnow reads are read.
    where : str
        Which folders these are.
    pattern : Path or str
        The glob that reads what is in them, or how it is to be written.
    kinds : Kinds
        What is looked for.
    """
    if not below:
        return ""
    known = {os.path.realpath(path) for path in files if kinds.reads(path)}
    found: dict[str, str] = {}
    looked = 0
    for looked, (real, name) in enumerate(_below(below), 1):
        if name and kinds.reads(Path(name)) and real not in known:
            found.setdefault(real, os.path.dirname(real))  # noqa: PTH120 - of ten thousand
        if looked == MOST:
            break
    if not found:
        return ""
    more = " or more" if looked == MOST else ""
    folders = len(set(found.values()))
    told = f"1 folder{more}" if folders == 1 else f"{folders:,} folders{more}"
    holds = "holds" if folders == 1 and not more else "hold"
    held = f"1 file{more} that is" if len(found) == 1 and not more else f"{len(found):,} files{more} that are"
    return f"{told} {where} {holds} {held} not read: write {pattern} to read {'it' if ' is' in held else 'them'}"


def _below(below: Sequence[Path]) -> Iterator[tuple[str, str]]:
    """Yield the real path and the name of every file in folders and below, and nameless the folders themselves.

    Links are followed, and each real folder entered once; none that these lie in, to which a link may lead back.
    """
    entered = {os.path.realpath(path.parent) for path in below}
    waiting = deque(os.fspath(path) for path in below)
    while waiting:
        place = waiting.popleft()
        real = os.path.realpath(place)
        if real in entered:
            continue
        entered.add(real)
        yield real, ""
        for entry in _entries(place):
            if os.path.isdir(entry) if entry.is_symlink() else entry.is_dir():  # noqa: PTH112 - no link that leads round breaks it
                waiting.append(entry.path)
            elif os.path.isfile(entry) if entry.is_symlink() else entry.is_file():  # noqa: PTH113
                own = os.path.realpath(entry.path) if entry.is_symlink() else os.path.join(real, entry.name)  # noqa: PTH118
                yield own, entry.name


def _entries(place: str) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(place) as entries:
            yield from (entry for entry in entries if not entry.name.startswith("."))
    except OSError:  # may not be looked into, by a glob as little
        return
