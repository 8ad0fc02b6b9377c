"""Run a contract's checks through Great Expectations, in memory, and say in sentences what failed."""

import os
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, get_args

import polars as pl

from quality.contracts.checks import Check, Frame, checks_of
from quality.contracts.frames import frames_of
from quality.contracts.result import ContractResult, Failure
from quality.contracts.settings import Contract, Severity

if TYPE_CHECKING:
    from great_expectations.data_context import AbstractDataContext

# The column that says which lines of a frame failed, and how to lead over to its values.
_NAMES: dict[Frame, tuple[str, str]] = {
    "rows": ("id", "in the rows"),
    "texts": ("id", "in the rows"),
    "sources": ("source", "of the sources"),
}
_ID = 12  # characters of an id that tell a row, as `winnow why` takes them


class ContractError(ValueError):
    """A check can't be run as written: no such expectation, or arguments that it does not take."""


def validate(
    kept: pl.DataFrame,
    fates: pl.DataFrame,
    ingested: pl.DataFrame,
    contract: Contract | None = None,
    *,
    unread: int = 0,
    more: Sequence[Check] = (),
    drift: pl.DataFrame | None = None,
) -> ContractResult:
    """Check the kept rows, and what curation did to the pool, against a contract.

    Parameters
    ----------
    kept
        Records that are left (`quality.records.RECORDS`).
    fates
        Rows that were removed (`quality.records.FATES`), in the order the stages ran.
    ingested
        `row, source` of every ingested record.
    contract
        What must hold.
    unread
        Records that were quarantined since they can't be read.
    more
        Further checks of the same frames, as from `quality.contracts.own.read_suite`.
    drift
        `length_psi, centroid_shift` since the last run: one line. Without it, drift is not checked.

    Returns
    -------
    ContractResult
        Nothing is raised or logged for a broken contract: the caller decides what a failure stops, and tells it.
    """
    contract = contract or Contract()
    checks = [*checks_of(contract), *more]
    stages, texts = list(contract.max_share_dropped_by_stage), any(check.frame == "texts" for check in checks)
    frames = frames_of(kept, fates, ingested, stages, unread=unread, drift=drift, texts=texts)
    context = _context()
    failures: list[Failure] = []
    raw: dict[str, Any] = {}
    for name, frame in frames.items():
        ours = [check for check in checks if check.frame == name]
        if ours:
            raw[name], failed = _validate_frame(context, name, frame, ours)
            failures.extend(failed)
    failures.sort(key=lambda failure: failure.severity != "critical")
    severity: Severity | None = failures[0].severity if failures else None
    return ContractResult(severity != "critical", severity, tuple(failures), raw)


