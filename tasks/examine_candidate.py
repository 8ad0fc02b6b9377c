"""Ask a candidate the exam, suite by suite, until the verdict can't change any more."""

import polars as pl

from evals.items import SCORES
from evals.sitting import Sitting, sit_until_decided
from evals.verdict import Gate, Verdict
from tasks import store
from tasks.examine import Scores, examine, holding_the_model
from tasks.examine_champion import Examined
from tasks.exams import SealedExam
from tasks.judge import decided, given_away, together
from tasks.models import ModelFiles
from tasks.pool import Pool
from tasks.sealed_suites import margins_of, units_of


def examine_candidate(
    exam: SealedExam,
    base: ModelFiles,
    adapter: store.Folder,
    before: Scores,
    gate: Gate,
    pool: Pool | None = None,
    earlier: tuple[Examined, ...] = (),
    threads: int | None = None,
) -> Scores:
    """Return the scores of the base with an adapter, on what the verdict needs of the exam (`evals.sitting`).

    What is asked at a time is a step of its own: a run that was killed goes on behind the last, and a gate with other
    lines asks only what it needs beyond.

    Parameters
    ----------
    before
        Scores of the base.
    gate
        By which the candidate will be judged.
    pool, earlier
        As `tasks.judge.judge` takes them.
    """
    units, unsure = units_of(exam.suites), given_away(pool)
    gate = gate.beside(margins_of(exam.suites))
    items = store.read_table(exam.items)
    found: list[Scores] = []

    def ask(part: pl.DataFrame) -> None:
        found.append(examine(exam, base, adapter, threads=threads, part=store.write_table(part)))

    def judged(sitting: Sitting) -> Verdict:
        return decided(together(before, _joined(found, items), earlier), gate, earlier, unsure, units, sitting)

    with holding_the_model():
        sitting = sit_until_decided(items, gate, ask, judged, units=units)
    return _joined(found, items).model_copy(update={"sitting": sitting})


def _joined(found: list[Scores], items: pl.DataFrame) -> Scores:
    """Put together what was scored part by part, in the order of the exam."""
    order = items.select("item", place=pl.int_range(pl.len()))
    scores = pl.concat(store.read_table(one.scores) for one in found)
    scores = scores.join(order, on="item").sort("place").select(SCORES.keys())
    answers = pl.concat(store.read_table(one.answers) for one in found)
    refused = {item for one in found for item in one.refused}
    return found[0].model_copy(
        update={
            "scores": store.write_table(scores),
            "answers": store.write_table(answers),
            "refused": tuple(item for item in items["item"] if item in refused),
        }
    )
