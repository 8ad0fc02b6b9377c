"""Finds the files that a path, a glob or a folder of a recipe stands for."""

import glob
import logging
import os
from collections import deque
from fnmatch import fnmatchcase
from pathlib import Path

from quality.sources.faults import MissingSourceError, UnknownFormatError, few, printable
from quality.sources.formats import ROWS, Kinds, plain_stem
from quality.sources.unread import unread_below

logger = logging.getLogger(__name__)

_CLOSE = 0.75  # share of letters in common from which a name was probably meant


def find_files(place: str, base: Path, kinds: Kinds = ROWS) -> list[Path]:
    """Return the files that `place` stands for, sorted.

    Parameters
    ----------
    place : str
        A file, a folder (all files in it that winnow reads; not those in folders below), or a glob (``**``
        goes into folders below, and into those that links lead to, each once). Relative to `base`. A file that a
        folder or a glob finds under several names comes under one, that of the file and not of a link to it.
    base : Path
        The recipe's folder.
    kinds : Kinds
        What is looked for: files of rows, or of plain text.

    Raises
    ------
    MissingSourceError
        There is no such file, or none that matches.
    UnknownFormatError
        The file is of a kind that winnow doesn't read.
    """
    given = Path(place).expanduser()
    path, within = base / given, "" if given.is_absolute() else f" in {base}"
    if path.is_dir():
        return _in_folder(path, place, kinds)
    if path.exists():
        if not kinds.reads(path):
            raise UnknownFormatError(f"path: {place} is of an unknown kind: winnow reads {kinds.told}")
        return [path]
    for one in (*reversed(path.parents), path):
        if nowhere := leads_nowhere(one):
            raise MissingSourceError(f"path: {shown_as(one, base)} {nowhere}")
    if not glob.has_magic(place):
        raise MissingSourceError(f"path: there is no file {place}{within}{_near(path)}")
    return _matching(given, base, place, f"nothing{within} matches {place}", kinds)


def leads_nowhere(path: Path) -> str:
    """Say of a link to what isn't there that it is one, and to where; nothing of whatever else."""
    if not path.is_symlink() or path.exists():
        return ""
    target = os.path.realpath(path)
    round_again = os.path.islink(target)  # noqa: PTH114 - false, where it can't be told
    return (
        "is a link that leads round to itself"
        if round_again
        else f"is a link to {printable(target)}, which isn't there"
    )


def shown_as(path: Path, base: Path) -> str:
    """Name a file in origins: relative to the recipe's folder where it lies in it, else in full."""
    path, base = (Path(os.path.abspath(place)) for place in (path, base))  # noqa: PTH100 - keeps links, folds ..
    return printable(str(path.relative_to(base) if path.is_relative_to(base) else path))


def matches(pattern: Path, base: Path) -> list[Path]:
    """Return all that a glob matches, which may stand for one file several times; a base's own signs are no wildcards.

    A part with brackets that a folder or a file is called by (``run[1]``) stands for that one alone, as does a whole
    path that is there.
    `glob.glob` matches the same, but enters a folder once for every way that links lead to it, which may be no end.
    """
    *above, last = pattern.parts[bool(pattern.anchor) :]
    folders = [base / pattern.anchor]
    for part in above:
        folders = _below(folders) if part == "**" else [one for one in _named(part, folders) if one.is_dir()]
    return _named("*", _below(folders)) if last == "**" else _named(last, folders)


def _named(part: str, folders: list[Path]) -> list[Path]:
    return [folder / name for folder in folders for name in _names(part, folder)]


def _names(part: str, folder: Path) -> list[str]:
    # A file that a shell has called *.jsonl is one of those that its name stands for.
    called = not fnmatchcase(part, part) and os.path.lexists(folder / part)
    return [part] if called else glob.glob(part, root_dir=folder)  # noqa: PTH207 - skips hidden files


