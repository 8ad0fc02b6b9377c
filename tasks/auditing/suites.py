"""Prove that an exam asks what its recipe named: every suite, and of each the items that the draw gives.

A suite or item that is neither asked nor scored leaves no hole in exam, scores and verdict. But the recipe names the
suites, and the reserve holds whole what a suite's file held; the draw goes by ids and seed alone.
"""

from collections.abc import Mapping

import polars as pl

from evals.suites import Suite, SuiteError, draw, load_suite
from quality.auditing.audit import Proof
from tasks.exams import Exam
from tasks.named_suites import most_items, suite_name
from tasks.sealed_suites import SealedSuite, choice_of

_SUITE, _ID = r"^(.*)/[^/]*$", r"([^/]*)$"


def prove_suites(
    name: str,
    asked: Exam,
    exam: pl.DataFrame,
    reserve: pl.DataFrame,
    told: Mapping[str, SealedSuite] | None = None,
) -> list[Proof]:
    """Compare the exam's suites with those that the recipe names, and the items of each with its reserve.

    Of a domain drawn from the pool only the multiple choice is compared: rows are sealed unasked when others answer
    alike, and those may have been in the pool of an earlier run.

    Parameters
    ----------
    name : str
        The recipe's name.
    asked : Exam
        What the recipe asks of the exam.
    exam : pl.DataFrame
        Schema `evals.items.ITEMS`.
    reserve : pl.DataFrame
        `item, question, answer`.
    told : mapping of str to SealedSuite
        What a run tells of its suites, by name; a suite of a file may bring its own limit.
    """
    own = {} if asked.domain else {(asked.name or name, "domain"): ""}
    named = {(suite_name(one, role), role): one for role in ("domain", "retention") for one in getattr(asked, role)}
    wanted = own | named
    choices = {(choice_of(suite), role) for suite, role in wanted if role == "domain"} - wanted.keys()
    found = set(exam.select("suite", "role").unique().iter_rows())
    wrong = {suite for suite, _ in (wanted.keys() - found) | (found - wanted.keys() - choices)}
    kept = reserve.select(
        "item", suite=pl.col("item").str.extract(_SUITE), id=pl.col("item").str.extract(_ID)
    ).drop_nulls()
    wrong |= set(kept["suite"]) - {suite for suite, _ in wanted.keys() | choices}
    missed = [
        item
        for (suite, _), reference in named.items()
        for item in _missed(suite, _limit(suite, reference, asked, exam, told or {}), asked, exam, kept)
    ]
    whole = kept.filter(pl.col("suite").is_in([suite for suite, _ in choices]))
    missed += whole.join(exam, on="item", how="anti", maintain_order="left")["item"].to_list()
    return [
        Proof.of("the exam holds the suites that the recipe names, and no others", len(wanted), sorted(wrong)),
        Proof.of("every suite of a file or package asks the items that its draw gives", kept.height, missed),
    ]


def _limit(suite: str, reference: str, asked: Exam, exam: pl.DataFrame, told: Mapping[str, SealedSuite]) -> int:
    """Return how many items of a suite are asked; a run from before suites were told has none of a file."""
    if suite in told:
        return most_items(told[suite].suite, asked)
    shape = exam.filter(pl.col("suite") == suite).select("role", "kind").unique()
    role, kind = shape.row(0) if shape.height == 1 else ("retention", "completion")
    return most_items(Suite.model_construct(name=suite, role=role, kind=kind, limit=_own_limit(reference)), asked)


def _missed(suite: str, limit: int, asked: Exam, exam: pl.DataFrame, kept: pl.DataFrame) -> list[str]:
    """Draw a suite's items again from its reserve; name those that are asked and not drawn, or the other way round."""
    found = exam.filter(pl.col("suite") == suite)
    text = not found.filter(kind="text").is_empty()
    again = draw(kept.filter(pl.col("suite") == suite), limit, 0 if text else asked.seed)
    return sorted(set(again["item"]) ^ set(found["item"]))


def _own_limit(reference: str) -> int | None:
    """Return the limit that a suite of winnow's own brings along."""
    if not reference.startswith("suite:"):
        return None
    try:
        return load_suite(reference.removeprefix("suite:")).limit
    except SuiteError:
        return None
