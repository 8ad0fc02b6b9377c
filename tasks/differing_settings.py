"""What two recipes set differently, as a person reads it."""

import json
from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

NOT_SET = "–"
_FEW = 3  # settings of a section that one recipe lacks which are shown


def differing(one: Any, other: Any, key: str = "") -> list[tuple[str, str, str]]:  # noqa: ANN401 - any YAML value
    """List what differs in two recipes, by dotted key; what one lacks is “–” there.

    Of a section that one lacks, such as `tune` beside a run that only curated, the settings are counted.

    Examples
    --------
    >>> differing({"tune": {"rank": 8, "dora": False}}, {"tune": {"rank": 16, "dora": False}})
    [('tune.rank', '8', '16')]
    """
    if isinstance(one, dict) and isinstance(other, dict):
        names = dict.fromkeys([*one, *other])
        return _each(((str(name), one.get(name, NOT_SET), other.get(name, NOT_SET)) for name in names), key)
    if isinstance(one, list) and isinstance(other, list) and any(isinstance(value, dict) for value in [*one, *other]):
        pairs = zip_longest(one, other, fillvalue=NOT_SET)
        return _each(((str(place), first, second) for place, (first, second) in enumerate(pairs)), key)
    return [] if one == other else [(key, _told(one), _told(other))]


def _each(pairs: Iterator[tuple[str, Any, Any]], key: str) -> list[tuple[str, str, str]]:
    lines = (differing(first, second, f"{key}.{name}" if key else name) for name, first, second in pairs)
    return [line for part in lines for line in part]


def _told(value: Any) -> str:  # noqa: ANN401 - any YAML value
    """Write a value as a recipe has it."""
    if isinstance(value, str):
        return value
    if not isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    leaves = list(_leaves(value))
    return (
        f"{len(leaves)} settings"
        if len(leaves) > _FEW
        else ", ".join(f"{name}: {_told(leaf)}" for name, leaf in leaves)
    )


def _leaves(section: dict[str, Any], key: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in section.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{key}{name}.")
        else:
            yield f"{key}{name}", value
