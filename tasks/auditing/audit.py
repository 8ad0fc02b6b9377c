"""Audit a finished run: its files must be what one run of winnow would have written, and every receipt re-compute.

The auditor believes none of the files and holds each against the others. It says as well what it can't prove, since
that takes a model, the sources, or trust in the manifest (`tasks.auditing.folder`).
"""

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import polars as pl

from quality.auditing.audit import Proof
from quality.personal.settings import Personal
from quality.receipts import RECEIPTS
from quality.row_memory import RowMemory
from quality.screening.screen import Screen
from quality.sources.mending import FIRST
from tasks import run_files, run_settings, runs
from tasks.auditing import ablated
from tasks.auditing import folder as of_folder
from tasks.auditing import home as of_home
from tasks.auditing.arm_adapters import prove_adapters
from tasks.auditing.arm_gaps import gaps_ablated
from tasks.auditing.arm_general import prove_general_rows
from tasks.auditing.arm_settings import Asked, prove_settings
from tasks.auditing.arm_trainings import prove_trainings
from tasks.auditing.arms import prove_arms, prove_rows
from tasks.auditing.champion import prove_champion, unproven_champion
from tasks.auditing.dataset import prove_dataset, prove_order
from tasks.auditing.dividend import prove_dividend
from tasks.auditing.gaps import gaps, gaps_alone, other_code
from tasks.auditing.general import prove_general
from tasks.auditing.judgement import Told
from tasks.auditing.probe import prove_probe
from tasks.auditing.reach import reached, stopped_at
from tasks.auditing.repair import prove_repair
from tasks.auditing.steps import DOCUMENTS, KEY, STEPS, Rows, rows_of
from tasks.auditing.stopped import prove_stopped, told_stop
from tasks.auditing.training import prove_training
from tasks.mended_rows import account
from tasks.reporting.mending import Mending
from tasks.runs import DamagedRun
from tasks.stop import STAGE

_BY_ROW = ("documents", "domain", "difficulty", "choice")


@dataclass(frozen=True)
class Audit:
    """What was proven or failed, what was not proven and why, and the digest of the manifest that pins it all.

    `other_code` says so where the run was made by other code than the auditor's, `stopped` where it was stopped.
    `kinds` counts the proofs by what they are of, `receipts` the rows that have one, `texts` those whose text was
    read again.
    """

    proofs: list[Proof]
    unproven: list[str]
    manifest: str
    other_code: str = ""
    stopped: str = ""
    kinds: Mapping[str, int] = field(default_factory=dict)
    receipts: int = 0
    texts: int = 0


def audit(folder: Path, memory: RowMemory | None = None) -> Audit:
    """Re-prove a run from its files.

    A file that is damaged is a proof that failed; those that need it can't be made, and one more failure says so.

    Parameters
    ----------
    folder : Path
        The run.
    memory : RowMemory, optional
        Of other audits by the same code, so that no text is measured again; nothing that a run says is believed.

    Raises
    ------
    ValueError
        When the run has no receipts: it failed, or examined an adapter before such runs kept their exam.
    """
    made = {"files": [of_folder.unaltered(folder)]}
    try:
        pinned = of_folder.manifest_digest(folder)
        facts: Mapping[str, Any] | None = runs.manifest(folder)
    except (DamagedRun, OSError):
        pinned, facts = "", None
    if facts is not None and _is_alone(folder, facts):
        return _audit_alone(folder, facts, pinned)
    if facts is not None and _is_ablation(folder, facts):
        return _audit_ablation(folder, facts, pinned)
    try:
        rows = rows_of(folder, RowMemory() if memory is None else memory)
        run_settings.dedupe_settings(folder)
    except DamagedRun as error:
        made["files"].append(Proof("the files that all other proofs need can be read", 1, 1, (str(error),)))
        return _audit(made, [], pinned)
    made |= {what: _made(step, what, folder, rows) for what, step in STEPS}
    if facts is None:
        return _audit(made, gaps(folder, rows.receipts, rows.edits, {}, []), pinned, rows)
    found = facts
    beside = _made(lambda folder, rows: _home(folder, found, rows), "the home", folder, rows)
    made["files"] += [of_folder.once_each(folder, found)]
    made["files"] += of_folder.complete(folder, found, judged=_is_judged(folder))
    steps: dict[str, Callable[[Path, Rows], list[Proof]]] = {
        "the dataset": lambda folder, rows: _dataset(folder, found, rows),
        "the manifest": lambda folder, rows: _folder(folder, found, rows),
    }
    stopped = found["state"] == runs.STOPPED
    if stopped:
        steps["the stop"] = lambda folder, rows: prove_stopped(folder, found, rows.receipts)
    if _is_judged(folder):
        steps["general rows"] = lambda folder, rows: prove_general(folder, found, rows)
        steps["the training"] = lambda folder, rows: prove_training(folder, found, rows.train.height)
        steps["the repair"] = lambda folder, rows: prove_repair(folder, found, rows.validation)
        steps["the probe"] = lambda folder, rows: prove_probe(folder, rows.train)
    made |= {what: _made(step, what, folder, rows) for what, step in steps.items()} | {"the home": beside}
    unproven = [*unproven_champion(folder, found), *gaps(folder, rows.receipts, rows.edits, found, beside)]
    whole = _audit(made, unproven, pinned, rows)
    return replace(whole, other_code=other_code(found), stopped=told_stop(found) if stopped else "")


