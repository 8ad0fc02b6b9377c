"""Make a run's adapter the champion, or go back to an earlier one."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from evals.merging import NotMergeable, ensure_mergeable
from evals.steering import kind_of
from evals.verdict import Verdict
from tasks import champion_folder, exported, run_files, run_settings, runs, store
from tasks.champions import Entry, altered, current, history, locked, names, standing, write
from tasks.reporting.text import listed

_JUDGED = ("verdict.json", "scores.parquet")


class NotPromotable(ValueError):
    """A run that can't become the champion; the message says why, and what to do."""


class ComparedWithAnother(NotPromotable):
    """A run that was judged beside another champion than the one it would replace, or beside none."""


class Promotion(BaseModel):
    """The champion, and the run whose place it took; nothing was written where it was the champion already."""

    model_config = ConfigDict(frozen=True)

    champion: Entry
    instead_of: str | None = None
    new: bool = True


def promote(
    run: Path, why: str, *, who: str = "", export: Path | None = None, now: datetime | None = None
) -> Promotion:
    """Make a run's adapter the champion of its recipe; one that is the champion already stays it, without an entry.

    Parameters
    ----------
    run
        A finished run in the home.
    why
        What the ledger says of the reason.
    who
        Who does it, for the ledger.
    export
        The merged model that is deployed, if there is one: it must be this run's, and what was examined.
    now
        The time; the clock's when left out.

    Raises
    ------
    NotPromotable
        When the run was not accepted or was altered since, it was judged beside another champion, or the export is
        another model.
    DamagedRun, LedgerError
        When its files, or the ledger, can't be read.
    """
    name = str(runs.manifest(run)["name"])
    with locked():
        entries = history(name)
        champion = entries[-1] if entries else None
        entry = _entry(run, why, now or datetime.now(UTC)).model_copy(update={"who": _named(who)})
        if export is not None:
            entry = entry.model_copy(update={"exported": _checked(export, entry)})
        if champion is not None and _is_same(entry, champion):
            champion_folder.point(name)
            return Promotion(champion=champion, instead_of=None, new=False)
        _ensure_compared(run, name, champion)
        champion_folder.prepare(name, entry)
        write(name, (*entries, entry))
        champion_folder.point(name)
    return Promotion(champion=entry, instead_of=champion.run if champion else None)


def ensure_promotable(run: Path, name: str) -> None:
    """Make sure that a run may become the champion of a recipe, before anybody is asked whether it should.

    Raises
    ------
    NotPromotable, DamagedRun, LedgerError
        As `promote` does.
    """
    if (own := str(runs.manifest(run)["name"])) != name:
        raise NotPromotable(f"The run {run.name} is of the recipe “{own}”, not of “{name}”. Name one of its own.")
    entry, champion = _entry(run, "asked", datetime.now(UTC)), current(name)
    if champion is None or not _is_same(entry, champion):
        _ensure_compared(run, name, champion)


def is_champion(run: Path, name: str) -> bool:
    """Say whether a run's adapter, on its base, is the champion of a recipe already."""
    digests, champion = runs.digests(runs.manifest(run)), current(name)
    named = (digests.get("adapter"), digests.get("base"))
    return champion is not None and named == (champion.adapter, champion.base_content)


def rollback(name: str, why: str, *, to: str = "", who: str = "", now: datetime | None = None) -> Promotion:
    """Go back to an earlier champion; its entry is added anew, since nothing that happened is taken out of the ledger.

    Parameters
    ----------
    name
        The recipe.
    why
        What the ledger says of the reason.
    to
        Run of an earlier champion that was not rolled back since, or the beginning of its id; the one before if empty.
    who
        Who does it, for the ledger.
    now
        The time; the clock's when left out.

    Raises
    ------
    NotPromotable
        When there is no such champion before, or its adapter is not there any more.
    LedgerError
        When the ledger can't be read.
    """
    with locked():
        entries = history(name)
        left = standing(entries)
        _ensure_not_gone_back_from(entries, left, to)
        if len(left) < 2:
            asked = f"No earlier champion's run begins with “{to}”: " if to else ""
            raise NotPromotable(f"{asked}“{name}” has no champion before {_none_before(left)}")
        gone, back = left[-1], _earlier(left[:-1], to)
        if fault := altered(back):
            raise NotPromotable(f"The champion before, {back.run}, can't be gone back to: {fault}.")
        again = {"action": "rolled back", "when": now or datetime.now(UTC), "why": _said(why), "who": _named(who)}
        entry = Entry.model_validate(back.model_dump() | again)
        champion_folder.prepare(name, entry)
        write(name, (*entries, entry))
        champion_folder.point(name)
    return Promotion(champion=entry, instead_of=gone.run)


def _ensure_not_gone_back_from(entries: Sequence[Entry], left: Sequence[Entry], to: str) -> None:
    """Say how a champion comes back that was gone back from: it stood behind today's, and is no earlier one."""
    if not to or any(entry.run.startswith(to) for entry in left):
        return
    gone = {entry.run for entry in entries if entry.run.startswith(to)}
    if len(gone) == 1:
        (run,) = gone
        raise NotPromotable(
            f"{run} was the champion, and was gone back from: it is none before {left[-1].run}. `winnow promote {run} "
            "--why TEXT` makes it the champion again, or says what is in the way."
        )


