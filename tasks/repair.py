"""Repair a candidate that gains and forgets too much: find a scale that forgets little enough, and ask the exam."""

from typing import Any, NamedTuple

import polars as pl
from pydantic import BaseModel, ConfigDict

from evals.items import SCORES
from evals.repairing import UNSCALED, Repair, chosen, explained, look, name_at, needs_repair, scales
from evals.units import Unit
from evals.unrepaired import NO_SCALE
from evals.verdict import Gate, Verdict
from tasks import cards, store
from tasks.caching import step
from tasks.examine import Scores
from tasks.examine_candidate import examine_candidate
from tasks.examine_champion import Examined
from tasks.exams import SealedExam
from tasks.fine_tune import Trained
from tasks.judge import judge
from tasks.models import ModelFiles, measured_by
from tasks.pool import Pool
from tasks.reporting.text import counted
from tasks.sealed_suites import SealedSuite, margins_of, units_of
from tasks.spare_items import ask
from tasks.split import Data
from tasks.turn_down import can_turn_down, turn_down, written
from tasks.validation_items import DOMAIN, KEY, validation_items, validation_suite


class Tried(BaseModel):
    """A repair that was tried, with the validation items, the scores on them, and those of its look at the exam.

    `refused` names the validation items that the model's chat template does not show.
    """

    model_config = ConfigDict(frozen=True)

    repair: Repair
    items: store.Table
    scores: store.Table
    suites: tuple[SealedSuite, ...] = ()
    exam: store.Table | None = None
    refused: tuple[str, ...] = ()

    @property
    def possible(self) -> bool:
        """Whether the validation items can tell of a gain at all."""
        return all(one.suite != DOMAIN for one in self.repair.unvalidated)

    @property
    def units(self) -> dict[str, Unit]:
        """Unit of each suite's scores."""
        return units_of(self.suites)

    def concluded(self, repair: Repair, other: Scores, scale: float) -> "Tried":
        """Return it with the exam's answer, and the scores of the look that does not count: at which scale."""
        scores = store.read_table(other.scores).with_columns(model=pl.lit(name_at(scale)))
        return self.model_copy(update={"repair": repair, "exam": store.write_table(scores)})


class Repaired(NamedTuple):
    """The candidate to report: its adapter, exam scores and verdict; and what was tried, if anything was."""

    trained: Trained
    after: Scores
    verdict: Verdict
    tried: Tried | None


def repair(
    trained: Trained,
    before: Scores,
    after: Scores,
    verdict: Verdict,
    gate: Gate,
    pool: Pool,
    earlier: tuple[Examined, ...],
    data: Data,
    exam: SealedExam,
    base: ModelFiles,
    threads: int | None = None,
) -> Repaired:
    """Return the candidate as it is, or at the largest scale that validation items and then the exam accept.

    Every examination is a step of its own, so that a run killed in between goes on behind the last. Where there is
    nothing to repair, none is made.
    """
    has_scale = can_turn_down(written(trained.adapter))
    as_trained = Repaired(trained, after, explained(verdict, gate, None if has_scale else NO_SCALE), None)
    if not has_scale or not needs_repair(verdict, gate):
        return as_trained
    tried = prepare_repair(verdict, exam, data, pool, base, threads)
    for scale in scales(gate) if tried.possible else ():
        tried = try_scale(
            tried, turn_down(trained, scale).adapter, scale, gate.beside(margins_of(exam.suites)), base, threads
        )
        if tried.repair.scale is not None:
            break
    if tried.repair.scale is None:
        return as_trained._replace(verdict=tried.repair.verdict, tried=tried)

    weaker = turn_down(trained, tried.repair.scale)
    # What was promoted at that scale is no other model: it is not compared with itself.
    earlier = tuple(one for one in earlier if one.adapter != weaker.adapter.digest)
    again = examine_candidate(exam, base, weaker.adapter, before, gate, pool, earlier, threads=threads)
    found = tried.repair.model_copy(update={"scaled": judge(before, again, gate, pool, earlier)})
    if found.accepted:
        return Repaired(weaker, again, found.verdict, tried.concluded(found, after, UNSCALED))
    return as_trained._replace(verdict=found.verdict, tried=tried.concluded(found, again, tried.repair.scale))


def repair_told(verdict: Verdict, tried: Tried | None) -> str:
    """Say how a repair went, or why none was tried; nothing where none was called for."""
    if tried is not None:
        return tried.repair.sentence
    return verdict.unrepaired.sentence if verdict.unrepaired else ""


def manifest_facts(repair: Repair) -> dict[str, Any]:
    """Return what a manifest says of a repair."""
    return {"scale": repair.scale, "accepted": repair.accepted, "told": repair.sentence}


@step(name="prepare_repair", beside=measured_by)
def prepare_repair(
    verdict: Verdict, exam: SealedExam, data: Data, pool: Pool, base: ModelFiles, threads: int | None = None
) -> Tried:
    """Return the validation items and the base's scores on them; nothing is tried yet."""
    own = validation_suite(exam.suites)
    items, unvalidated = validation_items(
        store.read_table(exam.items),
        None if exam.spare is None else store.read_table(exam.spare),
        store.read_table(data.validation),
        pool.read().select(KEY.keys()).drop_nulls(),
        own,
    )
    tried = Tried(
        repair=Repair(unscaled=verdict, unvalidated=unvalidated),
        items=store.write_table(items),
        scores=store.write_table(pl.DataFrame(schema=SCORES)),
        suites=exam.suites if own is None else (*exam.suites, own),
    )
    for one in unvalidated:
        cards.say(f"{one.suite}: left out of the choice of a scale, because {one.reason}")
    if not tried.possible:
        return tried
    among = counted(items["suite"].n_unique(), "suite")
    cards.say(f"{counted(items.height, 'validation item')} in {among}")
    found = ask(tried.items, tried.suites, base, None, threads, "base")
    return tried.model_copy(update={"scores": store.write_table(found.scores), "refused": found.refused})


@step(name="try_scale", beside=measured_by)
def try_scale(
    tried: Tried, adapter: store.Folder, scale: float, gate: Gate, base: ModelFiles, threads: int | None = None
) -> Tried:
    """Score the candidate at one more scale on the validation items, and judge it by them."""
    scores = ask(tried.items, tried.suites, base, adapter, threads, name_at(scale)).scores
    scores = pl.concat([store.read_table(tried.scores), scores])
    looked = look(scores, gate, scale, tried.units)
    looks = (*tried.repair.validation, looked)
    cards.say(f"scale {scale:g} on validation items: {looked.verdict.decision}: {looked.verdict.reason}")
    found = tried.repair.model_copy(update={"validation": looks, "scale": chosen(looks)})
    return tried.model_copy(update={"repair": found, "scores": store.write_table(scores)})
