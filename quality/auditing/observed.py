"""Re-prove what a contract observed: each of its expectations is looked at again, in the rows themselves.

What the rows were held against is Great Expectations' to say; here it is Polars', so that a fault of one isn't
repeated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from quality.auditing.audit import EXACT, Proof
from quality.contracts.frames import frames_of
from quality.reasons import RUN_STOPPED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from quality.contracts.checks import Check, Frame

_CLAIM = "each expectation of the contract was met, or was not, by the rows, and by as many, as its result says"
_NOT_AGAIN = ("drift", "texts")  # drift takes the run before; of texts no number is asked by a contract alone


def prove_observed(
    results: Sequence[tuple[str, Mapping[str, Any]]],
    checks: Sequence[Check],
    left: pl.DataFrame,
    receipts: pl.DataFrame,
    order: Sequence[str],
) -> Proof:
    """Look at each check's frame again, and compare what it holds with the result.

    Parameters
    ----------
    results : sequence of (str, mapping)
        Great Expectations' result of each expectation, with the frame it is of.
    checks : sequence of Check
        What the recipe's contract asks (`quality.contracts.checks.checks_of`).
    left : pl.DataFrame
        The rows that the contract looked at (`id, messages, source`).
    receipts : pl.DataFrame
        `receipts.parquet`.
    order : sequence of str
        The stages that remove rows, in the order in which they ran.
    """
    read = receipts.filter(pl.col("stage") != "ingest").with_row_index("row")
    fates = read.filter(pl.col("stage").is_in(list(order)), pl.col("reason") != RUN_STOPPED)
    fates = fates.sort(pl.col("stage").cast(pl.Enum(list(order))), maintain_order=True)
    stages = [str(check.arguments["column"]) for check in checks if check.frame == "stages"]
    unread = receipts.height - read.height
    frames = frames_of(left, fates, read.select("row", "source"), stages, unread=unread)
    asked = [check for check in checks if check.frame not in _NOT_AGAIN]
    wrong = [f"{check.frame}: {check.name}{told}" for check in asked for told in _differences(check, frames, results)]
    return Proof.of(_CLAIM, len(asked), wrong)


def _differences(
    check: Check, frames: Mapping[Frame, pl.DataFrame], results: Sequence[tuple[str, Mapping[str, Any]]]
) -> Iterator[str]:
    """Say what the result of a check says otherwise than its frame; where it has no result, that is told elsewhere."""
    column, frame = check.arguments.get("column"), frames[check.frame]
    for name, result in results:
        config = result["expectation_config"]
        of = (config.get("meta") or {}).get("check"), (config.get("kwargs") or {}).get("column")
        if name != check.frame or of != (check.name, column):
            continue
        told = result.get("result") or {}
        if column is None:
            yield from _compared(told, "observed_value", frame.height)
            failing = not _is_within(pl.DataFrame({"rows": [frame.height]}), "rows", check.arguments).item()
        else:
            values = frame[column].filter(_unmet(frame, column, check))
            yield from _compared(told, "unexpected_count", values.len())
            if values.len() == 1 and frame.height == 1:
                yield from _compared({"value": next(iter(told.get("partial_unexpected_list") or []), None)}, "value",
                                     values.item())  # fmt: skip
            failing = values.len() > 0
        if failing == bool(result.get("success")):
            yield f": {'not ' if failing else ''}met"


def _compared(told: Mapping[str, Any], key: str, found: float) -> Iterator[str]:
    """Compare a number with what a result says; one that it does not say is as wrong."""
    said = told.get(key)
    if not isinstance(said, int | float) or abs(said - found) > EXACT:
        yield f": {found:g}, not {said}"


def _unmet(frame: pl.DataFrame, column: str, check: Check) -> pl.Series:
    """Tell of each line of a frame whether its value is unexpected."""
    kinds = {
        "ExpectColumnValuesToNotBeNull": pl.col(column).is_null(),
        "ExpectColumnValuesToBeUnique": pl.col(column).is_not_null() & pl.col(column).is_duplicated(),
        "ExpectColumnValuesToBeInSet": ~pl.col(column).is_in(list(check.arguments.get("value_set", ()))),
    }
    if check.expectation in kinds:
        return frame.select(kinds[check.expectation].fill_null(value=False)).to_series()
    return ~_is_within(frame, column, check.arguments)


def _is_within(frame: pl.DataFrame, column: str, bounds: Mapping[str, Any]) -> pl.Series:
    """Tell of each value whether it keeps the bounds; a null keeps them."""
    least, most = bounds.get("min_value"), bounds.get("max_value")
    above = pl.lit(value=True) if least is None else pl.col(column) >= least
    below = pl.lit(value=True) if most is None else pl.col(column) <= most
    within = (above & below).fill_null(value=True)
    return frame.with_columns(within=within)["within"]