def _none_before(left: list[Entry]) -> str:
    if left:
        return f"{left[-1].run}, its first: promote another run."
    others = names()
    return "that could be gone back to." + (f" There are champions of {listed(others)}." if others else "")


def _earlier(left: list[Entry], to: str) -> Entry:
    named = [entry for entry in left if entry.run == to] or [entry for entry in left if entry.run.startswith(to)]
    found = named if to else left[-1:]
    if len({entry.run for entry in found}) != 1:
        known = ", ".join(dict.fromkeys(entry.run for entry in reversed(left)))
        raise NotPromotable(
            f"{'More than one' if found else 'No'} earlier champion's run begins with “{to}”. There are: {known}."
        )
    return found[-1]


def _entry(run: Path, why: str, now: datetime) -> Entry:
    """Make the entry of an accepted run whose files are those that its manifest names."""
    facts, verdict = runs.manifest(run), run_files.verdict(run)
    if verdict is None:
        raise NotPromotable(f"The run {run.name} judged no adapter. `winnow run RECIPE` trains and judges one.")
    if verdict.decision == "SHIP" and facts["state"] not in ("Accepted", "Unchanged"):
        raise NotPromotable(
            f"The run {run.name} would ship, and ended as {facts['state']} after it was judged "
            f"({str(facts['reason']).rstrip('.')}). Run the recipe again: steps that finished are kept."
        )
    if verdict.decision != "SHIP":
        raise NotPromotable(
            f"The run {run.name} was not accepted ({verdict.decision}: {verdict.reason.rstrip('.')}). Only an accepted "
            "run can be promoted: run the recipe again with better data, more items, or another gate."
        )
    if run.parent.resolve() != store.home() / "runs":
        raise NotPromotable(f"The run {run} is not of this home, so its adapter could be lost. Copy it to its runs/.")
    digests, model = runs.digests(facts), run_settings.recipe(run).get("model")
    if not {"adapter", "base", "exam"} <= digests.keys():
        raise NotPromotable(
            f"The manifest of {run.name} does not name digests of adapter, base and exam. Run the recipe again."
        )
    for name in _JUDGED:
        if store.file_digest(run / name) != facts["files"].get(name):
            raise NotPromotable(f"{run / name} was altered since the run. Restore it, or run the recipe again.")
    entry = Entry(
        action="promoted",
        run=run.name,
        adapter=digests["adapter"],
        path=_adapter_of(run, digests["adapter"]),
        base=str(model.get("base", "")) if isinstance(model, dict) else "",
        base_content=digests["base"],
        exam=digests["exam"],
        decision="SHIP",
        when=now,
        why=_said(why),
    )
    if fault := altered(entry):
        raise NotPromotable(f"The run {run.name} can't be promoted: {fault}. Restore it, or run the recipe again.")
    return entry


def _checked(export: Path, entry: Entry) -> str:
    """Return the digest of an export that is of this adapter on this base, unaltered and equivalent."""
    adapter = store.home() / entry.path
    try:
        if kind_of(adapter):
            ensure_mergeable(adapter)
    except NotMergeable as error:
        raise NotPromotable(f"--export: nothing can be an export of {entry.run}. {error}") from error
    try:
        made = exported.read(export)
    except exported.NotAnExport as error:
        raise NotPromotable(f"--export: {error}") from error
    if (made.adapter, made.base_content) != (entry.adapter, entry.base_content):
        raise NotPromotable(
            f"--export: {export} is an export of {made.run}, of another adapter or base than {entry.run} judged. Write "
            f"one with `winnow export-model {entry.run} --into DIR`."
        )
    return store.file_digest(export / exported.NAME)


def _adapter_of(run: Path, digest: str) -> str:
    """Tell where an adapter lies: with its run, or, of one that was trained elsewhere, in the store."""
    return f"runs/{run.name}/adapter" if (run / "adapter").is_dir() else f"store/adapters/{digest}"


def _ensure_compared(run: Path, name: str, champion: Entry | None) -> None:
    """Refuse a run that was judged beside another champion than the one it would replace, or beside none."""
    verdict = run_files.verdict(run)
    beside = _beside(verdict)
    if beside == (champion.run if champion else None):
        return
    judged = f"beside the champion {beside}" if beside else "beside no champion"
    now = f"the champion of “{name}” is {champion.run}" if champion else f"“{name}” has no champion"
    raise ComparedWithAnother(
        f"The run {run.name} was judged {judged}, and now {now}. Run its recipe again: what did not change comes from "
        "the cache, and the candidate is compared with the champion of today."
    )


def _beside(verdict: Verdict | None) -> str | None:
    return verdict.champion.run if verdict is not None and verdict.champion is not None else None


def _is_same(one: Entry, other: Entry) -> bool:
    return (one.adapter, one.base_content) == (other.adapter, other.base_content)


def _named(who: str) -> str | None:
    return " ".join(who.split()) or None


def _said(why: str) -> str:
    if not why.strip():
        raise NotPromotable("Say in a few words why, since the ledger keeps it: with --why, or in the form as “why”.")
    return " ".join(why.split())
