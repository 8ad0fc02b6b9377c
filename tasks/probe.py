"""Probe the candidate beside the exam: what it no longer knows, next to how far it moved from the base.

Both explain a verdict and decide nothing. The base is the candidate with its adapter switched off.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from evals.choices import choice_items
from evals.divergence import NoBase, ensure_base
from evals.items import ITEMS, MESSAGE
from evals.recall import RECALLED, flips, preferred, recalled
from evals.suites import Suite
from tasks import cards, store
from tasks.caching import plain, step
from tasks.early_warning import Moved, early_warning
from tasks.examine import Scores, loaded
from tasks.exams import SealedExam
from tasks.keep_domain import embed
from tasks.models import ModelFiles, measured_by
from tasks.reporting.text import counted
from tasks.sealed_suites import choice_of

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

    from evals.adapters import Adapted


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


@step(name="probe", beside=measured_by)
def probe(
    exam: SealedExam,
    before: Scores,
    base: ModelFiles,
    adapter: store.Folder,
    embedder: ModelFiles,
    moved: Moved,
    settings: Probe,
    threads: int | None = None,
) -> Probed:
    """Ask a candidate once more what its base knew, next to how far it moved (`moved`, as `early_warning` found it).

    Where the adapter was turned down since then, how far it moved is measured anew.
    """
    if moved.adapter != adapter.digest:
        moved = plain(early_warning)(exam, before, base, adapter, settings.divergence_items, threads)
    items, scores = store.read_table(exam.items), store.read_table(before.scores)
    again = pl.DataFrame(schema=RECALLED)
    missing, no_base = list(moved.missing), moved.no_base
    if settings.known_items and not no_base:
        model, tokenizer = loaded(base, adapter, threads)
        try:
            candidate = ensure_base(model)
        except NoBase as error:
            no_base = str(error)
        else:
            asked = _choices(items, settings.known_items, embedder, missing)
            again = _asked_again(candidate, tokenizer, asked, scores)
    if no_base:
        missing.append(f"base and candidate were not compared token by token, nor asked again, because {no_base}")
    _tell(again, missing, settings.known_items)
    return Probed(divergence=moved.divergence, recalled=store.write_table(again), missing=tuple(missing))


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
    model: "Adapted", tokenizer: "PreTrainedTokenizerBase", items: pl.DataFrame, scores: pl.DataFrame
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


def _tell(again: pl.DataFrame, missing: Sequence[str], wanted: int) -> None:
    if again.height:
        known = counted(int(again["knew"].sum()), "item")
        cards.say(f"{known} that the base knows asked again, {flips(again).height:,} now wrong")
    for sentence in missing:
        cards.say(sentence)
    if again.is_empty() and not missing:
        cards.say("no question to ask again" if wanted else "nothing to ask again: probe.known_items is 0")