def _audit(made: Mapping[str, list[Proof]], unproven: list[str], pinned: str, rows: Rows | None = None) -> Audit:
    """Put the proofs in one list, and count them by what they are of."""
    return Audit(
        [proof for part in made.values() for proof in part],
        unproven,
        pinned,
        kinds={what: len(part) for what, part in made.items() if part},
        receipts=0 if rows is None else rows.receipts.height,
        texts=0 if rows is None else rows.all.height,
    )


def _is_alone(folder: Path, facts: Mapping[str, Any]) -> bool:
    """Tell whether a run examined an adapter that was trained elsewhere: it has no receipts, and says which adapter."""
    curated = "receipts.parquet" in facts["files"] or (folder / "receipts.parquet").exists()
    return not curated and isinstance(facts.get("adapter"), str)


def _audit_alone(folder: Path, facts: Mapping[str, Any], pinned: str) -> Audit:
    """Prove what such a run has: its files, its exam, and that the verdict is what the scores give."""
    files = [of_folder.unaltered(folder), of_folder.once_each(folder, facts), *of_folder.complete_alone(folder, facts)]
    made: dict[str, list[Proof]] = {"files": files, "the verdict": [], "the home": []}
    try:
        told = replace(_told(folder, facts, judged=True), alone=True)
        made["the verdict"] += of_folder.consistent_alone(folder, facts, told)
        made["the verdict"] += prove_champion(folder, facts, told.verdict, told.scores)
        sealed = of_home.prove_sealed_exam(folder, facts, told.recipe, told.exam, told.reserve, told.suites)
        made["the home"] += [] if sealed is None else [sealed]
    except DamagedRun as error:
        lacking = Proof("the files that the proofs of the verdict need can be read", 1, 1, (str(error),))
        made["the verdict"].append(lacking)
    return _audit(made, [*unproven_champion(folder, facts), *gaps_alone(folder, facts, made["the home"])], pinned)


def _is_ablation(folder: Path, facts: Mapping[str, Any]) -> bool:
    """Tell whether a run trained arms to tell curation's dividend: no other leaves differences of arms."""
    return "differences.parquet" in facts["files"] or (folder / "differences.parquet").exists()


def _audit_ablation(folder: Path, facts: Mapping[str, Any], pinned: str) -> Audit:
    """Prove what an ablation has: its files, its arms and their rows, and that its numbers are what the scores give."""
    files = [of_folder.unaltered(folder), of_folder.once_each(folder, facts)]
    made = {"files": [*files, *ablated.complete(folder, facts)]}
    asked = None
    try:
        told = ablated.read(folder, facts)
        asked = Asked(told)
        made |= {"the arms": prove_arms(told), "the rows": prove_rows(told), "adapters": prove_adapters(told)}
        made |= {"the trainings": [*prove_trainings(asked), *prove_settings(asked)]}
        made |= {"general rows": prove_general_rows(asked), "the dividend": prove_dividend(told)}
    except DamagedRun as error:
        made["the dividend"] = [Proof("the files that the proofs of arms need can be read", 1, 1, (str(error),))]
    found = _audit(made, gaps_ablated(facts, asked, [proof for part in made.values() for proof in part]), pinned)
    return replace(found, other_code=other_code(facts))


