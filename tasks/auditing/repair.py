"""Prove a repair: that it was tried where it had to be, on items that are no exam items, and what came of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from evals.champion import predecessors
from evals.items import questions
from evals.repairing import UNSCALED, Look, Repair, chosen, look, name_at, needs_repair, scales
from evals.suites import draw
from evals.units import Unit
from evals.verdict import Gate, Verdict
from quality.auditing.audit import Proof
from tasks import run_files, run_settings
from tasks.auditing.comparing import alike
from tasks.auditing.refused import impossible, refused, without
from tasks.auditing.sitting import again
from tasks.auditing.steps import DOCUMENTS
from tasks.exams import unexamined
from tasks.repair import manifest_facts
from tasks.sealed_suites import SealedSuite, margins_of, units_of
from tasks.validation_items import DOMAIN, KEY, validation_items, validation_suite

_ID = r"([^/]*)$"


@dataclass(frozen=True)
class _Looked:
    """What a run's exam, gate and scores say: of its candidate, and of the look that does not count."""

    gate: Gate
    exam: pl.DataFrame
    scores: pl.DataFrame
    unsure: tuple[str, ...]
    said: Repair | None
    verdict: Verdict | None
    asked: SealedSuite | None
    units: Mapping[str, Unit]
    folder: Path

    def judged(self, candidate: str, told: Verdict | None) -> Verdict:
        """Judge a look again, beside the models that it was judged beside."""
        _, found = again(
            self.scores,
            self.exam,
            self.gate,
            candidate=candidate,
            unsure=self.unsure,
            predecessors=predecessors(told) if told else (),
            units=self.units,
        )
        missing = unexamined(self.exam, run_settings.exam_settings(self.folder))
        return found.model_copy(update={"unexamined": missing, "cut": told.cut if told else ()})

    def of(self, scale: float) -> Verdict:
        """Judge the adapter at a scale; of both looks, the one that does not count has its scale in its name."""
        named = name_at(scale)
        told = self.verdict if self.said is None else self.said.unscaled if scale == UNSCALED else self.said.scaled
        return self.judged(named if named in self.scores["model"] else "candidate", told)


def prove_repair(folder: Path, facts: Mapping[str, Any], validation: pl.DataFrame) -> list[Proof]:
    """Check the repair of a run that judged; `validation` are its validation rows.

    Raises
    ------
    DamagedRun
        When a file that this takes can't be read.
    """
    gate, said = run_settings.gate(folder), run_files.repair(folder)
    if gate is None:
        return []
    verdict, sealed = run_files.verdict(folder), run_files.suites(folder) or []
    own = validation_suite(sealed)
    suites = [*sealed, *([own] if own else [])]
    gate = gate.beside(margins_of(suites))
    looked = _Looked(
        gate,
        run_files.exam(folder),
        run_files.scores(folder),
        run_files.unsure(folder),
        said,
        verdict,
        own,
        units_of(suites),
        folder,
    )
    try:
        first = looked.of(UNSCALED)
        asked = _asked(needs_repair(first, gate), said)
        if said is None:
            return [asked]
        items, scores = run_files.repair_items(folder), run_files.repair_scores(folder)
        made = _made(said, looked, items, scores, validation)
        return [
            asked,
            _own(made.items, items, validation, looked),
            _fresh(items, looked, run_files.reserve(folder)),
            _complete(items, scores, made.repair, facts),
            _same(said, made.repair, facts),
        ]
    except ValueError as error:
        return [Proof("the repair can be judged again", 1, 1, (str(error),))]


def _asked(needed: bool, said: Repair | None) -> Proof:
    wrong = [] if needed == (said is not None) else ["repair/" if said is None else "repair/, which nothing asked for"]
    return Proof.of("a smaller scale was tried where gain and forgetting ask for it, and nowhere else", 1, wrong)


@dataclass(frozen=True)
class _Made:
    """What validation rows, scores and gate lead to."""

    repair: Repair
    items: pl.DataFrame


