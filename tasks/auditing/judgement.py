"""Compare a run's scores and verdict with its exam and its recipe: what was asked, answered and made of the answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from evals.champion import predecessors
from evals.repairing import UNSCALED, Repair, at_scale, explained, name_at
from evals.sitting import Sitting
from evals.unrepaired import ELSEWHERE
from evals.verdict import Gate, Verdict
from quality.auditing.audit import Proof
from tasks.auditing.asking import ANSWERED, prove_answers, prove_asking, prove_written
from tasks.auditing.comparing import alike
from tasks.auditing.refused import prove_refused, without
from tasks.auditing.sitting import again
from tasks.auditing.suites import prove_suites
from tasks.exams import Exam, unexamined
from tasks.named_suites import most_items
from tasks.reporting.mending import Mending
from tasks.sealed_suites import SealedSuite, margins_of, units_of


@dataclass(frozen=True)
class Told:
    """What the files of a run say, beside its manifest.

    `asked` is what the recipe asks of the exam; `gate`, `verdict` and `scores` are of a run that judged, `unsure` names
    the items that its training rows may give away, `repair` tells how a smaller scale was tried, if one was, `suites`
    how they were asked (None in a run from before that was told), `answers` what was answered in own words,
    `mending` what was mended while rows were read, `alone` whether the adapter was trained elsewhere; `manifest` names
    the items that the chat template refused.
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
    repair: Repair | None = None
    suites: list[SealedSuite] | None = None
    answers: pl.DataFrame | None = None
    mending: Mending | None = None
    alone: bool = False
    manifest: Mapping[str, Any] = field(default_factory=dict)

    @property
    def models(self) -> list[str]:
        """Who was scored: base, candidate, and the candidate at the scale that does not count."""
        tried = None if self.repair is None or self.repair.scaled is None else self.repair.scale
        if tried is None or self.repair is None:
            return ["base", "candidate"]
        return ["base", "candidate", name_at(UNSCALED if self.repair.accepted else tried)]

    def sat(self, candidate: str, verdict: Verdict) -> tuple[Sitting, Verdict]:
        """Let a candidate sit the exam again, beside those that its verdict names; the run has scores and a gate."""
        if self.scores is None or self.gate is None:
            raise ValueError("there are no scores, or the recipe has no gate")
        gate, units = self.gate.beside(margins_of(self.suites or ())), units_of(self.suites or ())
        earlier = predecessors(verdict)
        return again(
            self.scores, self.exam, gate, candidate=candidate, unsure=self.unsure, predecessors=earlier, units=units
        )

    @property
    def by_name(self) -> dict[str, SealedSuite]:
        """The suites, by name."""
        return {one.suite.name: one for one in self.suites or ()}


def prove_judged(told: Told) -> list[Proof]:
    """Check size and scores of the exam, and judge the scores again; a run that judged nothing has an exam alone."""
    verdict = told.verdict
    judged = (
        []
        if verdict is None
        else [_examined(told, verdict), prove_possible(told.scores, told.exam, told.by_name), _verdict(told, verdict)]
    )
    if verdict is not None and told.scores is not None and told.gate is not None:
        looked = verdict
        judged += prove_refused(
            told.manifest, told.exam, told.by_name, lambda items: told.sat("candidate", looked)[0].asked(items)
        )
    if verdict is not None and told.scores is not None and told.answers is not None:
        judged.append(_answered(told, verdict, told.answers))
        written = prove_written(told.by_name, told.exam, told.scores, told.answers)
        judged += [] if written is None else [written]
    suites = prove_suites(str(told.recipe.get("name")), told.asked, told.exam, told.reserve, told.by_name)
    asking = [] if told.suites is None else prove_asking(told.suites, told.exam, told.reserve)
    return [*suites, *asking, _sized(told), *judged]


def _sized(told: Told) -> Proof:
    """Compare the exam's size with the recipe's; suites of retention, and of files, may bring their own."""
    own = {name: most_items(one.suite, told.asked) for name, one in told.by_name.items() if one.request}
    most = pl.when(pl.col("kind") == "choice").then(told.asked.choice_items).otherwise(told.asked.domain_items)
    allowed = pl.coalesce(pl.col("suite").replace_strict(own, default=None, return_dtype=pl.Int64), most)
    sizes = told.exam.filter(role="domain").group_by("suite", "kind", maintain_order=True).len()
    wrong = sizes.filter(pl.col("len") > allowed)["suite"]
    return Proof.of("no suite of the domain holds more items than the recipe asks for", sizes.height, wrong)


