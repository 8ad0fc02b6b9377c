"""A suite of one's own: a YAML file beside the rows that it asks."""

import math
import os
import re
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from evals import plain_yaml
from evals.suites import Suite, SuiteError

SUFFIXES = (".yaml", ".yml")
"""How the name of a suite file ends."""

_PLACE = re.compile(r"\{(\w+)\}")
_MOST_VALUES = 100_000  # a suite has some twenty; aliases let a small file hold billions

_OF_GUESTS = {
    "cluster": "write source.cluster",
    "shots": "write source.shots",
    "format": "write source.chat_template, or leave it out",
    "max_bytes": "leave it out, as texts are scored whole",
    "max_new_tokens": "write generation_kwargs in a task file of your own, or leave it out",
}
"""Keys that mean nothing beside a task of lm-evaluation-harness, and what to write instead."""


def is_suite_file(reference: str) -> bool:
    """Tell whether an entry of `exam.domain` or `exam.retention` names a suite file."""
    return reference.lower().endswith(SUFFIXES)


def load_suite_file(path: Path, *, role: str) -> Suite:
    """Read a suite from its file; `source.path` is relative to it.

    Parameters
    ----------
    path
        The file. The suite has its name, without the ending.
    role
        Where the recipe names it: domain or retention. A `role` in the file must say the same.

    Raises
    ------
    SuiteError
        With the file, the line and the key of the first mistake, and what would be right.
    """
    text = _read(path)
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        if _size(node, {}) > _MOST_VALUES:
            raise yaml.YAMLError("its aliases repeat each other, or themselves, without end: write them out")
        content = yaml.load(text, Loader=plain_yaml.Loader)  # noqa: S506 - safe: a SafeLoader
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise SuiteError(f"{path}:{line}: this is not valid YAML ({error.problem})") from error
    except yaml.YAMLError as error:
        raise SuiteError(f"{path}: this is not valid YAML ({error})") from error
    except RecursionError:
        raise SuiteError(f"{path}: its brackets nest too deeply to be read: close them, or nest less") from None
    lines = _lines(node, path)
    keys = [key for key in Suite.model_fields if key != "name"]
    if not isinstance(content, Mapping):
        raise SuiteError(f"{path}: a suite is a mapping with the keys {', '.join(keys)}")

    def told(key: str, problem: str) -> SuiteError:
        line = lines.get(key) or lines.get(key.split(".")[0])
        return SuiteError(f"{path}{f':{line}' if line else ''}: {key}: {problem}")

    if "name" in content:
        raise told("name", f"a suite has the name of its file, here “{path.stem}”: remove this key, or rename the file")
    if content.get("role", role) != role:
        raise told("role", f"it says {content['role']}, and the recipe names the file under exam.{role}: change either")
    try:
        suite = Suite.model_validate({"name": path.stem, "role": role, **content})
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"]))
        raise told(key, _problem(first, keys)) from error
    if suite.kind == "lm-eval":
        for key, instead in _OF_GUESTS.items():
            if getattr(suite, key) != Suite.model_fields[key].default:
                raise told(
                    key, f"a suite of kind lm-eval is asked as its task says, so that this does nothing: {instead}"
                )
    if others := [f"{{{name}}}" for name in _PLACE.findall(suite.format) if name != "question"]:
        raise told(
            "format",
            f"{others[0]} would stand in every prompt as it is: {{question}} alone is filled in, the answer stands "
            "behind the text, and options are scored there one by one",
        )
    if not suite.source:
        raise told("source", "this key is missing: name the rows, as in source: {path: rows.jsonl}")
    return suite.model_copy(update={"source": _anchored(suite.source, path.parent)})


def _anchored(source: dict[str, Any], folder: Path) -> dict[str, Any]:
    task = source.get("task")
    if isinstance(task, str) and is_suite_file(task):
        source = {**source, "task": os.path.abspath(folder / Path(task).expanduser())}  # noqa: PTH100
    if isinstance(source.get("include_path"), str):
        source = {**source, "include_path": os.path.abspath(folder / Path(source["include_path"]).expanduser())}  # noqa: PTH100
    place = source.get("path")
    if not isinstance(place, str) or "://" in place:
        return source
    return {**source, "path": os.path.abspath(folder / Path(place).expanduser())}  # noqa: PTH100 - keeps links


def _problem(first: Any, keys: list[str]) -> str:  # noqa: ANN401 - pydantic's error details
    if first["type"] == "extra_forbidden":
        close = get_close_matches(str(first["loc"][-1]), keys, n=1, cutoff=0.75)
        return f"this key is unknown.{f' Did you mean {close[0]}?' if close else ''} Known here: {', '.join(keys)}"
    if first["type"] == "missing":
        return "this key is missing"
    if first["loc"] == ("source",) and first["type"] == "dict_type":
        return f"write keys and values here, such as {{path: …}}, not {first['input']!r}"
    message, given = str(first["msg"]).removeprefix("Value error, "), first.get("input")
    shown = f" (given: {given!r})" if isinstance(given, str | int | float | bool) else ""
    return f"{message[0].lower()}{message[1:]}{shown}"


def _lines(node: yaml.Node | None, path: Path) -> dict[str, int]:
    """Return the line of every key, those of `source` behind a dot; refuse a key that stands twice."""
    lines: dict[str, int] = {}
    todo = [("", node)]
    while todo:
        at, here = todo.pop()
        for key, value in here.value if isinstance(here, yaml.MappingNode) else ():
            name = f"{at}{key.value}"
            if name in lines:
                raise SuiteError(f"{path}:{key.start_mark.line + 1}: {name}: this key stands twice: remove one")
            lines[name] = key.start_mark.line + 1
            if not at:
                todo.append((f"{name}.", value))
    return lines


def _size(node: yaml.Node | None, known: dict[int, float]) -> float:
    """Count the values of a document, those behind aliases each time; one that holds itself has no end of them."""
    if id(node) not in known:
        known[id(node)] = math.inf
        inner = node.value if isinstance(node, yaml.CollectionNode) else ()
        values = [one for pair in inner for one in (pair if isinstance(pair, tuple) else (pair,))]
        known[id(node)] = 1 + sum(_size(value, known) for value in values)
    return known[id(node)]


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise SuiteError(f"there is no suite file {path}") from error
    except UnicodeDecodeError as error:
        raise SuiteError(f"{path} is not UTF-8 from byte {error.start} on: save it as UTF-8") from error
    except OSError as error:
        raise SuiteError(f"{path} can't be read: {error.strerror}") from error
