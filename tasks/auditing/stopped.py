"""Prove what a run left that was stopped: by what, with which numbers, and that nothing was published.

A contract stops a run, and so does a stage that leaves no row to go on with.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from quality.auditing.audit import Proof
from quality.contracts import Contract
from quality.contracts.checks import checks_of
from quality.contracts.run import told_failures
from quality.reasons import STAGES
from tasks import run_settings
from tasks.auditing.folder import json_of, results_of
from tasks.auditing.reach import stopped_at
from tasks.pool import told_reasons, told_removals
from tasks.stop import REASON, STAGE


def told_stop(facts: Mapping[str, Any]) -> str:
    """Say that a run was stopped, by what, and what that means for the proofs."""
    stage = stopped_at(facts)
    by = f"by its contract ({', '.join(_named(facts)) or 'it does not say by what'})"
    if stage != STAGE:
        by = f"at the stage “{stage}”, which left no row to go on with, or none to draw general rows from"
    return f"The run was stopped {by}: nothing is published, and what is proven is what the stages had decided by then."


def prove_stopped(folder: Path, facts: Mapping[str, Any], receipts: pl.DataFrame) -> list[Proof]:
    """Compare the stop with what stopped it and with the receipts, and look for what a stopped run can't have made.

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
    made = ("dataset/", "adapter/", "probe/", "repair/", "scores.parquet", "verdict.json")
    beyond = [name for name in facts["files"] if name.startswith(made)]
    kept = receipts.filter(pl.col("fate") == "kept")["origin"]
    by = _by_contract(folder, facts) if stopped_at(facts) == STAGE else [_by_stage(facts, receipts)]
    return [
        *by,
        _losses(facts, receipts),
        Proof.of("a run that was stopped published no row, and judged nothing", receipts.height, [*beyond, *kept]),
    ]


def prove_not_stopped(receipts: pl.DataFrame) -> Proof:
    """Look for rows that are set aside as by a stop in a run that says it came to its end."""
    wrong = receipts.filter(pl.col("reason") == REASON)["origin"]
    return Proof.of("no row was set aside by a stop that the run does not tell of", receipts.height, wrong)


def _by_contract(folder: Path, facts: Mapping[str, Any]) -> list[Proof]:
    """Compare manifest and reason with the expectations that failed, and the reason's numbers with their results."""
    content = json_of(folder / "contract.json")
    results = list(results_of(content))
    failed = {_name(one): one["expectation_config"].get("severity") for one in results if not one.get("success")}
    named = _named(facts)
    wrong = [f"{name}: did not fail" for name in named if name not in failed]
    wrong += [f"{name}: not named" for name, severity in failed.items() if severity == "critical" and name not in named]
    wrong += [f"{name}: not in the reason" for name in named if f"critical: {name}: " not in facts["reason"]]
    asked = checks_of(run_settings.settings(folder, "contract", Contract))
    try:
        told = told_failures(content, asked) if isinstance(content, dict) else []
        unsaid = [f"not in the reason: {sentence}" for sentence in told if sentence not in facts["reason"]]
    except (KeyError, TypeError, AttributeError) as error:
        told, unsaid = [], [f"contract.json does not tell it ({error})"]
    return [
        Proof.of(
            "the run was stopped by the critical expectations that failed, which its manifest and reason name",
            len(results),
            wrong if named else ["none is named"],
        ),
        Proof.of("the reason tells what was observed as the contract's result does", len(told), unsaid),
    ]


def _by_stage(facts: Mapping[str, Any], receipts: pl.DataFrame) -> Proof:
    """Compare the stage that left no row with the receipts: none came beyond it, and the reason counts its own."""
    stage = str(stopped_at(facts))
    later = [*STAGES][[*STAGES].index(stage) + 1 :]
    wrong = list(receipts.filter(pl.col("stage").is_in(later))["origin"])
    own = receipts.filter(stage=stage)["reason"]
    aside = own.filter(own == REASON)
    if _named(facts):
        wrong.append("an expectation is named")
    if f"stage “{stage}”" not in facts["reason"]:
        wrong.append(f"{stage}: not in the reason")
    # Where rows are set aside, they are left, and too few: what counts is which.
    if aside.is_empty() and own.len() > (stage == "ingest") and f"({told_reasons(own)})" not in facts["reason"]:
        wrong.append(f"not in the reason: {told_reasons(own)}")
    claim = "no row came beyond the stage that left none to go on with, and the reason counts what it removed"
    return Proof.of(claim, receipts.height, wrong)


def _losses(facts: Mapping[str, Any], receipts: pl.DataFrame) -> Proof:
    """Compare what the reason says of rows ingested and removed with the receipts."""
    read = receipts.filter(pl.col("stage") != "ingest")
    told = told_removals(read.height, read.filter(pl.col("reason") != REASON)["stage"])
    wrong = [] if read.is_empty() or told in facts["reason"] else [f"not in the reason: {told}"]
    return Proof.of("the reason tells how many rows each stage removed, as the receipts do", receipts.height, wrong)


def _named(facts: Mapping[str, Any]) -> list[str]:
    named = facts.get("stopped")
    return [name for name in named if isinstance(name, str)] if isinstance(named, list) else []


def _name(result: Mapping[str, Any]) -> str:
    meta = result["expectation_config"].get("meta")
    return str(meta.get("check")) if isinstance(meta, dict) else ""
