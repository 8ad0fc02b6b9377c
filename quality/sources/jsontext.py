"""Reads JSON values out of text, strictly: a key that occurs twice is a fault, not a lost value."""

import json
from typing import Any

from quality.sources.faults import RowError


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise RowError("duplicate_keys", f"the key {_twice(pairs)!r} occurs twice in one object")
    return fields


def _twice(pairs: list[tuple[str, Any]]) -> str:
    seen: set[str] = set()
    return next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]


_SCAN = json.JSONDecoder(object_pairs_hook=_object).raw_decode
_SCAN_LAX = json.JSONDecoder().raw_decode
SPACE = " \t\n\r"


class NotJsonError(RowError):
    """Text that is not JSON; `position` is where that shows."""

    def __init__(self, reason: str, detail: str, position: int) -> None:
        super().__init__(reason, detail)
        self.position = position


def value_at(text: str, position: int) -> tuple[Any, int]:
    """Read the JSON value that starts at a position.

    Returns
    -------
    tuple[Any, int]
        The value and the position after it. A value with a duplicate key is returned as its `RowError`.

    Raises
    ------
    NotJsonError
        There is no whole value at the position.
    """
    try:
        return _SCAN(text, position)
    except RowError as fault:
        try:
            _, end = _SCAN_LAX(text, position)
        except (ValueError, RecursionError):
            raise NotJsonError("broken_json", "the row is broken, and has a key twice", position) from None
        return fault, end
    except json.JSONDecodeError as error:
        column = error.pos - position + 1
        raise NotJsonError("broken_json", f"{error.msg}, at character {column} of the row", error.pos) from None
    except RecursionError:
        raise NotJsonError("too_deep", "lists or objects are nested too deeply to be read", position) from None
    except ValueError as error:  # an integer of thousands of digits
        raise NotJsonError("broken_json", str(error), position) from None


def parse_line(text: str) -> object:
    """Read the one JSON value that a line holds; what makes that impossible is returned, not raised."""
    start = len(text) - len(text.lstrip(SPACE))
    try:
        value, end = value_at(text, start)
    except NotJsonError as fault:
        return fault
    if end < len(text) and text[end:].strip(SPACE):
        return RowError("broken_json", f"something follows the end of the row, at character {end + 1}")
    return value