def _made(said: Repair, looked: _Looked, items: pl.DataFrame, scores: pl.DataFrame, validation: pl.DataFrame) -> _Made:
    documents = run_files.attribute(looked.folder, "documents", DOCUMENTS)
    spare = items.filter(role="retention")
    made, unvalidated = validation_items(
        looked.exam,
        spare,
        validation,
        pl.DataFrame(schema=KEY) if documents is None else documents,
        looked.asked,
    )
    told = {one.suite: one for one in said.unvalidated}  # how few documents a suite had, its items no longer tell
    unvalidated = tuple(told.get(one.suite, one) if one.suite != DOMAIN else one for one in unvalidated)
    looks = tuple(_looks(looked, scores)) if DOMAIN not in {one.suite for one in unvalidated} else ()
    scale = chosen(looks)
    return _Made(
        Repair(
            unscaled=looked.of(UNSCALED),
            unvalidated=unvalidated,
            validation=looks,
            scale=scale,
            scaled=None if scale is None else looked.of(scale),
        ),
        made,
    )


def _looks(looked: _Looked, scores: pl.DataFrame) -> Iterator[Look]:
    """Try the scales again, until one passes."""
    for scale in scales(looked.gate):
        found = look(scores, looked.gate, scale, looked.units)
        yield found
        if found.verdict.decision == "SHIP":
            return


def _own(made: pl.DataFrame, items: pl.DataFrame, validation: pl.DataFrame, looked: _Looked) -> Proof:
    """Compare the domain's validation items with those that the validation rows make."""
    one, other = (frame.filter(suite=DOMAIN) for frame in (made, items))
    wrong = [] if one.equals(other) else sorted({*one["item"]} ^ {*other["item"]}) or [DOMAIN]
    return Proof.of("the domain's validation items are the validation rows, as its draw gives them", one.height, wrong)


def _fresh(items: pl.DataFrame, looked: _Looked, reserve: pl.DataFrame) -> Proof:
    """Look for retention items that the exam asks, that might be trained on, or that are not the next of the draw."""
    found = items.filter(pl.col("suite") != DOMAIN)
    kept = questions(found).join(reserve, on=["item", "question"], how="semi", nulls_equal=True)
    wrong = set(found["item"]) - set(kept["item"]) | set(found["item"]) & set(looked.exam["item"])
    wrong |= set(found.join(looked.exam, on="cluster", how="semi")["item"])
    seed = run_settings.exam_settings(looked.folder).seed
    for suite, part in found.partition_by("suite", as_dict=True).items():
        asked = looked.exam.filter(suite=suite[0])
        own = reserve.filter(pl.col("item").str.starts_with(f"{suite[0]}/")).with_columns(
            id=pl.col("item").str.extract(_ID)
        )
        text = not asked.filter(kind="text").is_empty()
        drawn = draw(own, 2 * asked.height, 0 if text else seed)["item"]
        wrong |= set(part["item"]) - set(drawn)
    claim = "validation items of retention suites are none of the exam's, come next in its draw, and are in its reserve"
    return Proof.of(claim, found.height, sorted(wrong))


def _complete(items: pl.DataFrame, scores: pl.DataFrame, made: Repair, facts: Mapping[str, Any]) -> Proof:
    named = refused(facts).get("validation")
    strange = [] if named is None else impossible(named, items)
    items = without(items, facts, "validation")
    tried = ["base", *(name_at(one.scale) for one in made.validation)] if made.validation else []
    asked = items.select("suite", "role", "item", "cluster").join(pl.DataFrame({"model": tried}), how="cross")
    asked = asked.with_columns(pl.col("model").cast(pl.String))
    scored = scores.select(asked.columns)
    lacking = asked.join(scored, on=asked.columns, how="anti", nulls_equal=True)
    beside = scored.join(asked, on=asked.columns, how="anti", nulls_equal=True)
    twice = scored.filter(scored.is_duplicated())
    claim = "base and candidate, at every scale tried, were scored on every validation item, and on no other"
    return Proof.of(claim, asked.height, [*pl.concat([lacking, beside, twice])["item"], *strange])


def _same(said: Repair, made: Repair, facts: Mapping[str, Any]) -> Proof:
    one, other = made.model_dump(), said.model_dump()
    wrong = [key for key in one if not alike(one[key], other[key])]
    if facts.get("repair") != manifest_facts(made):
        wrong.append("the manifest's account of it")
    claim = (
        "the scale is the largest that passes on the validation items, and the exam's answer is what its scores give"
    )
    return Proof.of(claim, 1 + len(one), wrong)
