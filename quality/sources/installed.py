"""Finds files inside installed packages without importing the packages: their code is not ours to run."""

import importlib.util
from pathlib import Path

from quality.sources.faults import MissingSourceError, NotInstalledError, UnknownFormatError
from quality.sources.formats import KINDS, reader_of


def package_folder(name: str, install: str) -> Path:
    """Return the folder of an installed package.

    Parameters
    ----------
    name : str
        Import name of the package.
    install : str
        What to give pip to install it.

    Raises
    ------
    NotInstalledError
        It isn't installed.
    """
    spec = importlib.util.find_spec(name) if name.isidentifier() else None
    if spec is None or not spec.submodule_search_locations:
        raise NotInstalledError(f"package: {name} is not installed: install it with `python -m pip install {install}`")
    return Path(next(iter(spec.submodule_search_locations)))


def folder_in_package(place: str) -> Path:
    """Return a folder inside an installed package, named ``package`` or ``package/folder``.

    Raises
    ------
    MissingSourceError
        The package has no such folder.
    NotInstalledError
        It isn't installed.
    """
    name, _, rest = place.partition("/")
    folder = package_folder(name, name.replace("_", "-"))
    if not (folder / rest).is_dir():
        raise MissingSourceError(f"package: {name} is installed, but there is no folder {rest} in it")
    return folder / rest


def package_file(place: str) -> Path:
    """Return a data file inside an installed package, named ``package/folder/file``.

    Raises
    ------
    MissingSourceError
        The package has no such file.
    UnknownFormatError
        The file is of a kind that winnow doesn't read.
    """
    name, _, rest = place.partition("/")
    folder = package_folder(name, name.replace("_", "-")).resolve()
    path = (folder / rest).resolve()
    if not path.is_relative_to(folder) or not path.is_file():
        raise MissingSourceError(f"package: {name} is installed, but there is no file {rest} in it")
    if reader_of(path) is None:
        raise UnknownFormatError(f"package: {place} is of an unknown kind: winnow reads {KINDS}")
    return path
