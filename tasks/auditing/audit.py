"""Audit a finished run: its files must be what one run of winnow would have written, and every receipt re-compute.

The auditor believes none of the files and holds each against the others. It says as well what it can't prove, since
that takes a model, the sources, or trust in the manifest (`tasks.auditing.folder`).
"""

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from quality.audit import Proof, prove
from quality.audit_again import prove_again
from quality.audit_budget import prove_budget
from quality.audit_edits import prove_edits, prove_unedited
from quality.audit_forms import measured, prove_forms
from quality.audit_leaks import LeakRules, prove_leaks
from quality.audit_measures import Asked, prove_measures
from quality.audit_pairs import PairRules, prove_pairs
from quality.audit_split import prove_sealed, prove_split
from quality.audit_stages import Measured, prove_screening, prove_stages
from quality.language import UnknownLanguage
from quality.personal.settings import Personal
from quality.receipts import RECEIPTS
from quality.records import record_ids
from quality.screen import Screen
from quality.splitting import Split
from quality.weighing import Weigh
from tasks import run_files, runs
from tasks.auditing import folder as of_folder
from tasks.auditing import home as of_home
from tasks.auditing.dataset import prove_dataset
from tasks.auditing.gaps import gaps, gaps_alone
from tasks.auditing.judgement import Told
from tasks.auditing.training import prove_training
from tasks.runs import DamagedRun

_KEY: dict[str, pl.DataType] = {"id": pl.String(), "origin": pl.String()}
_LINES: dict[str, pl.DataType] = {"domain": pl.String(), "threshold": pl.Float64()}
_DOMAIN = _KEY | _LINES | {"score": pl.Float64()}
_DIFFICULTY = _KEY | {"perplexity": pl.Float64(), "ifd": pl.Float64()}
_CHOICE = _KEY | {"tokens": pl.UInt32()}
_DOCUMENTS = _KEY | {"group": pl.String()}
_BY_ROW = ("documents", "domain", "difficulty", "choice")


@dataclass(frozen=True)
class Audit:
    """What was proven or failed, what was not proven and why, and the digest of the manifest that pins it all."""

    proofs: list[Proof]
    unproven: list[str]
    manifest: str


@dataclass(frozen=True)
class _Rows:
    """The rows of a run, and their receipts: as they are written, and with “not a number” for measures that lack."""

    receipts: pl.DataFrame
    train: pl.DataFrame
    validation: pl.DataFrame
    removed: pl.DataFrame
    edits: pl.DataFrame

    @property
    def told(self) -> pl.DataFrame:
        return measured(self.receipts)

    @property
    def dataset(self) -> pl.DataFrame:
        return pl.concat([self.train, self.validation])

    @property
    def all(self) -> pl.DataFrame:
        return pl.concat([self.train, self.validation, self.removed])


def audit(folder: Path) -> Audit:
    """Re-prove a run from its files.

    A file that is damaged is a proof that failed; those that need it can't be made, and one more failure says so.

    Raises
    ------
    ValueError
        When the run has no receipts: it was stopped, or examined an adapter before such runs kept their exam.
    """
    proofs = [of_folder.unaltered(folder)]
    try:
        pinned = of_folder.manifest_digest(folder)
        facts: Mapping[str, Any] | None = runs.manifest(folder)
    except (DamagedRun, OSError):
        pinned, facts = "", None
    if facts is not None and _is_alone(folder, facts):
        return _audit_alone(folder, facts, pinned)
    try:
        rows = _rows(folder)
        run_files.dedupe_settings(folder)
    except DamagedRun as error:
        lacking = Proof("the files that all other proofs need can be read", 1, 1, (str(error),))
        return Audit([*proofs, lacking], [], pinned)
    made = [
        _made(step, what, folder, rows)
        for what, step in (
            ("duplicates", _duplicates),
            ("prompts and answers", _pairs),
            ("edits", _edits),
            ("leaks", _leaks),
            ("scores", _measures),
            ("the budget", _budget),
            ("what stages measured", _stages),
            ("screening", _screening),
            ("the texts", _again),
            ("the split", _split),
        )
    ]
    proofs += [proof for part in made for proof in part]
    if facts is None:
        return Audit(proofs, gaps(folder, rows.receipts, rows.edits, {}, []), pinned)
    found = facts
    beside = _made(lambda folder, rows: _home(folder, found, rows), "the home", folder, rows)
    proofs.append(of_folder.once_each(folder, found))
    proofs += of_folder.complete(folder, found, judged=_is_judged(folder))
    proofs += _made(lambda folder, rows: _dataset(folder, found, rows), "the dataset", folder, rows)
    proofs += _made(lambda folder, rows: _folder(folder, found, rows), "the manifest", folder, rows)
    if _is_judged(folder):
        proofs += _made(
            lambda folder, rows: prove_training(folder, found, rows.train.height), "the training", folder, rows
        )
    return Audit([*proofs, *beside], gaps(folder, rows.receipts, rows.edits, found, beside), pinned)