def _examined(told: Told, verdict: Verdict) -> Proof:
    """Compare what was scored with the exam: a suite or item left out might have decided otherwise."""
    looks = [verdict, *((told.repair.unscaled, told.repair.scaled) if told.repair else ())]
    known = [one.model for look in looks if look for one in predecessors(look) if not one.missing]
    earlier = list(dict.fromkeys(known))
    claim = "base and candidate were scored on every item that the exam had to ask them, and on no other"
    if earlier:
        claim = claim.replace("base and candidate", "base, candidate and what came before")
    if told.scores is None:
        return Proof(claim, 1, 1, ("there are no scores",))
    try:
        asked = pl.concat(_asked(told, model, verdict) for model in (*told.models, *earlier))
    except ValueError as error:
        return Proof(claim, 1, 1, (str(error),))
    scored = told.scores.select(asked.columns)
    lacking = asked.join(scored, on=asked.columns, how="anti", nulls_equal=True)
    beside = scored.join(asked, on=asked.columns, how="anti", nulls_equal=True)
    twice = scored.filter(scored.is_duplicated())
    return Proof.of(claim, asked.height, pl.concat([lacking, beside, twice])["item"])


def _answered(told: Told, verdict: Verdict, answers: pl.DataFrame) -> Proof:
    try:
        asked = {model: _asked(told, model, verdict) for model in ("base", "candidate")}
    except ValueError as error:
        return Proof(ANSWERED, 1, 1, (str(error),))
    return prove_answers(asked, answers)


def _asked(told: Told, model: str, verdict: Verdict) -> pl.DataFrame:
    """Return what a model had to be scored on: a candidate until its verdict stood, every other model all.

    What is said to be refused by the chat template is left out: `tasks.auditing.gaps` tells that it is not proven.
    """
    items = without(told.exam, told.manifest).select("suite", "role", "item", "cluster", model=pl.lit(model))
    if told.gate is None or told.scores is None or not model.startswith("candidate"):
        return items
    looked = verdict
    if model != "candidate" and told.repair is not None:
        looked = (told.repair.unscaled if told.repair.accepted else told.repair.scaled) or verdict
    return told.sat(model, looked)[0].asked(items)


def prove_possible(scores: pl.DataFrame | None, exam: pl.DataFrame, suites: Mapping[str, SealedSuite]) -> Proof:
    """Compare scores with what their items can give: right or wrong, minus some bits per byte, or 0 to 1.

    Of a task of lm-evaluation-harness it is only known that it is a number: its metric may be any.

    Parameters
    ----------
    scores : pl.DataFrame
        `item, suite, model, score`; None where there are none.
    exam : pl.DataFrame
        Schema `evals.items.ITEMS`.
    suites : mapping of str to SealedSuite
        How they were asked, by name.
    """
    claim = "every score is one that its kind of item can have"
    if scores is None:
        return Proof(claim, 1, 1, ("there are no scores",))
    kinds = exam.select("item", "kind").unique("item")
    found = scores.join(kinds, on="item", how="left", maintain_order="left")
    score, right = pl.col("score"), pl.col("score").is_in([0.0, 1.0])
    exact = [name for name, one in suites.items() if one.suite.metric == "exact_match"]
    possible = (
        pl.when((pl.col("kind") == "choice") | pl.col("suite").is_in(exact))
        .then(right)
        .when(pl.col("kind") == "generate")
        .then(score.is_between(0, 1))
        .when(pl.col("kind") == "lm-eval")
        .then(score.is_finite())
        .otherwise(score.is_finite() & (score <= 0))
    )
    wrong = found.filter(~possible.fill_null(value=False))
    return Proof.of(claim, found.height, wrong.select(pl.format("{} ({})", "item", "model")).to_series())


def _verdict(told: Told, verdict: Verdict) -> Proof:
    claim = "the verdict is what the scores and the recipe's gate give"
    if told.scores is None or told.gate is None:
        return Proof(claim, 1, 1, ("there are no scores, or the recipe has no gate",))
    try:
        missing = unexamined(told.exam, told.asked)
        # What was cut at the model's context takes the model to prove: see `tasks.auditing.gaps`.
        beside = {"unexamined": missing, "cut": verdict.cut}
        found = told.sat("candidate", verdict)[1].model_copy(update=beside)
        if told.repair is None:
            found = explained(found, told.gate, ELSEWHERE if told.alone else None)
        elif told.repair.accepted:
            found = at_scale(found, told.repair.scale or UNSCALED)
        else:
            found = found.model_copy(update={"unrepaired": told.repair.unrepaired})
    except ValueError as error:
        return Proof(claim, 1, 1, (str(error),))
    one, other = found.model_dump(), verdict.model_dump()
    return Proof.of(claim, told.scores.height, [key for key in one if not alike(one[key], other[key])])
