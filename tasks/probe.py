"""Probe the candidate beside the exam: how far it moved from the base, and what it no longer knows.

Both explain a verdict and decide nothing. The base is the candidate with its adapter switched off.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from evals.choices import choice_items
from evals.divergence import DIVERGENCES, NoBase, divergences, ensure_base
from evals.items import ITEMS, MESSAGE
from evals.models import load
from evals.recall import RECALLED, flips, preferred, recalled
from evals.suites import Suite
from tasks import cards, store
from tasks.caching import step
from tasks.examine import Scores
from tasks.exams import SealedExam
from tasks.keep_domain import embed
from tasks.models import ModelFiles, ready
from tasks.sealed_suites import SealedSuite, choice_of

if TYPE_CHECKING:
    from peft import PeftModel
    from transformers import PreTrainedTokenizerBase

AS_SCORED = 0.05  # bits per byte; in bfloat16 a base is up to .04 off its own score on one item, .004 in the mean


class Probe(BaseModel):
    """What is looked at beside the exam, to explain a verdict."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    divergence_items: int = Field(
        default=24,
        ge=0,
        description="Items of the domain, and as many of what must not be forgotten, on which base and candidate are "
        "compared token by token (items); 0 for none.",
    )
    known_items: int = Field(
        default=24,
        ge=0,
        description="Multiple-choice items of each suite that are asked again, without the chat template, where the "
        "base answers them right (items); 0 for none. Retention suites of questions and answers are made multiple "
        "choice.",
    )


class Probed(BaseModel):
    """What was found: `evals.divergence.DIVERGENCES` and `evals.recall.RECALLED`, and what could not be looked at."""

    model_config = ConfigDict(frozen=True)

    divergence: store.Table
    recalled: store.Table
    missing: tuple[str, ...] = ()


@step(name="probe")
def probe(
    exam: SealedExam,
    before: Scores,
    base: ModelFiles,
    adapter: store.Folder,
    embedder: ModelFiles,
    settings: Probe,
    threads: int | None = None,
) -> Probed:
    """Compare a candidate with its base on some of the exam's items, next to what they scored."""
    items, scores = store.read_table(exam.items), store.read_table(before.scores)
    moved, again = pl.DataFrame(schema=DIVERGENCES), pl.DataFrame(schema=RECALLED)
    missing: list[str] = []
    if not (settings.divergence_items or settings.known_items):
        cards.say("nothing to probe: probe.divergence_items and probe.known_items are 0")
        return _probed(moved, again, missing)
    model, tokenizer = load(ready(base), adapter=store.locate(adapter), threads=threads)
    try:
        candidate = ensure_base(model)
        if settings.divergence_items:
            with cards.progress("Comparing base and candidate") as tick:
                plain = _plainly_asked(items, exam.suites, missing)
                moved = divergences(candidate, tokenizer, _drawn(plain, settings.divergence_items), progress=tick)
            _ensure_as_scored(moved, scores)
        if settings.known_items:
            asked = _choices(items, settings.known_items, embedder, missing)
            again = _asked_again(candidate, tokenizer, asked, scores)
    except NoBase as error:
        missing.append(f"base and candidate were not compared token by token, nor asked again, because {error}")
        moved = moved.clear()
    _tell(moved, again, missing)
    return _probed(moved, again, missing)


def _probed(moved: pl.DataFrame, again: pl.DataFrame, missing: Sequence[str]) -> Probed:
    return Probed(divergence=store.write_table(moved), recalled=store.write_table(again), missing=tuple(missing))


def _plainly_asked(items: pl.DataFrame, suites: Sequence[SealedSuite], missing: list[str]) -> pl.DataFrame:
    """Leave out suites that ask otherwise than in the chat template alone: here they would be other questions."""
    other = [
        one.suite.name
        for one in suites
        if one.shots or not one.is_chat or one.suite.kind not in ("completion", "text", "choice")
    ]
    missing += [f"{name}: not compared token by token, because it asks in a way of its own" for name in other]
    return items.filter(~pl.col("suite").is_in(other))


def _drawn(items: pl.DataFrame, count: int) -> pl.DataFrame:
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


def _choices(items: pl.DataFrame, count: int, embedder: ModelFiles, missing: list[str]) -> pl.DataFrame:
    """Take the exam's own multiple choice, and make some of the questions and answers that must not be forgotten."""
    own = items.filter(kind="choice").group_by("suite", maintain_order=True).head(count)
    parts = [pl.DataFrame(schema=ITEMS), own]
    for (suite,), part in items.filter(role="retention").group_by("suite", maintain_order=True):
        kind = part["kind"][0]
        if kind in ("completion", "generate"):
            made = _made(part, str(suite), count, embedder)
            parts.append(made)
            if made.is_empty():
                missing.append(f"{suite}: not asked again, because its answers are too few or too alike for options")
        elif kind == "text":
            missing.append(f"{suite}: not asked again, because its texts hold no questions")
        elif kind == "lm-eval":
            missing.append(f"{suite}: not asked again, because lm-eval asks it in a way of its own")
    return pl.concat([part.select(ITEMS.keys()) for part in parts])


def _made(part: pl.DataFrame, name: str, count: int, embedder: ModelFiles) -> pl.DataFrame:
    """Make multiple choice of a suite's items: wrong options are answers to its other questions."""
    answer = pl.struct(role=pl.lit("assistant"), content="target")
    records = part.select(
        id=pl.col("item").str.split("/").list.last(),
        messages=pl.concat_list("prompt", pl.concat_list(answer)).cast(pl.List(MESSAGE)),
        group="cluster",
    )
    suite = Suite(name=choice_of(name), role="retention", kind="choice")
    return choice_items(records, embed(part["target"], embedder), suite=suite, limit=count)


def _asked_again(
    model: "PeftModel", tokenizer: "PreTrainedTokenizerBase", items: pl.DataFrame, scores: pl.DataFrame
) -> pl.DataFrame:
    """Ask what the base answers right once more, of both; what the exam itself asked need not be asked twice."""
    right = dict(scores.select("item", pl.col("score") == 1.0).iter_rows())
    new = items.filter(~pl.col("item").is_in(list(right)))
    with cards.progress("Asking the base") as tick, model.disable_adapter():
        picked = preferred(model, tokenizer, new, progress=tick)
    right |= {item: pick == answer for item, answer, pick in zip(new["item"], new["answer"], picked, strict=True)}
    knew = [right[item] for item in items["item"]]
    known = items.filter(pl.Series(knew, dtype=pl.Boolean))
    with cards.progress("Asking the base again") as tick, model.disable_adapter():
        base = preferred(model, tokenizer, known, bare=True, progress=tick)
    with cards.progress("Asking the candidate") as tick:
        candidate = preferred(model, tokenizer, known, bare=True, progress=tick)
    return recalled(items, knew, base, candidate)


def _tell(moved: pl.DataFrame, again: pl.DataFrame, missing: Sequence[str]) -> None:
    means = moved.group_by("role", maintain_order=True).agg(pl.col("nats").mean()).iter_rows()
    told = ", ".join(f"{role} {nats:.3f}" for role, nats in means)
    if told:
        cards.say(f"moved from the base, nats per token: {told}")
    if again.height:
        known = cards.counted(int(again["knew"].sum()), "item")
        cards.say(f"{known} that the base knows asked again, {flips(again).height:,} now wrong")
    for sentence in missing:
        cards.say(sentence)
