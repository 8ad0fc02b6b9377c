"""Prove how the suites of an exam were asked: their digests, their examples, and the marks of written answers."""

from collections.abc import Mapping, Sequence

import polars as pl

from evals.examples import example_rows
from evals.items import questions
from evals.metrics import measure
from quality.auditing.audit import Proof
from tasks.sealed_suites import SealedSuite, pin

_NEAR = 1e-9


def prove_asking(suites: Sequence[SealedSuite], exam: pl.DataFrame, reserve: pl.DataFrame) -> list[Proof]:
    """Compare every suite with its digest, and its examples with what is asked and kept out of training.

    Parameters
    ----------
    suites : sequence of SealedSuite
        As the run tells them.
    exam : pl.DataFrame
        Schema `evals.items.ITEMS`.
    reserve : pl.DataFrame
        `item, question, answer`.
    """
    told = [one.suite.name for one in suites]
    asked = exam["suite"].unique(maintain_order=True).to_list()
    wrong = sorted(set(asked) ^ set(told)) + [name for name in set(told) if told.count(name) > 1]
    wrong += [
        one.suite.name for one in suites if pin(one.suite, one.shots, exam.filter(suite=one.suite.name)) != one.digest
    ]
    shown = [example_rows(one.shots, suite=one.suite) for one in suites if one.shots]
    proofs = [Proof.of("every suite is told, and is the one that its digest pins", len(asked), wrong)]
    if shown:
        proofs.append(_shown(shown, exam, reserve))
    return proofs


def _shown(shown: list[pl.DataFrame], exam: pl.DataFrame, reserve: pl.DataFrame) -> Proof:
    """Look for examples whose document is asked, and for those that no training row was compared with."""
    examples = pl.concat(shown)
    asked = examples.join(exam, on=["suite", "cluster"], how="semi")["item"]
    loose = questions(examples).join(reserve, on=["item", "question"], how="anti", nulls_equal=True)["item"]
    claim = "no worked example is of a document that is asked, and all are in the reserve"
    return Proof.of(claim, examples.height, [*asked, *loose])


ANSWERED = "every answer that is kept is one of base or candidate, to an item that it was asked"


def prove_answers(asked: Mapping[str, pl.DataFrame], answers: pl.DataFrame) -> Proof:
    """Look for answers of another model, or to what it was not asked (`asked`, items by model), or given twice."""
    known = pl.concat(items.select("item", model=pl.lit(model)) for model, items in asked.items())
    strange = answers.join(known, on=["item", "model"], how="anti", maintain_order="left")
    twice = answers.filter(answers.select("item", "model").is_duplicated())
    return Proof.of(ANSWERED, answers.height, [*strange["item"], *twice["item"].unique(maintain_order=True)])


def prove_written(
    suites: Mapping[str, SealedSuite], exam: pl.DataFrame, scores: pl.DataFrame, answers: pl.DataFrame
) -> Proof | None:
    """Mark the answers of generate items again; None where there are no such items."""
    written = scores.join(exam.filter(kind="generate").select("item", "target"), on="item", maintain_order="left")
    if written.is_empty():
        return None
    claim = "every score of a written answer is what its suite's metric gives that answer"
    both = written.join(answers.unique(["item", "model"]), on=["item", "model"], how="left", maintain_order="left")
    wrong = []
    for part in both.partition_by("suite", maintain_order=True):
        metric = suites[part["suite"][0]].suite.metric if part["suite"][0] in suites else None
        if metric is None or metric == "acc" or metric == "acc_norm" or part["answer"].has_nulls():
            wrong += part["item"].to_list()
            continue
        again = pl.Series(measure(metric, part["answer"].to_list(), part["target"].to_list()), dtype=pl.Float64)
        off = (again - part["score"]).abs() > _NEAR
        wrong += part.filter(off).select(pl.format("{} ({})", "item", "model")).to_series().to_list()
    return Proof.of(claim, written.height, wrong)
