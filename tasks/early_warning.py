"""Look before the exam how far a candidate moved from its base: the cheapest sign of forgetting, and the first.

It decides nothing: how far predictions move says that something changed, and not whether for the worse.
"""

from collections.abc import Sequence

import polars as pl
from pydantic import BaseModel, ConfigDict

from evals.divergence import DIVERGENCES, NoBase, divergences, ensure_base
from evals.items import ITEMS
from tasks import cards, exams, store
from tasks.caching import step
from tasks.examine import Scores, loaded
from tasks.exams import SealedExam
from tasks.models import ModelFiles, measured_by
from tasks.sealed_suites import SealedSuite

AS_SCORED = 0.05  # bits per byte; in bfloat16 a base is up to .04 off its own score on one item, .004 in the mean


class Moved(BaseModel):
    """How far predictions moved (schema `evals.divergence.DIVERGENCES`), by which adapter (its digest).

    `no_base` is why the base can't be had by switching the adapter off, where it can't.
    """

    model_config = ConfigDict(frozen=True)

    adapter: str
    divergence: store.Table
    missing: tuple[str, ...] = ()
    no_base: str = ""


@step(name="early_warning", beside=measured_by)
def early_warning(
    exam: SealedExam,
    before: Scores,
    base: ModelFiles,
    adapter: store.Folder,
    count: int,
    threads: int | None = None,
) -> Moved:
    """Compare a candidate with its base token by token, on some of the exam's items of each role.

    Parameters
    ----------
    before
        Scores of the base.
    count
        Items of each role; 0 for none.
    """
    moved, missing, no_base = pl.DataFrame(schema=DIVERGENCES), list[str](), ""
    if count:
        exams.seal(exam)  # the candidate is about to see some of it
        items = store.read_table(exam.items)
        model, tokenizer = loaded(base, adapter, threads)
        try:
            candidate = ensure_base(model)
            with cards.progress("Comparing base and candidate") as tick:
                drawn = drawn_from(plainly_asked(items, exam.suites, missing), count)
                moved = divergences(candidate, tokenizer, drawn, progress=tick)
            _ensure_as_scored(moved, store.read_table(before.scores))
        except NoBase as error:
            no_base, moved = str(error), moved.clear()
    cards.say(_told(moved, count, no_base))
    return Moved(adapter=adapter.digest, divergence=store.write_table(moved), missing=tuple(missing), no_base=no_base)


def plainly_asked(items: pl.DataFrame, suites: Sequence[SealedSuite], missing: list[str]) -> pl.DataFrame:
    """Leave out suites that ask otherwise than in the chat template alone: here they would be other questions."""
    other = [
        one.suite.name
        for one in suites
        if one.shots or not one.is_chat or one.suite.kind not in ("completion", "text", "choice")
    ]
    missing += [f"{name}: not compared token by token, because it asks in a way of its own" for name in other]
    return items.filter(~pl.col("suite").is_in(other))


def drawn_from(items: pl.DataFrame, count: int) -> pl.DataFrame:
    """Take so many items of each role, from its suites in turn; multiple choice where a role has nothing else."""
    spoken = (pl.col("kind") != "choice").any().over("role")
    fitting = items.filter(~spoken | (pl.col("kind") != "choice"))
    turns = fitting.with_columns(turn=pl.int_range(pl.len()).over("suite")).with_row_index("place")
    drawn = turns.sort("turn", maintain_order=True).group_by("role", maintain_order=True).head(count)
    return drawn.sort("place").select(ITEMS.keys())


def _ensure_as_scored(moved: pl.DataFrame, scores: pl.DataFrame) -> None:
    """Compare the base behind the adapter with the base that sat the exam: some adapters begin by changing it."""
    both = moved.join(scores.select("item", "score"), on="item").filter(pl.col("score") < 0)
    off = (both["base"] - both["score"]).abs().median() if both.height else 0.0
    if not isinstance(off, float) or off > AS_SCORED:
        raise NoBase("the base behind the adapter scores otherwise than the base alone, so the adapter changed it")


def _told(moved: pl.DataFrame, count: int, no_base: str) -> str:
    if no_base:
        return f"not compared with the base token by token, because {no_base}"
    means = moved.group_by("role", maintain_order=True).agg(pl.col("nats").mean()).iter_rows()
    told = ", ".join(f"{role} {nats:.3f}" for role, nats in means)
    if told:
        return f"moved from the base, nats per token: {told}"
    return "no item to compare base and candidate on" if count else "not looked for: probe.divergence_items is 0"
