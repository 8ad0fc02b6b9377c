"""A recipe's file: YAML, with the line of every key for whatever must be said about it."""

import json
import re
import shlex
from pathlib import Path
from typing import Any

import yaml

from evals import plain_yaml
from quality.sources.addresses import public
from quality.sources.formats import reader_of
from quality.sources.logins import LoginError, refuse_clear
from tasks import store

Place = tuple[str | int, ...]

# A recipe has some hundred keys, five deep. Aliases can repeat each other until a small file holds billions.
_MOST_NODES = 100_000
_DEEPEST = 50


# Integers up to here are exact as floats too.
_EXACT = 2**53


class _Loader(plain_yaml.Loader):
    """YAML 1.1 as PyYAML reads it, with the numbers of YAML 1.2 (section 10.3.2): there `1e-4` is one, and `1:30` none.

    Underscores between digits stay, as in 60_000, and so do 1.1's words for true and false (yes, no, on, off).
    """


_NUMBERS = {
    "tag:yaml.org,2002:int": r"[-+]?[0-9][0-9_]*|0o[0-7]+|0x[0-9a-fA-F]+",
    "tag:yaml.org,2002:float": r"[-+]?(?:\.[0-9][0-9_]*|[0-9][0-9_]*(?:\.[0-9_]*)?)(?:[eE][-+]?[0-9]+)?"
    r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
}
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in _NUMBERS]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


class Dumper(yaml.SafeDumper):
    """Quotes what either YAML reads as a number: a dumped recipe is read by both."""


for _tag, _pattern in _NUMBERS.items():
    for _yaml in (_Loader, Dumper):
        _yaml.add_implicit_resolver(_tag, re.compile(rf"(?:{_pattern})\Z"), list("-+.0123456789"))


