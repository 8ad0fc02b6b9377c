"""Re-prove that a run was held to its recipe's contract: no expectation is missing from the result, or softened."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from quality.auditing.audit import Proof
from quality.auditing.observed import prove_observed
from quality.contracts import Contract
from quality.contracts.checks import checks_of
from quality.reasons import before
from tasks import run_settings
from tasks.auditing.comparing import alike
from tasks.auditing.folder import json_of, results_of

_LINES = ("column", "min_value", "max_value", "value_set", "row_condition")
_DRIFT = "drift"  # looked at only where there was a run to compare with, which leaves `drift.json`, too
_OWN = "own:"  # of a file, which is not in the run
_LATER = {"share_unread": "max_share_unread"}  # checks that runs of earlier versions lack, with their bounds


def prove_contract(folder: Path, left: pl.DataFrame, receipts: pl.DataFrame) -> list[Proof]:
    """Compare Great Expectations' result with what the recipe's contract stands for, and with the rows.

    Parameters
    ----------
    folder : Path
        The run.
    left : pl.DataFrame
        The rows that no stage removed (`id, messages, source`).
    receipts : pl.DataFrame
        `receipts.parquet`.

    Raises
    ------
    DamagedRun
        When recipe or result can't be read.
    """
    checks, content = checks_of(run_settings.settings(folder, "contract", Contract)), json_of(folder / "contract.json")
    asked = [(check.frame, check.name, check.severity, _lines(check.arguments)) for check in checks]
    told = list(_told(content))
    results = [(frame, one) for frame, part in _of(content).items() for one in results_of(part)]
    compared = (folder / "drift.json").exists() or any(frame == _DRIFT for frame, *_ in told)
    excused = _unknown_then(run_settings.recipe(folder))
    lacking = [one for one in asked if one not in told and one[1] not in excused and (compared or one[0] != _DRIFT)]
    strange = [one for one in told if one not in asked]
    wrong = [f"{frame}: {name}" for frame, name, *_ in [*lacking, *strange]]
    claim = "the contract's result holds every expectation of the recipe's contract, as it asks"
    observed = prove_observed(results, checks, left, receipts, before("validate"))
    return [Proof.of(claim, len(asked), wrong), observed, _counted(_of(content))]


def _unknown_then(recipe: Mapping[str, Any]) -> set[str]:
    """Name the checks that came with a later version than a recipe: a run keeps all bounds, and it lacks theirs."""
    bounds = _of(_of(recipe.get("curate")).get("contract"))
    return {check for check, bound in _LATER.items() if bounds and bound not in bounds}


def _counted(content: Mapping[str, Any]) -> Proof:
    """Count what each frame's result says of all its expectations, and each expectation's shares, again."""
    wrong, checked = list[str](), 0
    for frame, part in content.items():
        told = _of(part).get("results")
        results = [_of(one) for one in told] if isinstance(told, list) else []
        met = sum(one.get("success") is True for one in results)
        statistics = {
            "evaluated_expectations": len(results),
            "successful_expectations": met,
            "unsuccessful_expectations": len(results) - met,
            "success_percent": 100 * met / len(results) if results else None,
        }
        places = [_of(_of(one.get("expectation_config")).get("meta")).get("at") for one in results]
        wrong += [f"{frame}: statistics"] if not alike(_of(part).get("statistics"), statistics) else []
        wrong += [f"{frame}: success"] if _of(part).get("success") is not (met == len(results)) else []
        wrong += [f"{frame}: places"] if not all(at in places for at in range(len(results))) else []
        wrong += [f"{frame}: {key}" for one in results for key in _miscounted(_of(one.get("result")))]
        checked += len(results)
    return Proof.of("the contract's result counts its expectations, and their values, as they add up", checked, wrong)


def _miscounted(told: Mapping[str, Any]) -> Iterator[str]:
    """Name shares of an expectation of values that its counts don't give; of none there is no share."""
    count, unexpected, missing = (told.get(name) for name in ("element_count", "unexpected_count", "missing_count"))
    if not isinstance(count, int) or not isinstance(unexpected, int):
        return
    there = count - (missing if isinstance(missing, int) else 0)
    shares = {
        "missing_percent": (missing, count),
        "unexpected_percent_total": (unexpected, count),
        "unexpected_percent": (unexpected, there),
        "unexpected_percent_nonmissing": (unexpected, there),
    }
    for key, (part, whole) in shares.items():
        due = 100 * part / whole if whole and isinstance(part, int) else None
        if key in told and not alike(told[key], due):
            yield key


def _told(content: object) -> Iterator[tuple[str, str, object, str]]:
    for frame, result in _of(content).items():
        results = _of(result).get("results")
        for one in results if isinstance(results, list) else ():
            config = _of(_of(one).get("expectation_config"))
            name = str(_of(config.get("meta")).get("check"))
            if not name.startswith(_OWN):
                yield frame, name, config.get("severity"), _lines(_of(config.get("kwargs")))


def _of(content: object) -> Mapping[str, Any]:
    """Take what is no JSON object for an empty one: nothing that was asked stands in it."""
    return content if isinstance(content, dict) else {}


def _lines(arguments: Mapping[str, Any]) -> str:
    """Write what an expectation holds a column against; whole numbers come back as fractions."""
    kept = {name: arguments[name] for name in _LINES if arguments.get(name) is not None}
    if arguments.get("mostly") not in (None, 1):  # no contract's expectation lets rows off
        kept["mostly"] = arguments["mostly"]
    return repr({name: float(value) if isinstance(value, int | float) else value for name, value in kept.items()})
