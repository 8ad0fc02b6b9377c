"""See whether the kept rows changed enough since the last verdict to train again."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from evals.verdict import Verdict
from tasks import cards, run_files, run_settings, runs, store
from tasks.caching import step
from tasks.champions import Entry
from tasks.differing_settings import differing
from tasks.exams import SealedExam
from tasks.outcome import Outcome
from tasks.reporting.text import counted
from tasks.runs import Run
from tasks.split import Data
from tasks.validate import Validation

_SETTINGS = ("tune", "gate", "probe")
_PINNED = {
    "base": "the base model", "embedder": "the embedder", "code": "winnow itself", "flow": "the flow",
    "rest": "what tune.general draws from the pool's rest", "exam": "the exam", "asked": "what is asked of the exam",
}  # fmt: skip
_FEW = 3  # settings of curation that are named
_PARTS = ("dataset/train.parquet", "dataset/validation.parquet")


class Renew(BaseModel):
    """From which change of the kept rows on it is worth to train again."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    min_new_rows: int = Field(
        default=1,
        ge=0,
        description="Kept rows that must have come or gone since the run whose verdict stands; with fewer the run ends "
        "Unchanged, and writes nothing. 0: every run is gone through, from the cache where nothing changed.",
    )
    only_if_drifted: bool = Field(
        default=False,
        description="Train again only where lengths or contents of the kept rows drifted by more than "
        "curate.contract.max_length_psi or max_centroid_shift.",
    )


@step(name="check_news", cached=False)
def check_news(
    run: Run, data: Data, contract: Validation, exam: SealedExam, renew: Renew, ledger: tuple[Entry, ...]
) -> Outcome | None:
    """Return how the run ends where its rows don't justify training; None where it goes on.

    They are compared with those of the last run of the recipe that was judged by the same settings, code, base and
    exam, beside the champion of today or as that champion: where any of these is another, or that run's files are
    damaged, the run goes on.
    """
    last = _last(run.name)
    if last is None:
        cards.say("no verdict before that could stand")
        return None
    try:
        verdict = run_files.verdict(last)
        if verdict is None:
            raise runs.DamagedRun(last / "verdict.json", "is missing")
        came, went = _difference(last, data)
        if other := _other(run, last, verdict, exam, ledger):
            cards.say(f"{other} changed since {last.name}; {_rows(came, went)}{_curated_otherwise(last, run.folder)}")
            return None
    except runs.DamagedRun as error:  # else every later run of the recipe would end at what nobody needs
        cards.warn(f"the last verdict can't stand: {error}")
        return None
    told = f"{_rows(came, went)} since {last.name}"
    reason = _reason(came + went, contract, renew)
    if not reason:
        cards.say(told)
        return None
    cards.say(f"{told}, {reason}")
    return Outcome(
        state="Unchanged",
        reason=f"{told}, {reason}; its verdict stands ({verdict.decision}: {verdict.reason})",
        run=last.name,
        decision=verdict.decision,
    )


def _rows(came: int, went: int) -> str:
    return f"{counted(came, 'kept row')} came and {went:,} went"


def _curated_otherwise(last: Path, now: Path) -> str:
    """Name the settings by which rows are kept otherwise than in the last run, such as seeds that a person labelled."""
    before, asked = (run_settings.recipe(folder).get("curate") or {} for folder in (last, now))
    keys = [key for key, _, _ in differing(before, asked, "curate")]
    more = f" and {len(keys) - _FEW} more" if len(keys) > _FEW else ""
    return f" (by another {', '.join(keys[:_FEW])}{more})" if keys else ""


def _reason(changed: int, contract: Validation, renew: Renew) -> str:
    if changed == 0 and renew.min_new_rows:
        return "so that there is nothing new to train on"
    if changed < renew.min_new_rows:
        return f"and renew.min_new_rows asks for {renew.min_new_rows:,}"
    drifted = any(broken.expectation.startswith("drift_") for broken in contract.failures)
    if renew.only_if_drifted and not drifted:
        return "and they did not drift, as renew.only_if_drifted asks for"
    return ""


def _last(name: str) -> Path | None:
    """Return the newest run of a recipe that trained and judged."""
    judged = (folder for folder in reversed(runs.finished(name)) if "outcome" in runs.manifest(folder))
    return next(judged, None)


def _other(run: Run, last: Path, verdict: Verdict, exam: SealedExam, ledger: tuple[Entry, ...]) -> str:
    """Name what is another than in the last run, beside the rows; nothing where nothing is."""
    then, now = runs.digests(runs.manifest(last)), run.pinned | {"exam": exam.digest, "asked": exam.asked}
    before, asked = run_settings.recipe(last), run_settings.recipe(run.folder)
    others = [name for key, name in _PINNED.items() if then.get(key) != now.get(key)]
    others += [key for key in _SETTINGS if before.get(key) != asked.get(key)]
    if _reads_more(asked):
        others.append("perhaps tune.general.sources")
    champion = ledger[-1] if ledger else None
    beside = verdict.champion.run if verdict.champion is not None else None
    is_it = champion is not None and champion.adapter == then.get("adapter")
    if not is_it and beside != (champion.run if champion else None):
        others.append("the champion")
    return ", ".join(others)


def _reads_more(recipe: Mapping[str, Any]) -> bool:
    """Say whether it trains on a general pool of its own, whose rows are not compared here."""
    general = recipe.get("tune", {}).get("general")
    return isinstance(general, dict) and bool(general.get("sources"))


def _difference(last: Path, data: Data) -> tuple[int, int]:
    """Count the rows that came, and those that went."""
    now = pl.concat([store.read_table(part).select("id") for part in (data.train, data.validation)])
    then = pl.concat([_ids(last / part) for part in _PARTS])
    return now.join(then, on="id", how="anti").height, then.join(now, on="id", how="anti").height


def _ids(part: Path) -> pl.DataFrame:
    try:
        return pl.read_parquet(part, columns=["id"])
    except (OSError, pl.exceptions.PolarsError) as error:
        raise runs.DamagedRun(part, f"can't be read ({type(error).__name__})") from error