def _is_alone(folder: Path, facts: Mapping[str, Any]) -> bool:
    """Tell whether a run examined an adapter that was trained elsewhere: it has no receipts, and says which adapter."""
    curated = "receipts.parquet" in facts["files"] or (folder / "receipts.parquet").exists()
    return not curated and isinstance(facts.get("adapter"), str)


def _audit_alone(folder: Path, facts: Mapping[str, Any], pinned: str) -> Audit:
    """Prove what such a run has: its files, its exam, and that the verdict is what the scores give."""
    proofs = [of_folder.unaltered(folder), of_folder.once_each(folder, facts), *of_folder.complete_alone(folder, facts)]
    try:
        told = _told(folder, judged=True)
        proofs += of_folder.consistent_alone(folder, facts, told)
        sealed = of_home.prove_sealed_exam(folder, facts, told.recipe, told.exam, told.reserve)
    except DamagedRun as error:
        proofs.append(Proof("the files that the proofs of the verdict need can be read", 1, 1, (str(error),)))
        sealed = None
    beside = [] if sealed is None else [sealed]
    return Audit([*proofs, *beside], gaps_alone(facts, beside), pinned)


def _made(step: Callable[[Path, _Rows], list[Proof]], what: str, folder: Path, rows: _Rows) -> list[Proof]:
    """Make proofs, or say in one failure which file keeps them from being made."""
    try:
        return step(folder, rows)
    except DamagedRun as error:
        return [Proof(f"the files that the proofs of {what} need can be read", 1, 1, (str(error),))]


def _rows(folder: Path) -> _Rows:
    return _Rows(
        receipts=run_files.receipts(folder),
        train=run_files.part(folder, "train"),
        validation=run_files.part(folder, "validation"),
        removed=run_files.removed(folder),
        edits=run_files.edits(folder),
    )


def _duplicates(folder: Path, rows: _Rows) -> list[Proof]:
    asked = run_files.dedupe_settings(folder)
    forms = prove_forms(rows.receipts, rows.all, run_files.sources(folder))
    proofs = prove(rows.told, rows.dataset, rows.removed, words=asked.words, threshold=asked.threshold)
    return [_named_by_content(rows.all, rows.edits), *forms, *proofs]


def _pairs(folder: Path, rows: _Rows) -> list[Proof]:
    pairing, meaning = run_files.pairing_settings(folder), run_files.meaning_settings(folder)
    asked = (meaning.words, meaning.prompt_words, meaning.floor, meaning.likeness)
    rules = PairRules(pairing.alike, pairing.boilerplate_prompts, *asked)
    return prove_pairs(rows.told, rows.dataset, rows.removed, rules)


def _edits(folder: Path, rows: _Rows) -> list[Proof]:
    asked = run_files.settings(folder, "personal", Personal)
    told = prove_edits(rows.receipts, rows.edits, drop=asked.mode == "drop")
    return [*told, prove_unedited(rows.all, rows.edits, asked)]


def _leaks(folder: Path, rows: _Rows) -> list[Proof]:
    reserve, asked = run_files.reserve(folder), run_files.decontaminate_settings(folder)
    rules = LeakRules(**{name: getattr(asked, name) for name in LeakRules.__annotations__})
    return prove_leaks(rows.receipts, rows.dataset, rows.removed, reserve, rules)


def _measures(folder: Path, rows: _Rows) -> list[Proof]:
    pairing, leaking = run_files.pairing_settings(folder), run_files.decontaminate_settings(folder)
    meaning = run_files.attribute(folder, "meaning_facts", {"cosine": pl.Float64()})
    asked = Asked(
        alike=pairing.alike,
        boilerplate_prompts=pairing.boilerplate_prompts,
        grams=leaking.threshold,
        edited=leaking.likeness,
        paraphrase=leaking.paraphrase,
        meaning=None if meaning is None or meaning.height != 1 else meaning.item(),
    )
    return prove_measures(rows.told, rows.dataset, rows.removed, run_files.reserve(folder), asked)


def _budget(folder: Path, rows: _Rows) -> list[Proof]:
    asked = run_files.budget_settings(folder)
    choice = None if asked.tokens is None else run_files.attribute(folder, "choice", _CHOICE)
    return prove_budget(rows.receipts, choice, asked.tokens, asked.quotas)


def _stages(folder: Path, rows: _Rows) -> list[Proof]:
    found = Measured(
        screen=run_files.screened(folder),
        domain=run_files.attribute(folder, "domain", _DOMAIN),
        difficulty=run_files.attribute(folder, "difficulty", _DIFFICULTY, needed=_KEY),
        choice=run_files.attribute(folder, "choice", _CHOICE),
    )
    screen, weigh = run_files.settings(folder, "screen", Screen), run_files.settings(folder, "weigh", Weigh)
    told = bool(run_files.domain_settings(folder).all_told)
    asked = {"domain": told, "difficulty": weigh.asked, "choice": run_files.budget_settings(folder).tokens is not None}
    wrong = [name for name, wanted in asked.items() if (getattr(found, name) is not None) != wanted]
    measures = Proof.of("each stage that the recipe asks to measure rows did, and no other", len(asked), wrong)
    lines = [] if found.domain is None else [_one_line_each(folder, found.domain)]
    return [measures, *lines, *prove_stages(rows.receipts, found, screen, weigh)]


