"""A data engineer's own expectations: a suite in Great Expectations' format, read as checks of a contract.

    {"name": "mine", "expectations": [
      {"type": "expect_column_values_to_be_between", "kwargs": {"column": "answer_chars", "max_value": 4000},
       "severity": "warning"},
      {"type": "expect_column_values_to_not_match_regex", "kwargs": {"column": "answer", "regex": "lorem ipsum"}}]}

An expectation is of the frame that has its columns (`quality.contracts.checks.COLUMNS`), the first of several, unless
`"meta": {"frame": "sources"}` says which; one without a column is of `rows`. Severity is critical where none is given;
`info` counts as a warning. Data Docs' `notes` say what is wanted.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from typing import Any, get_args

from quality.contracts.checks import COLUMNS, Check, Frame
from quality.contracts.run import ContractError
from quality.contracts.settings import Severity

_SEVERITIES: dict[object, Severity] = {"critical": "critical", "warning": "warning", "info": "warning"}
_COLUMN_KEYS = ("column", "column_A", "column_B", "column_list")
# How to run and to tell is up to the contract: a suite that was exported after a run names them.
_NOT_ARGUMENTS = {"batch_id", "result_format", "include_config", "catch_exceptions"}


def read_suite(text: str, name: str, stages: Collection[str] = ()) -> list[Check]:
    """Read a suite.

    Parameters
    ----------
    text : str
        The file's content.
    name : str
        The file, for errors.
    stages : collection of str
        Stages that have a column in the frame `stages`.

    Returns
    -------
    list of Check
        Named `own:1:expect_…` by their place, in the file's order. Whether Great Expectations knows and takes them is
        for `quality.contracts.run.ensure_known` to say.

    Raises
    ------
    ContractError
        For what is no suite, and for columns that no frame has.
    """
    try:
        content = json.loads(text)
    except ValueError as error:
        raise ContractError(f"{name} is not JSON ({error}). It takes a Great Expectations suite.") from error
    listed = content.get("expectations") if isinstance(content, dict) else None
    if not isinstance(listed, list):
        raise ContractError(f"{name} holds no list “expectations”, which every Great Expectations suite has.")
    columns = {**COLUMNS, "stages": tuple(stages)}
    return [_check(one, f"{name}, expectation {place}", place, columns) for place, one in enumerate(listed, start=1)]


def _check(one: Any, where: str, place: int, columns: dict[Frame, tuple[str, ...]]) -> Check:  # noqa: ANN401 - any JSON
    kind = one.get("type", one.get("expectation_type")) if isinstance(one, dict) else None
    if not isinstance(kind, str):
        raise ContractError(f"{where}: it has no “type”, such as expect_column_values_to_not_be_null.")
    kwargs, meta = one.get("kwargs") or {}, one.get("meta") or {}
    if not isinstance(kwargs, dict) or not isinstance(meta, dict):
        raise ContractError(f"{where} ({kind}): “kwargs” and “meta” are objects, with names and values.")
    severity = _SEVERITIES.get(str(one.get("severity") or "critical"))
    if severity is None:
        raise ContractError(f"{where} ({kind}): severity is critical, warning or info, not {one['severity']!r}.")
    arguments = {key: value for key, value in kwargs.items() if key not in _NOT_ARGUMENTS}
    _ensure_patterns(arguments, f"{where} ({kind})")
    return Check(
        name=f"own:{place}:{kind}",
        frame=_frame(arguments, meta.get("frame"), f"{where} ({kind})", columns),
        expectation=kind,
        arguments=arguments,
        severity=severity,
        wanted=_wanted(kind, one.get("notes"), arguments),
        advice=f"Mend the rows, or expectation {place} of curate.contract.file.",
    )


def _ensure_patterns(arguments: dict[str, Any], where: str) -> None:
    """Refuse patterns that are none: Great Expectations would find that no row matches, after all stages."""
    for key in ("regex", "regex_list"):
        value = arguments.get(key, [])
        for pattern in value if isinstance(value, list) else [value]:
            try:
                re.compile(pattern)
            except (re.error, TypeError) as error:
                raise ContractError(f"{where}: {key} {pattern!r} is no regular expression ({error}).") from error


def _frame(arguments: dict[str, Any], asked: object, where: str, columns: dict[Frame, tuple[str, ...]]) -> Frame:
    named: list[str] = []
    for key in _COLUMN_KEYS:
        value = arguments.get(key, [])
        named += value if isinstance(value, list) else [value]
    if asked is not None and asked not in get_args(Frame):
        raise ContractError(f"{where}: there is no frame {asked!r}. The frames are {', '.join(columns)}.")
    for frame, has in columns.items():
        if asked in (None, frame) and set(named) <= set(has):
            return frame
    told = "; ".join(f"{frame}: {', '.join(has)}" for frame, has in columns.items() if asked in (None, frame))
    raise ContractError(f"{where}: no frame has {' and '.join(map(repr, named))}. There is {told}.")


def _wanted(kind: str, notes: object, arguments: dict[str, Any]) -> str:
    if notes:
        return " ".join(notes) if isinstance(notes, list) else str(notes)
    told = ", ".join(f"{key} {value!r}" for key, value in arguments.items() if key not in _COLUMN_KEYS)
    name = kind.removeprefix("expect_").replace("_", " ")
    return f"{name}: {told}" if told else name
