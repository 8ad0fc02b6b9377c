"""A recipe's file: YAML, with the line of every key for whatever must be said about it."""

from pathlib import Path
from typing import Any

import yaml

from quality.sources.addresses import public
from quality.sources.logins import LoginError, refuse_clear

Place = tuple[str | int, ...]

# A recipe has some hundred keys, five deep. Aliases can repeat each other until a small file holds billions.
_MOST_NODES = 100_000
_DEEPEST = 50


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
        self.path = path
        self.lines: dict[Place, int] = {}
        self.changed: list[Place] = []
        text = _read(path)
        try:
            self._walk(yaml.compose(text, Loader=yaml.SafeLoader), ())
            content = yaml.safe_load(text)
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            raise RecipeError(f"{path}:{line}: this is not valid YAML ({error.problem}).") from error
        except yaml.YAMLError as error:
            raise RecipeError(f"{path}: this is not valid YAML ({error}).") from error
        if not isinstance(content, dict):
            raise RecipeError(f"{path}: a recipe is a mapping with the keys {keys}.")
        self.content: dict[str, Any] = content

    def set(self, key: str, value: str) -> None:
        """Set a value by its dotted key; the value is read as YAML."""
        *parents, last = key.split(".")
        inner: Any = self.content
        self.changed.append(placed(key))
        for at, parent in enumerate(parents):
            inner = inner[_place(inner, parent, key)] if isinstance(inner, list) else inner.setdefault(parent, {})
            if not isinstance(inner, dict | list):
                raise RecipeError(f"--set {key}: “{'.'.join(parents[: at + 1])}” holds a value, not keys.")
        try:
            inner[_place(inner, last, key) if isinstance(inner, list) else last] = yaml.safe_load(value)
        except yaml.YAMLError as error:
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


def _read(path: Path) -> str:
    if path.is_dir():
        raise RecipeError(f"{path} is a folder. Name a recipe file in it, such as {path / 'recipe.yaml'}.")
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise RecipeError(f"There is no recipe {path}. `winnow init DIR` writes one to start from.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise RecipeError(f"The recipe {path} can't be read: {error}.") from error


def _place(items: list[Any], part: str, key: str) -> int:
    if part.isdecimal() and int(part) < len(items):
        return int(part)
    raise RecipeError(f"--set {key}: “{part}” is no place in a list of {len(items)}, counted from 0.")
