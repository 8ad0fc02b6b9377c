"""Items to choose by before the exam is looked at again: none is an exam item, and none was trained on."""

import polars as pl

from evals.items import ITEMS
from evals.suites import Suite, items_from_records
from evals.verdict import Unexamined
from tasks.exam_size import FEW

DOMAIN = "the validation rows"
"""Name of the suite that they make."""

KEY = {"id": pl.String(), "origin": pl.String(), "group": pl.String()}


def validation_items(
    exam: pl.DataFrame, spare: pl.DataFrame | None, rows: pl.DataFrame, documents: pl.DataFrame
) -> tuple[pl.DataFrame, tuple[Unexamined, ...]]:
    """Return the items, and which suites have too few source documents to say anything of them.

    Parameters
    ----------
    exam
        The exam's items, schema `evals.items.ITEMS`; a validation suite holds no more than the exam's.
    spare
        What comes behind them in the draw of each retention suite; None where the exam was sealed without.
    rows
        The validation rows (`id, messages, origin`), which are asked as completions of the domain.
    documents
        The document (`group`) of each row, by `id` and `origin`; rows that are not in it are documents of their own.
    """
    groups = documents.select(KEY.keys()).unique(["id", "origin"])
    written = exam.filter((pl.col("role") == "domain") & (pl.col("kind") != "choice")).height
    own = items_from_records(
        rows.join(groups, on=["id", "origin"], how="left", maintain_order="left"),
        suite=Suite(name=DOMAIN, role="domain", kind="completion"),
        limit=max(written, FEW),
    )
    suites = exam.filter(role="retention")["suite"].unique(maintain_order=True)
    fresh = own.clear() if spare is None else spare
    parts = {DOMAIN: own, **{suite: fresh.filter(suite=suite) for suite in suites}}
    few = {suite: part["cluster"].n_unique() for suite, part in parts.items() if part["cluster"].n_unique() < FEW}
    kept = [part for suite, part in parts.items() if suite not in few]
    return (
        pl.concat([pl.DataFrame(schema=ITEMS), *kept]),
        tuple(Unexamined(suite=suite, reason=_reason(suite, count)) for suite, count in few.items()),
    )


def _reason(suite: str, documents: int) -> str:
    count = "no document" if not documents else "only 1 document" if documents == 1 else f"only {documents} documents"
    where = "is held back for validation" if suite == DOMAIN else "of its source is left beside the exam's"
    return f"{count} {where if documents < 2 else where.replace('is ', 'are ', 1)}, and {FEW} are needed"
