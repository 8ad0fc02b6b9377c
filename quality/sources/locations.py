"""Finds the files that a path, a glob or a folder of a recipe stands for."""

import glob
import logging
import os
from pathlib import Path

from quality.sources.faults import MissingSourceError, UnknownFormatError, printable
from quality.sources.formats import ROWS, Kinds, plain_stem

logger = logging.getLogger(__name__)

_CLOSE = 0.75  # share of letters in common from which a name was probably meant


def find_files(place: str, base: Path, kinds: Kinds = ROWS) -> list[Path]:
    """Return the files that `place` stands for, sorted.

    Parameters
    ----------
    place : str
        A file, a folder (all files in it that winnow reads; not those in folders below), or a glob (``**``
        goes into folders below). Relative to `base`.
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
    if not glob.has_magic(place):
        raise MissingSourceError(f"path: there is no file {place}{within}{_near(path)}")
    matches = sorted(Path(match) for match in glob.glob(str(path), recursive=True))  # noqa: PTH207 - also takes absolute patterns
    files = [match for match in matches if not match.is_dir()]
    return _known(files, place, f"nothing{within} matches {place}", kinds)


def shown_as(path: Path, base: Path) -> str:
    """Name a file in origins: relative to the recipe's folder where it lies in it, else in full."""
    path, base = (Path(os.path.abspath(place)) for place in (path, base))  # noqa: PTH100 - keeps links, folds ..
    return printable(str(path.relative_to(base) if path.is_relative_to(base) else path))


def _in_folder(folder: Path, place: str, kinds: Kinds) -> list[Path]:
    if any((folder / name).is_file() for name in ("state.json", "dataset_dict.json")):
        raise UnknownFormatError(f"path: {place} is a folder that save_to_disk wrote: name it with hub:, not path:")
    files = sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    return _known(files, place, f"the folder {place} is empty", kinds)


def _known(files: list[Path], place: str, none: str, kinds: Kinds) -> list[Path]:
    known = [path for path in files if kinds.reads(path)]
    unknown = [path.name for path in files if not kinds.reads(path)]
    if not known:
        found = f"{place} has only files of unknown kinds ({', '.join(unknown[:5])})" if unknown else none
        raise MissingSourceError(f"path: {found}; winnow reads {kinds.told}")
    if unknown:
        logger.warning("%s: left out files of unknown kinds: %s", place, ", ".join(unknown))
    return known


def _near(path: Path) -> str:
    """Suggest the file that was probably meant; endings are left aside, since what they share says nothing."""
    import difflib

    siblings = sorted(path.parent.iterdir(), reverse=True) if path.parent.is_dir() else []
    stems = {plain_stem(sibling): sibling.name for sibling in siblings}
    close = difflib.get_close_matches(plain_stem(path), list(stems), n=1, cutoff=_CLOSE)
    return f"; did you mean {stems[close[0]]}?" if close else ""