def _one_line_each(folder: Path, scored: pl.DataFrame) -> Proof:
    """Compare the threshold that each row was held against with its domain's: one line for all rows."""
    lines = run_files.attribute(folder, "domain_facts", _LINES)
    known = scored.clear() if lines is None else lines
    wrong = scored.join(known, on=[*_LINES], how="anti", maintain_order="left")["origin"]
    return Proof.of("every row was held against the one threshold of its domain", scored.height, wrong)


def _screening(folder: Path, rows: _Rows) -> list[Proof]:
    found, asked = run_files.screened(folder), run_files.settings(folder, "screen", Screen)
    edited = rows.edits["origin"]
    try:
        return [prove_screening(rows.all, edited, found, asked)]
    except UnknownLanguage:  # whoever tells languages is not installed here
        return [prove_screening(rows.all, edited, found, asked, tell_languages=False)]


def _again(folder: Path, rows: _Rows) -> list[Proof]:
    return prove_again(rows.receipts, rows.all, run_files.dedupe_settings(folder), run_files.pairing_settings(folder))


def _split(folder: Path, rows: _Rows) -> list[Proof]:
    documents = run_files.attribute(folder, "documents", _DOCUMENTS)
    asked = run_files.settings(folder, "split", Split)
    sealed = prove_sealed(rows.receipts, rows.all, run_files.reserve(folder), documents)
    return [*sealed, *prove_split(rows.receipts, rows.train, rows.validation, documents, asked)]


def _home(folder: Path, facts: Mapping[str, Any], rows: _Rows) -> list[Proof]:
    documents = run_files.attribute(folder, "documents", _DOCUMENTS)
    found = (
        of_home.prove_ingested(folder, facts, rows.receipts, documents),
        of_home.prove_sealed_exam(
            folder, facts, run_files.recipe(folder), run_files.exam(folder), run_files.reserve(folder)
        ),
        of_home.prove_edited(folder, facts, rows.all, rows.edits, run_files.settings(folder, "personal", Personal)),
    )
    return [proof for proof in found if proof is not None]


def _dataset(folder: Path, facts: Mapping[str, Any], rows: _Rows) -> list[Proof]:
    measured = {name: run_files.attribute(folder, name, _KEY) for name in ("screen", *_BY_ROW)}
    tables = {f"attributes/{name}.parquet": table for name, table in measured.items() if table is not None}
    parts = {f"dataset/{name}.parquet": getattr(rows, name) for name in ("train", "validation")}
    beside = {"removed.parquet": rows.removed, "edits.parquet": rows.edits}
    return prove_dataset(folder, facts, rows.receipts, parts | beside | tables)


def _folder(folder: Path, facts: Mapping[str, Any], rows: _Rows) -> list[Proof]:
    told = replace(
        _told(folder, judged=_is_judged(folder)),
        receipts=rows.receipts,
        train=rows.train.height,
        validation=rows.validation.height,
        contract=of_folder.json_of(folder / "contract.json"),
    )
    return of_folder.consistent(folder, facts, told)


def _told(folder: Path, *, judged: bool) -> Told:
    """Read what is told of exam and verdict; rows and contract are left out."""
    return Told(
        receipts=pl.DataFrame(schema=RECEIPTS),
        train=0,
        validation=0,
        exam=run_files.exam(folder),
        asked=run_files.exam_settings(folder),
        reserve=run_files.reserve(folder),
        recipe=run_files.recipe(folder),
        contract=None,
        gate=run_files.gate(folder),
        verdict=run_files.verdict(folder),
        scores=run_files.scores(folder) if judged else None,
    )


def _is_judged(folder: Path) -> bool:
    """Tell whether a run examined a candidate, as its recipe or a verdict says."""
    with contextlib.suppress(DamagedRun):
        return "gate" in run_files.recipe(folder) or (folder / "verdict.json").exists()
    return False


def _named_by_content(rows: pl.DataFrame, edits: pl.DataFrame) -> Proof:
    """Prove ids; an edited row keeps the id it was ingested with, and its receipt says the one it has now."""
    now = rows.join(edits.select("id", "origin", "edited_id"), on=["id", "origin"], how="left", maintain_order="left")
    wrong = now.filter(pl.coalesce("edited_id", "id") != record_ids(now["messages"]))["origin"]
    claim = "every row's id is the hash of its messages, or its edit's receipt names the hash that they have now"
    return Proof.of(claim, rows.height, wrong)
