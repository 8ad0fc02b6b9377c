"""Name the items that the model's chat template refuses, by model and suite: nobody is scored on them."""

from collections.abc import Collection, Mapping

import polars as pl

from tasks import store
from tasks.examine import Scores
from tasks.exams import SealedExam
from tasks.repair import Tried


def refused_facts(
    exam: SealedExam, before: Scores, after: Scores, tried: Tried | None = None
) -> dict[str, dict[str, list[str]]]:
    """Return what a manifest says of them: of base and candidate, and of the validation items of a repair."""
    items = store.read_table(exam.items)
    found = {"base": by_suite(items, before.refused), "candidate": by_suite(items, after.refused)}
    if tried is not None:
        found["validation"] = by_suite(store.read_table(tried.items), tried.refused)
    return found


def by_suite(items: pl.DataFrame, refused: Collection[str]) -> dict[str, list[str]]:
    """Return those items by suite, in the order of `items` (schema `evals.items.ITEMS`)."""
    rows = items.filter(pl.col("item").is_in(list(refused))).select("suite", "item")
    found: Mapping[tuple[object, ...], pl.DataFrame] = rows.partition_by("suite", as_dict=True, maintain_order=True)
    return {str(suite): part["item"].to_list() for (suite,), part in found.items()}
