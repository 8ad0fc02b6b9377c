"""Ask what no exam asks: items of the retention suites that come behind the exam's in the draw."""

import polars as pl
from pydantic import BaseModel, ConfigDict

from evals import exam as examination
from evals.retained import Retained, retained
from evals.verdict import Gate
from tasks import cards, store
from tasks.exam_size import FEW
from tasks.examine import loaded
from tasks.exams import SealedExam
from tasks.models import ModelFiles
from tasks.sealed_suites import SealedSuite, margins_of, units_of


class Spare(BaseModel):
    """Spare items (schema `evals.items.ITEMS`), how they are asked, and by which level and margins they are judged."""

    model_config = ConfigDict(frozen=True)

    items: store.Table
    suites: tuple[SealedSuite, ...]
    gate: Gate

    def judged(self, scores: pl.DataFrame, candidate: str) -> tuple[Retained, ...]:
        """Compare a candidate with the base, suite by suite; nothing where a chat template shows none of a suite's."""
        if scores["suite"].n_unique() < store.read_table(self.items)["suite"].n_unique():
            return ()
        return retained(scores, self.gate, candidate=candidate, units=units_of(self.suites))


def spare_items(exam: SealedExam, gate: Gate) -> Spare | None:
    """Return the spare items of the retention suites; None unless each has enough to say anything.

    Of the gate only that is taken by which retention is judged.
    """
    suites = set(store.read_table(exam.items).filter(role="retention")["suite"])
    if exam.spare is None or not suites:
        return None
    items = store.read_table(exam.spare)
    told = items.group_by("suite").agg(pl.col("cluster").n_unique()).filter(pl.col("cluster") >= FEW)
    if set(told["suite"]) != suites:
        return None
    judged = gate.beside(margins_of(exam.suites))
    margins = {suite: margin for suite, margin in judged.margins.items() if suite in suites}
    return Spare(
        items=exam.spare,
        suites=tuple(one for one in exam.suites if one.suite.name in suites),
        gate=Gate(margin=judged.margin, margins=margins, alpha=judged.alpha),
    )


def ask(
    items: store.Table,
    suites: tuple[SealedSuite, ...],
    base: ModelFiles,
    adapter: store.Folder | None,
    threads: int | None,
    name: str,
    *,
    whole: bool = True,
) -> examination.Sat:
    """Score the base, or a candidate, on items that are none of the exam's; `name` is what its scores call it.

    `whole` is as `evals.exam.sit` takes it.
    """
    model, tokenizer = loaded(base, adapter, threads)
    asked = {one.suite.name: one for one in suites}
    with cards.progress(f"Asking {name} the validation items") as tick:
        return examination.sit(
            model, tokenizer, store.read_table(items), model_name=name, asked=asked, progress=tick, whole=whole
        )
