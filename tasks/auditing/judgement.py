"""Compare a run's scores and verdict with its exam and its recipe: what was asked, answered and made of the answers."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from evals.judging import judge
from evals.verdict import Gate, Verdict
from quality.auditing.audit import Proof
from tasks.auditing.suites import prove_suites
from tasks.exams import Exam, unexamined


@dataclass(frozen=True)
class Told:
    """What the files of a run say, beside its manifest.

    `asked` is what the recipe asks of the exam; `gate`, `verdict` and `scores` are of a run that judged, `unsure` names
    the items that its training rows may give away.
    """

    receipts: pl.DataFrame
    train: int
    validation: int
    exam: pl.DataFrame
    asked: Exam
    reserve: pl.DataFrame
    recipe: Mapping[str, Any]
    contract: object
    gate: Gate | None
    verdict: Verdict | None
    scores: pl.DataFrame | None
    unsure: tuple[str, ...] = ()


def prove_judged(told: Told) -> list[Proof]:
    """Check size and scores of the exam, and judge the scores again; a run that judged nothing has an exam alone."""
    judged = [] if told.verdict is None else [_examined(told), _possible(told), _verdict(told, told.verdict)]
    suites = prove_suites(str(told.recipe.get("name")), told.asked, told.exam, told.reserve)
    return [*suites, _sized(told), *judged]


def _sized(told: Told) -> Proof:
    """Compare the exam's size with the recipe's; suites of retention may bring their own."""
    most = pl.when(pl.col("kind") == "choice").then(told.asked.choice_items).otherwise(told.asked.domain_items)
    sizes = told.exam.filter(role="domain").group_by("suite", "kind", maintain_order=True).len()
    wrong = sizes.filter(pl.col("len") > most)["suite"]
    return Proof.of("no suite of the domain holds more items than the recipe asks for", sizes.height, wrong)


def _examined(told: Told) -> Proof:
    """Compare what was scored with the exam: a suite or item left out might have decided otherwise."""
    claim = "base and candidate were scored on every item of the exam, and on no other"
    if told.scores is None:
        return Proof(claim, 1, 1, ("there are no scores",))
    asked = told.exam.select("suite", "role", "item", "cluster").join(
        pl.DataFrame({"model": ["base", "candidate"]}), how="cross"
    )
    scored = told.scores.select(asked.columns)
    lacking = asked.join(scored, on=asked.columns, how="anti", nulls_equal=True)
    beside = scored.join(asked, on=asked.columns, how="anti", nulls_equal=True)
    twice = scored.filter(scored.is_duplicated())
    return Proof.of(claim, asked.height, pl.concat([lacking, beside, twice])["item"])


def _possible(told: Told) -> Proof:
    """Compare scores with what their items can give: right or wrong, or minus some bits per byte."""
    claim = "every score is one that its kind of item can have"
    if told.scores is None:
        return Proof(claim, 1, 1, ("there are no scores",))
    kinds = told.exam.select("item", "kind").unique("item")
    found = told.scores.join(kinds, on="item", how="left", maintain_order="left")
    score, right = pl.col("score"), pl.col("score").is_in([0.0, 1.0])
    possible = pl.when(pl.col("kind") == "choice").then(right).otherwise(score.is_finite() & (score <= 0))
    wrong = found.filter(~possible.fill_null(value=False))
    return Proof.of(claim, found.height, wrong.select(pl.format("{} ({})", "item", "model")).to_series())


def _verdict(told: Told, verdict: Verdict) -> Proof:
    claim = "the verdict is what the scores and the recipe's gate give"
    if told.scores is None or told.gate is None:
        return Proof(claim, 1, 1, ("there are no scores, or the recipe has no gate",))
    try:
        missing = unexamined(told.exam, told.asked)
        again = judge(told.scores, told.gate, unsure=told.unsure).model_copy(update={"unexamined": missing})
    except ValueError as error:
        return Proof(claim, 1, 1, (str(error),))
    one, other = again.model_dump(), verdict.model_dump()
    return Proof.of(claim, told.scores.height, [key for key in one if not alike(one[key], other[key])])


def alike(one: object, other: object) -> bool:
    """Compare two values, numbers as near as another machine's sums come."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(alike(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(alike, one, other))
    if isinstance(one, float) and isinstance(other, float):
        return one == other or math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)
    return one == other
