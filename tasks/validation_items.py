"""Items to choose by before the exam is looked at again: none is an exam item, and none was trained on."""

from collections.abc import Sequence

import polars as pl

from evals.items import ITEMS
from evals.suites import Suite, items_from_records
from evals.units import judged_first
from evals.verdict import Unexamined
from tasks.exam_size import FEW
from tasks.sealed_suites import SealedSuite

DOMAIN = "the validation rows"
"""Name of the suite that they make."""

_NO_ROWS = "the exam judges the gain by what no row can be asked: options, or a task of lm-evaluation-harness"

KEY = {"id": pl.String(), "origin": pl.String(), "group": pl.String()}


def validation_suite(suites: Sequence[SealedSuite]) -> SealedSuite | None:
    """Return how validation rows are asked: as the suite that the exam judges the gain on, where it asks such rows.

    None where the gain is of options, or of a task of lm-evaluation-harness, which no row can be made into.
    """
    domain = [one for one in suites if one.suite.role == "domain"]
    graded = judged_first(domain, [one.suite.unit for one in domain])
    asked = [one for one in graded if one.suite.kind in ("completion", "generate", "text")]
    if graded and not asked:
        return None
    plain = Suite(name=DOMAIN, role="domain", kind="completion")
    if not asked or asked[0].suite.kind == "text":
        return SealedSuite(suite=plain, digest="")
    own: dict[str, object] = {"name": DOMAIN, "source": {}, "limit": None, "margin": None, "cluster": None}
    return SealedSuite(suite=asked[0].suite.model_copy(update=own), shots=asked[0].shots, digest="")


def validation_items(
    exam: pl.DataFrame,
    spare: pl.DataFrame | None,
    rows: pl.DataFrame,
    documents: pl.DataFrame,
    asked: SealedSuite | None,
) -> tuple[pl.DataFrame, tuple[Unexamined, ...]]:
    """Return the items, and which suites have too few source documents to say anything of them.

    Parameters
    ----------
    exam
        The exam's items, schema `evals.items.ITEMS`; a validation suite holds no more than the exam's.
    spare
        What comes behind them in the draw of each retention suite; None where the exam was sealed without.
    rows
        The validation rows (`id, messages, origin`), which are items of the domain.
    documents
        The document (`group`) of each row, by `id` and `origin`; rows that are not in it are documents of their own.
    asked
        How the validation rows are asked, as of `validation_suite`.
    """
    suite = Suite(name=DOMAIN, role="domain", kind="completion") if asked is None else asked.suite
    groups = documents.select(KEY.keys()).unique(["id", "origin"])
    written = exam.filter((pl.col("role") == "domain") & (pl.col("kind") != "choice")).height
    own = items_from_records(
        rows.join(groups, on=["id", "origin"], how="left", maintain_order="left"),
        suite=suite,
        limit=max(written, FEW),
    )
    if asked is None:
        own = own.clear()
    suites = exam.filter(role="retention")["suite"].unique(maintain_order=True)
    fresh = own.clear() if spare is None else spare
    parts = {DOMAIN: own, **{name: fresh.filter(suite=name) for name in suites}}
    few = {name: part["cluster"].n_unique() for name, part in parts.items() if part["cluster"].n_unique() < FEW}
    kept = [part for name, part in parts.items() if name not in few]
    return (
        pl.concat([pl.DataFrame(schema=ITEMS), *kept]),
        tuple(
            Unexamined(suite=name, reason=_NO_ROWS if name == DOMAIN and asked is None else _reason(name, count))
            for name, count in few.items()
        ),
    )


def _reason(suite: str, documents: int) -> str:
    count = "no document" if not documents else "only 1 document" if documents == 1 else f"only {documents} documents"
    where = "is held back for validation" if suite == DOMAIN else "of its source is left beside the exam's"
    return f"{count} {where if documents < 2 else where.replace('is ', 'are ', 1)}, and {FEW} are needed"
