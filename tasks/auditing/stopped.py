"""Prove what a run left that its contract stopped: who stopped it, and that nothing was published."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from quality.auditing.audit import Proof
from tasks.auditing.folder import json_of, results_of
from tasks.stop import REASON


def told_stop(facts: Mapping[str, Any]) -> str:
    """Say that a run was stopped, by what, and what that means for the proofs."""
    return (
        f"The run was stopped by its contract ({', '.join(_named(facts)) or 'it does not say by what'}): nothing is "
        "published, and what is proven is what the stages had decided by then."
    )


def prove_stopped(folder: Path, facts: Mapping[str, Any], receipts: pl.DataFrame) -> list[Proof]:
    """Compare the stop with the contract's result, and look for what a stopped run can't have made.

    Parameters
    ----------
    folder : Path
        The run.
    facts : mapping
        Its manifest.
    receipts : pl.DataFrame
        `receipts.parquet`.

    Raises
    ------
    DamagedRun
        When recipe or result can't be read.
    """
    results = list(results_of(json_of(folder / "contract.json")))
    failed = {_name(one): one["expectation_config"].get("severity") for one in results if not one.get("success")}
    named = _named(facts)
    wrong = [f"{name}: did not fail" for name in named if name not in failed]
    wrong += [f"{name}: not named" for name, severity in failed.items() if severity == "critical" and name not in named]
    wrong += [f"{name}: not in the reason" for name in named if f"critical: {name}: " not in facts["reason"]]
    made = ("dataset/", "adapter/", "probe/", "repair/", "scores.parquet", "verdict.json")
    beyond = [name for name in facts["files"] if name.startswith(made)]
    kept = receipts.filter(pl.col("fate") == "kept")["origin"]
    return [
        Proof.of(
            "the run was stopped by the critical expectations that failed, which its manifest and reason name",
            len(results),
            wrong if named else ["none is named"],
        ),
        Proof.of("a run that was stopped published no row, and judged nothing", receipts.height, [*beyond, *kept]),
    ]


def prove_not_stopped(receipts: pl.DataFrame) -> Proof:
    """Look for rows that are set aside as by a stop in a run that says it came to its end."""
    wrong = receipts.filter(pl.col("reason") == REASON)["origin"]
    return Proof.of("no row was set aside by a stop that the run does not tell of", receipts.height, wrong)


def _named(facts: Mapping[str, Any]) -> list[str]:
    named = facts.get("stopped")
    return [name for name in named if isinstance(name, str)] if isinstance(named, list) else []


def _name(result: Mapping[str, Any]) -> str:
    meta = result["expectation_config"].get("meta")
    return str(meta.get("check")) if isinstance(meta, dict) else ""
