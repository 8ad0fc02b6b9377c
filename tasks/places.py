"""The places a recipe names, as they are found from here."""

import os
import re
from collections.abc import Sequence
from pathlib import Path

from evals.guest_tasks import Guest
from quality.sources import Source
from quality.sources.addresses import is_address, local_path
from tasks import store


def source_of(reference: str) -> Source:
    """Read a source from one word: `package:NAME`, `hub:NAME`, else a path or an address."""
    kind, _, rest = reference.partition(":")
    if kind in ("package", "hub") and rest:
        return Source.model_validate({kind: rest})
    return Source(path=reference)


def guest_of(reference: str) -> Guest:
    """Read a task of lm-evaluation-harness from one word: `lm-eval:NAME`, or `lm-eval:` and its YAML file."""
    task = reference.removeprefix("lm-eval:")
    return Guest(task=_absolute(task) if task.endswith((".yaml", ".yml")) else task)


def from_here(source: Source) -> Source:
    """Make a relative path absolute: a recipe's paths are already, those of a form in the Prefect UI may not be."""
    if source.path is not None and not is_address(source.path):
        return source.model_copy(update={"path": _absolute(local_path(source.path))})
    if source.hub is not None and Path(source.hub).expanduser().is_dir():
        return source.model_copy(update={"hub": _absolute(source.hub)})
    return source


def common_folder(sources: Sequence[Source]) -> Path:
    """Find the deepest folder that holds all files, so that origins read `rows.jsonl:12`, wherever that folder is."""
    folders = [folder for folder in map(_folder, sources) if folder is not None]
    return Path(os.path.commonpath(folders)) if folders else Path.cwd()


def folder_name(name: str) -> str:
    """Return a name as a folder or file may have it; names that would read alike (“a/b” and “a-b”) stay two."""
    safe = "".join(letter if letter.isalnum() or letter in "-_." else "-" for letter in name).strip(".")
    return safe if safe == name and safe else f"{safe}-{store.value_digest(name)[:8]}"


def _absolute(path: str) -> str:
    return os.path.abspath(Path(path).expanduser())  # noqa: PTH100 - keeps links


def _folder(source: Source) -> Path | None:
    """Return the folder that a source's names are told from; a saved data set keeps its own name."""
    if source.hub is not None:
        return Path(source.hub).parent if Path(source.hub).is_absolute() else None
    if source.path is None or is_address(source.path):
        return None
    path = Path(source.path).absolute()
    if path.exists():
        return path if path.is_dir() else path.parent
    return Path(re.split(r"[*?\[]", str(path))[0] + "x").parent  # of what no wildcard changes