def _context() -> "AbstractDataContext":
    """Open a context that lives in memory, sends nothing anywhere and draws no progress bars."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    return context


def _validate_frame(
    context: "AbstractDataContext", name: Frame, frame: pl.DataFrame, checks: Sequence[Check]
) -> tuple[dict[str, Any], list[Failure]]:
    import great_expectations as gx
    from great_expectations import expectations

    suite = gx.ExpectationSuite(name=name)
    for at, check in enumerate(checks):
        suite.add_expectation(_expectation(expectations, check, at))
    asset = context.data_sources.add_pandas(name).add_dataframe_asset(name)
    batch = asset.add_batch_definition_whole_dataframe(name).get_batch({"dataframe": frame.to_pandas()})
    column, lead = _NAMES.get(name, ("", ""))
    form = {"result_format": "SUMMARY"} | ({"unexpected_index_column_names": [column]} if column else {})
    told: dict[str, Any] = batch.validate(suite, result_format=form).to_json_dict()
    named = [_names(outcome["result"], column, lead) for outcome in told["results"]]
    if name == "texts":
        _hide(told)
    failed = [
        _failure(checks[outcome["expectation_config"]["meta"]["at"]], outcome, names)
        for outcome, names in zip(told["results"], named, strict=True)
        if not outcome["success"]
    ]
    return told, failed


def told_failures(raw: Mapping[str, Any], checks: Sequence[Check]) -> list[str]:
    """Tell the failures of a contract again from its result alone, as it was written down.

    Parameters
    ----------
    raw
        Great Expectations' results by frame (`ContractResult.raw`).
    checks
        What was asked. Failures of other checks are left out.

    Raises
    ------
    KeyError, TypeError
        When it is no such result.

    Returns
    -------
    list of str
        The sentences, as `Failure` tells them.
    """
    known = {(check.frame, check.name, check.arguments.get("column")): check for check in checks}
    told = []
    for frame in get_args(Frame):
        column, lead = _NAMES.get(frame, ("", ""))
        for outcome in raw[frame]["results"] if frame in raw else ():
            config = outcome["expectation_config"]
            key = frame, config["meta"]["check"], config["kwargs"].get("column")
            if key in known and not outcome["success"]:
                told.append(str(_failure(known[key], outcome, _names(outcome["result"], column, lead))))
    return told


def _names(result: dict[str, Any], column: str, lead: str) -> str:
    """Name the first lines that failed; nothing where a frame has no names or none is told."""
    lines = [line[column] for line in result.get("partial_unexpected_index_list") or [] if column and line[column]]
    names = list(dict.fromkeys(str(name)[:_ID] if column == "id" else str(name) for name in lines))
    return f", {lead} {', '.join(names[:3])}{'…' if len(names) > 3 else ''}" if names else ""


def ensure_known(checks: Sequence[Check]) -> None:
    """Build each check's expectation, and raise a sentence about the first that can't be built.

    Raises
    ------
    ContractError
        For an expectation that Great Expectations does not have, or arguments that it does not take.
    """
    if checks:
        _context()
        from great_expectations import expectations

        for at, check in enumerate(checks):
            _expectation(expectations, check, at)
            _ensure_possible(check)


def _ensure_possible(check: Check) -> None:
    """Refuse bounds that no value can keep; Great Expectations tells them when it looks at the rows."""
    least, most = check.arguments.get("min_value"), check.arguments.get("max_value")
    if isinstance(least, int | float) and isinstance(most, int | float) and least > most:
        raise ContractError(
            f"Contract check {check.name!r}: {check.expectation} has a min_value of {least:g} above its max_value of "
            f"{most:g}, so that no value can keep it. Exchange or mend them."
        )


def _expectation(expectations: Any, check: Check, at: int) -> Any:  # noqa: ANN401
    """Build an expectation; its results come back in another order, so it carries its place."""
    kind = getattr(expectations, check.expectation, None) or _registered().get(check.expectation)
    if kind is None:
        near = get_close_matches(check.expectation, _registered(), 1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise ContractError(
            f"Contract check {check.name!r}: Great Expectations has no expectation {check.expectation!r}.{hint}"
        )
    try:
        return kind(**check.arguments, severity=check.severity, meta={"check": check.name, "at": at})
    except (ValueError, TypeError) as error:
        given = ", ".join(f"{key}={value!r}" for key, value in check.arguments.items()) or "no arguments"
        raise ContractError(
            f"Contract check {check.name!r}: {check.expectation} does not take {given} ({_in_words(error)})."
        ) from error


def _registered() -> dict[str, Any]:
    """Great Expectations' expectations by type."""
    from great_expectations.expectations import registry

    names = registry.list_registered_expectation_implementations()
    return {name: registry.get_expectation_impl(name) for name in names}


def _in_words(error: Exception) -> str:
    """Say the first thing that is wrong with arguments, on one line."""
    found: list[dict[str, Any]] = getattr(error, "errors", list)()
    if not found:
        return " ".join(str(error).split())
    where = ".".join(str(part) for part in found[0]["loc"] if part != "__root__")
    return f"{where}: {found[0]['msg']}" if where else str(found[0]["msg"])


def _hide(told: dict[str, Any]) -> None:
    """Leave of results about texts the numbers alone: all values, and traces that may cite them, are rows' content."""
    for outcome in told["results"]:
        outcome["result"] = {key: value for key, value in outcome["result"].items() if isinstance(value, int | float)}
        info = outcome["exception_info"]
        for record in [info, *(one for one in info.values() if isinstance(one, dict))]:
            if record.get("exception_traceback"):
                record["exception_traceback"] = "(not shown: it may cite rows)"


def _failure(check: Check, outcome: dict[str, Any], names: str) -> Failure:
    errors = _errors(outcome["exception_info"])
    severity = "critical" if errors else check.severity
    return Failure(
        check=check.name,
        expectation=check.expectation,
        column=check.arguments.get("column"),
        severity=severity,
        observed=f"an error: {errors[0]}" if errors else _observed(outcome["result"]) + names,
        wanted=check.wanted,
        advice=check.advice if severity == "critical" else "",
    )


def _errors(info: dict[str, Any]) -> list[str]:
    """Messages of the exceptions in `exception_info`, which is one record, or a record per metric."""
    records = [info] if "raised_exception" in info else [one for one in info.values() if isinstance(one, dict)]
    return [str(one.get("exception_message")) for one in records if one.get("raised_exception")]


def _observed(result: dict[str, Any]) -> str:
    if "observed_value" in result:
        value = result["observed_value"]
        return f"{value:,}" if isinstance(value, int | float) else _short(value)
    if "unexpected_count" not in result:
        return "otherwise"
    examples = list(dict.fromkeys(_short(value) for value in result.get("partial_unexpected_list", [])))[:3]
    if result.get("element_count") == 1 and examples:
        return examples[0]
    of = f"{result['unexpected_count']:,}" + (f" of {result['element_count']:,}" if "element_count" in result else "")
    return f"{of} values to be otherwise" + (f", such as {', '.join(examples)}" if examples else "")


def _short(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else repr(value)[:60]