def _integer(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> int:
    text = loader.construct_scalar(node).replace("_", "")
    base = {"0o": 8, "0x": 16}.get(text[:2], 10)
    return int(text, base)


def _float(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> float | int:
    value: float = loader.construct_yaml_float(node)
    # 1e5 is a count as good as 100000.
    return int(value) if "e" in node.value.lower() and value.is_integer() and abs(value) <= _EXACT else value


_Loader.add_constructor("tag:yaml.org,2002:int", _integer)
_Loader.add_constructor("tag:yaml.org,2002:float", _float)


def _at_home(path: Path) -> Path:
    """Find a run's recipe as reports name it, `runs/ID/config.yaml`, from whatever folder; else leave it as it was."""
    there = store.home() / path
    return there if path.parts[:1] == ("runs",) and there.exists() else path


class RecipeError(ValueError):
    """A recipe can't be used; the message names the file, the line and the key."""


class RecipeFile:
    """What a YAML file says (`content`), the line of every key in it (`lines`), and the keys set since (`changed`).

    Raises
    ------
    RecipeError
        The file is missing, no YAML, or no mapping of keys that stand once.
    """

    def __init__(self, path: Path, keys: str) -> None:
        self.path = path if path.exists() else _at_home(path)
        self.lines: dict[Place, int] = {}
        self.changed: list[Place] = []
        text = _read(self.path)
        try:
            self._walk(yaml.compose(text, Loader=_Loader), ())
            content = _loaded(text)
        except yaml.YAMLError as error:
            if _is_json(text.partition("\n")[0]):  # and more behind it
                raise _rows(path) from error
            if not isinstance(error, yaml.MarkedYAMLError):
                raise RecipeError(f"{path}: this is not valid YAML ({error}).") from error
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            raise RecipeError(f"{path}:{line}: this is not valid YAML ({error.problem}).") from error
        except RecursionError:
            raise RecipeError(f"{path}: its brackets nest too deeply to be read. Close them, or nest less.") from None
        if not isinstance(content, dict):
            if reader_of(path) is not None:
                raise _rows(path)
            raise RecipeError(f"{path}: a recipe is a mapping with the keys {keys}.")
        self.content: dict[str, Any] = content

    def set(self, key: str, value: str) -> None:
        """Set a value by its dotted key; the value is read as YAML."""
        if not all(part.strip() for part in key.split(".")):
            raise RecipeError(f"--set {key}: this is no key: write names with dots between them, as in tune.rank.")
        *parents, last = key.split(".")
        inner: Any = self.content
        self.changed.append(placed(key))
        for at, parent in enumerate(parents):
            inner = inner[_place(inner, parent, key)] if isinstance(inner, list) else inner.setdefault(parent, {})
            if not isinstance(inner, dict | list):
                raise RecipeError(f"--set {key}: “{'.'.join(parents[: at + 1])}” holds a value, not keys.")
        try:
            inner[_place(inner, last, key) if isinstance(inner, list) else last] = _loaded(value)
        except (yaml.YAMLError, RecursionError) as error:
            raise RecipeError(
                f"--set {key}: “{public(value)}” is not valid YAML. Quote it, as in --set 'name=\"a: b\"'."
            ) from error

    def refuse_secrets(self) -> None:
        """Refuse a login or signature in clear, wherever it stands: Prefect keeps all of a recipe with the run."""
        self._refuse_secrets(self.content, ())

    def line(self, at: Place) -> int | None:
        """Return the line of a key, or of the nearest key around it."""
        return next((self.lines[at[:n]] for n in range(len(at), 0, -1) if at[:n] in self.lines), None)

    def told(self, at: Place, problem: str) -> RecipeError:
        """Return an error that says where the problem stands: the file, the line and the key, or `--set`."""
        return RecipeError(f"{self.where(at)}: {problem}")

    def where(self, at: Place) -> str:
        """Name the place of a value as whoever wrote it knows it; what `--set` wrote is on no line of the file."""
        if given := next((key for key in reversed(self.changed) if at[: len(key)] == key), None):
            inside = dotted(at[len(given) :])
            return f"--set {dotted(given)}{f': {inside}' if inside else ''}"
        line = self.line(at)
        within = [f"--set {dotted(key)}" for key in self.changed if key[: len(at)] == at and at]
        changed = f" (changed by {', '.join(within)})" if within else ""
        return f"{self.path}{f':{line}' if line else ''}: {dotted(at) or 'the recipe'}{changed}"

    def _refuse_secrets(self, value: Any, at: Place) -> None:  # noqa: ANN401 - any YAML value
        if isinstance(value, dict | list):
            for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
                self._refuse_secrets(inner, (*at, key))
        elif isinstance(value, str):
            try:
                refuse_clear(value)
            except LoginError as error:
                raise self.told(at, f"{error}.") from None

    def _walk(self, node: yaml.Node | None, at: Place) -> None:
        """Note the line of every key, and refuse a key that stands twice (YAML would keep the last, silently)."""
        if len(at) > _DEEPEST or len(self.lines) > _MOST_NODES:
            raise RecipeError(
                f"{self.path}: its aliases (*name) repeat each other, or themselves, without end. Write them out."
            )
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if not isinstance(key, yaml.ScalarNode):
                    raise RecipeError(
                        f"{self.path}:{key.start_mark.line + 1}: a key is a name, and this one is a list or a mapping. "
                        "Quote a value that begins with a bracket or a brace."
                    )
                here = (*at, key.value)
                if here in self.lines:
                    raise RecipeError(
                        f"{self.path}:{key.start_mark.line + 1}: the key “{dotted(here)}” stands twice (first in line "
                        f"{self.lines[here]}). Remove one."
                    )
                self.lines[here] = key.start_mark.line + 1
                self._walk(value, here)
        elif isinstance(node, yaml.SequenceNode):
            for index, value in enumerate(node.value):
                self.lines[(*at, index)] = value.start_mark.line + 1
                self._walk(value, (*at, index))


def dotted(at: Place) -> str:
    """Write the place of a value as people do: `sources.0.path`."""
    return ".".join(str(part) for part in at)


def placed(key: str) -> Place:
    """Read the place of a value as `dotted` writes it."""
    return tuple(int(part) if part.isdecimal() else part for part in key.split("."))


def _loaded(text: str) -> Any:  # noqa: ANN401 - any YAML value
    return yaml.load(text, Loader=_Loader)  # noqa: S506 - safe: a SafeLoader


def _read(path: Path) -> str:
    if path.is_dir():
        raise RecipeError(_folder(path))
    # A recipe may be JSON, which is YAML; what else rows are read from may be as long as a pool.
    if path.is_file() and reader_of(path) is not None and path.suffix.casefold() != ".json":
        raise _rows(path)
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise RecipeError(f"There is no recipe {path}. `winnow init DIR` writes one to start from.") from error
    except UnicodeDecodeError as error:
        raise RecipeError(f"The recipe {path} is not UTF-8 from byte {error.start} on: save it as UTF-8.") from error
    except OSError as error:
        raise RecipeError(f"The recipe {path} can't be read: {error}.") from error


def _is_json(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _rows(path: Path) -> RecipeError:
    return RecipeError(
        f"{path} is a file of rows, and what goes here is a recipe, which names such files (sources: [{{path: "
        f"{path.name}}}]). `winnow init DIR` writes one to start from."
    )


def _folder(path: Path) -> str:
    """Say what to name in place of a folder: a recipe that is in it, if there is one."""
    try:
        inside = sorted(path.iterdir())
    except OSError as error:
        return f"{path} is a folder, and can't be looked into ({error.strerror or error}). Name a recipe file."
    recipes = [one for one in inside if one.suffix in (".yaml", ".yml") and one.name[0] != "." and one.is_file()]
    if recipes:
        best = next((one for one in recipes if one.stem == "recipe"), recipes[0])
        return f"{path} is a folder. Name a recipe file in it, such as {best}."
    folder = "DIR" if inside else shlex.quote(str(path))
    return (
        f"{path} is a folder, and there is no recipe (*.yaml) in it. `winnow init {folder}` writes one to start from."
    )


def _place(items: list[Any], part: str, key: str) -> int:
    if part.isdecimal() and int(part) < len(items):
        return int(part)
    raise RecipeError(f"--set {key}: “{part}” is no place in a list of {len(items)}, counted from 0.")
