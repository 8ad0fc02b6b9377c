"""Tells of files in folders below one that is read: a folder stands for the files in it alone."""

import os
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path

from quality.sources.formats import Kinds

MOST = 10_000
"""Files and folders looked at, at most: a folder of rows may lie above a whole disk."""


def unread_below(folder: Path, below: Sequence[Path], read: Sequence[Path], place: str, kinds: Kinds) -> str:
    """Say how many files lie below a folder, and how they are read; nothing where there are none.

    Counted are those that the glob would add: of kinds that winnow reads, not hidden, each once, and none that is read.

    Parameters
    ----------
    folder : Path
        The folder that is read.
    below : Sequence[Path]
        The folders in it.
    read : Sequence[Path]
        The files in it that are read.
    place : str
        The folder as the recipe names it.
    kinds : Kinds
        What is looked for.
    """
    known = {os.path.realpath(path) for path in read}
    found: dict[str, str] = {}
    looked = 0
    for looked, (real, name) in enumerate(_below(folder, below), 1):
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
    files = f"1 file{more} that is" if len(found) == 1 and not more else f"{len(found):,} files{more} that are"
    glob = Path(place) / "**" / "*"
    return f"{told} below {place} {holds} {files} not read: write {glob} to read {'it' if ' is' in files else 'them'}"


def _below(folder: Path, below: Sequence[Path]) -> Iterator[tuple[str, str]]:
    """Yield the real path and the name of every file in folders and below, and nameless the folders themselves.

    Links are followed, and each real folder entered once.
    """
    entered = {os.path.realpath(folder)}
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
