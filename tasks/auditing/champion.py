"""Prove that a run was judged beside the champion that the home's ledger names, by that champion's own scores."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from evals.champion import predecessors
from evals.verdict import Verdict
from quality.auditing.audit import Proof
from tasks import champions, run_files, runs, store
from tasks.champions import Entry

_OF_ROLE = {"champion": "candidate", "original": "base"}
_KEYS = ["suite", "role", "item", "cluster", "score"]


def prove_champion(
    folder: Path, facts: Mapping[str, Any], verdict: Verdict | None, scores: pl.DataFrame | None
) -> list[Proof]:
    """Compare a verdict's predecessors with the ledger as it was then, and their scores with those of their runs.

    Nothing is proven of a run that judged nothing, lies in another home, or whose recipe never had a champion here.
    """
    entries = _ledger(folder, facts)
    if verdict is None or scores is None or not entries:
        return []
    return [_named(entries, facts, verdict), *_taken(verdict, scores)]


def unproven_champion(folder: Path, facts: Mapping[str, Any]) -> list[str]:
    """Say that it can't be known here which champion was in use, where a verdict names one and the home no ledger."""
    try:
        verdict = run_files.verdict(folder)
    except runs.DamagedRun:
        return []
    if verdict is None or not predecessors(verdict) or _ledger(folder, facts):
        return []
    return ["that the champion was the one in use then, and its scores (the ledger is not in this home, or damaged)"]


def _ledger(folder: Path, facts: Mapping[str, Any]) -> tuple[Entry, ...]:
    if folder.parent != store.home() / "runs":
        return ()
    try:
        return champions.history(str(facts["name"]))
    except champions.LedgerError:
        return ()


def _named(entries: tuple[Entry, ...], facts: Mapping[str, Any], verdict: Verdict) -> Proof:
    """Hold the verdict's champion against those in use while the run lasted: one may have been promoted meanwhile."""
    claim = "the verdict is found beside the champion of that time, and the original base where the base was changed"
    try:
        started = datetime.fromisoformat(facts["started"]).astimezone(UTC)
    except ValueError as error:
        return Proof(claim, 1, 1, (str(error),))
    ended = started + timedelta(seconds=float(facts["seconds"]) + 1)  # the ledger is read at some time in between
    before = [entry for entry in entries if entry.when <= started]
    used = [before[-1] if before else None, *(entry for entry in entries if started < entry.when <= ended)]
    digests = runs.digests(facts)
    own = (digests.get("adapter"), digests.get("base"))
    itself = [one is not None and (one.adapter, one.base_content) == own for one in used]
    allowed = {None if one is None or same else one.run for one, same in zip(used, itself, strict=True)}
    wrong = []
    if (named := verdict.champion.run if verdict.champion else None) not in allowed:
        wrong.append(f"champion: {named}, not {' or '.join(sorted(map(str, allowed)))}")
    if before:
        original = None if entries[0].base_content == digests.get("base") else entries[0].run
        if (named := verdict.original.run if verdict.original else None) != original:
            wrong.append(f"original base: {named}, not {original}")
    return Proof.of(claim, 2, wrong)


def _taken(verdict: Verdict, scores: pl.DataFrame) -> list[Proof]:
    """Compare scores that were taken from a promoted run with those that the run holds, where it is still there."""
    found = []
    for one in predecessors(verdict):
        run = store.home() / "runs" / one.run
        if not one.taken or not (run / "scores.parquet").is_file():
            continue
        claim = f"the scores of the {'champion' if one.model == 'champion' else 'original base'} are those of its run"
        try:
            kept = run_files.scores(run).filter(model=_OF_ROLE[one.model]).select(_KEYS)
        except runs.DamagedRun as error:
            found.append(Proof(claim, 1, 1, (str(error),)))
            continue
        said = scores.filter(model=one.model).select(_KEYS)
        wrong = said.join(kept, on=_KEYS, how="anti", nulls_equal=True)["item"]
        found.append(Proof.of(claim, said.height, wrong))
    return found