def _below(folders: list[Path]) -> list[Path]:
    """Return folders and all below, hidden ones aside: each real folder once, by a name without links if it has one."""
    entered: dict[str, Path] = {}
    waiting = deque(sorted(folders, key=_by_links))
    while waiting:
        for place, names, _ in os.walk(waiting.popleft()):
            real = os.path.realpath(place)
            names[:] = [] if real in entered else sorted(name for name in names if not name.startswith("."))
            entered.setdefault(real, Path(place))
            below = [Path(place, name) for name in names]
            waiting.extend(one for one in below if os.path.islink(one))  # noqa: PTH114 - `os.walk` doesn't follow them; false, where it can't be told
    return list(entered.values())


def _by_links(path: Path) -> tuple[int, Path]:
    """Sort what goes by fewer links first."""
    return sum(os.path.islink(one) for one in (path, *path.parents)), path  # noqa: PTH114 - false, where it can't be told


def _once(files: list[Path], place: str) -> list[Path]:
    """Leave out further names of the same file."""
    names: dict[str, list[Path]] = {}
    for path in files:
        names.setdefault(os.path.realpath(path), []).append(path)
    kept = {min(same, key=_by_links) if len(same) > 1 else same[0] for same in names.values()}
    if again := [path.name for path in files if path not in kept]:
        logger.warning("%s: left out further names of files that are read once: %s", place, few(again))
    return [path for path in files if path in kept]


def _in_folder(folder: Path, place: str, kinds: Kinds) -> list[Path]:
    if any((folder / name).is_file() for name in ("state.json", "dataset_dict.json")):
        raise UnknownFormatError(f"path: {place} is a folder that save_to_disk wrote: name it with hub:, not path:")
    inside = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    files = [path for path in inside if path.is_file() or leads_nowhere(path)]
    below = [path for path in inside if not path.is_file() and path.is_dir()]
    unread = unread_below(below, files, f"below {place}", Path(place) / "**" / "*", kinds)
    none = f"the folder {place} holds no file itself" if below else f"the folder {place} is empty"
    return _known(files, place, none, kinds, unread)


def _matching(pattern: Path, base: Path, place: str, nothing: str, kinds: Kinds) -> list[Path]:
    """Return the files that a glob matches, and tell of those in folders that it matches, which it does not enter."""
    files: list[Path] = []
    folders: list[Path] = []
    for one in sorted(matches(pattern, base)):
        (folders if one.is_dir() else files).append(one)
    left = () if "**" in pattern.parts else folders  # who writes that knows how folders are entered
    deeper = Path(place).parent / "**" / "*" if pattern.name == "*" else f"a source {Path(place) / '**' / '*'}, too,"
    unread = unread_below(left, files, f"that {place} leads to", deeper, kinds)
    return _known(files, place, f"{place} matches folders alone" if folders else nothing, kinds, unread)


def _known(files: list[Path], place: str, none: str, kinds: Kinds, advice: str = "") -> list[Path]:
    known = [path for path in files if kinds.reads(path)]
    unknown = [path.name for path in files if not kinds.reads(path)]
    if not known:
        found = f"{place} has only files of unknown kinds ({few(unknown)})" if unknown else none
        raise MissingSourceError(f"path: {found}; winnow reads {kinds.told}", f"{advice}." if advice else "")
    if unknown:
        logger.warning("%s: left out files of unknown kinds: %s", place, few(unknown))
    if advice:
        logger.warning("%s", advice)
    return _once(known, place)


def _near(path: Path) -> str:
    """Suggest the file that was probably meant; endings are left aside, since what they share says nothing."""
    import difflib

    siblings = sorted(path.parent.iterdir(), reverse=True) if path.parent.is_dir() else []
    stems = {plain_stem(sibling): sibling.name for sibling in siblings}
    close = difflib.get_close_matches(plain_stem(path), list(stems), n=1, cutoff=_CLOSE)
    return f"; did you mean {stems[close[0]]}?" if close else ""