def _made(step: Callable[[Path, Rows], list[Proof]], what: str, folder: Path, rows: Rows) -> list[Proof]:
    """Make proofs, or say in one failure which file keeps them from being made."""
    try:
        return step(folder, rows)
    except DamagedRun as error:
        return [Proof(f"the files that the proofs of {what} need can be read", 1, 1, (str(error),))]


def _home(folder: Path, facts: Mapping[str, Any], rows: Rows) -> list[Proof]:
    documents = run_files.attribute(folder, "documents", DOCUMENTS)
    found = (
        of_home.prove_ingested(folder, facts, rows.receipts, rows.edits, documents),
        of_home.prove_sealed_exam(
            folder,
            facts,
            run_settings.recipe(folder),
            run_files.exam(folder),
            run_files.reserve(folder),
            run_files.suites(folder),
        ),
        of_home.prove_edited(folder, facts, rows.all, rows.edits, run_settings.settings(folder, "personal", Personal)),
        of_home.prove_screened(
            folder, facts, run_files.screened(folder), rows, run_settings.settings(folder, "screen", Screen)
        )
        if reached(facts, "screen")
        else None,
    )
    return [proof for proof in found if proof is not None]


def _dataset(folder: Path, facts: Mapping[str, Any], rows: Rows) -> list[Proof]:
    measured = {name: run_files.attribute(folder, name, KEY) for name in ("screen", *_BY_ROW)}
    tables = {f"attributes/{name}.parquet": table for name, table in measured.items() if table is not None}
    parts = {f"dataset/{name}.parquet": getattr(rows, name) for name in ("train", "validation")}
    beside = {"removed.parquet": rows.removed, "edits.parquet": rows.edits}
    if facts["state"] == runs.STOPPED:
        return [prove_order(rows.receipts, beside | tables)]
    return prove_dataset(folder, facts, rows.receipts, parts | beside | tables)


def _folder(folder: Path, facts: Mapping[str, Any], rows: Rows) -> list[Proof]:
    told = replace(
        _told(folder, facts, judged=_is_judged(folder)),
        receipts=rows.receipts,
        train=rows.train.height,
        validation=rows.validation.height,
        contract=of_folder.json_of(folder / "contract.json") if stopped_at(facts) in (None, STAGE) else None,
        mending=_mending(folder, rows),
    )
    return [*of_folder.consistent(folder, facts, told), *prove_champion(folder, facts, told.verdict, told.scores)]


def _mending(folder: Path, rows: Rows) -> Mending | None:
    """Account for mended rows anew; the card of a run from before it was told says nothing of them."""
    mended = run_files.mended(folder)
    told = mended is not None and FIRST.keys() <= set(mended.columns)
    return account(mended, rows.dataset, rows.edits["origin"]) if told else None


def _told(folder: Path, facts: Mapping[str, Any], *, judged: bool) -> Told:
    """Read what is told of exam and verdict; rows and contract are left out."""
    return Told(
        receipts=pl.DataFrame(schema=RECEIPTS),
        train=0,
        validation=0,
        exam=run_files.exam(folder),
        asked=run_settings.exam_settings(folder),
        reserve=run_files.reserve(folder),
        recipe=run_settings.recipe(folder),
        contract=None,
        gate=run_settings.gate(folder),
        verdict=run_files.verdict(folder),
        scores=run_files.scores(folder) if judged else None,
        unsure=run_files.unsure(folder),
        repair=run_files.repair(folder),
        suites=run_files.suites(folder),
        answers=run_files.answers(folder) if judged else None,
        manifest=facts,
    )


def _is_judged(folder: Path) -> bool:
    """Tell whether a run examined a candidate, as its recipe or a verdict says; none did that was stopped before."""
    if runs.is_stopped(folder):
        return False
    with contextlib.suppress(DamagedRun):
        return "gate" in run_settings.recipe(folder) or (folder / "verdict.json").exists()
    return False
