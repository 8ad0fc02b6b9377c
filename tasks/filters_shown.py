"""Gather what the report shows of the filters that go by meaning: from the pool's attributes to plain data."""

import math
from typing import Any

import polars as pl

from quality.meaning.semantic import Semantic
from quality.records import prompt_text
from tasks.domain_line import NEAR, near_the_line
from tasks.pool import Pool
from tasks.reporting.domain import Domain, Near
from tasks.reporting.meaning import DISTRIBUTION, Meaning

_MOST_NEAR = 10


def meaning(pool: Pool, settings: Semantic) -> Meaning | None:
    """Return the threshold of semantic duplicates and what it was found on; None where none were looked for."""
    distribution, facts = pool.attribute("meaning"), pool.attribute("meaning_facts")
    if distribution is None or facts is None:
        return None
    found = facts.row(0, named=True)
    return Meaning(
        distribution.select(DISTRIBUTION.keys()).cast(pl.Schema(DISTRIBUTION)),
        threshold=found["cosine"],
        false_merges=found["false_merges"],
        most_false_merges=settings.false_merges,
        recall=None if math.isnan(found["recall"]) else found["recall"],
        least_recall=settings.recall,
    )


def domain(pool: Pool) -> Domain | None:
    """Return the domain's scores, what it makes of itself, and the rows nearest to its line; None without a domain."""
    scores, facts = pool.attribute("domain"), pool.attribute("domain_facts")
    if scores is None or facts is None:
        return None
    near = _near(pool, scores)
    shared: dict[str, Any] = {
        "written_otherwise": bool(facts["stand_ins"].any() or facts["manner_left_out"].any()),
        "borderline": near.height,
        "margin": NEAR,
        "nearest": [Near(**row) for row in near.head(_MOST_NEAR).iter_rows(named=True)],
    }
    if facts.height == 1:
        shape = facts.select("threshold", "precision", "recall", "prevalence", "auc")
        return Domain(scores=scores["score"], **shape.row(0, named=True), **shared)
    told = "; ".join(
        f"{one['domain']}: precision {one['precision']:.2f}, recall {one['recall']:.2f}, "
        f"{one['prevalence']:.0%} of the pool"
        for one in facts.iter_rows(named=True)
    )
    beyond = scores["score"] - scores["threshold"]
    method = f"any of several – {told}"
    return Domain(scores=beyond, threshold=0.0, method=method, several=True, **shared)


def _near(pool: Pool, scores: pl.DataFrame) -> pl.DataFrame:
    """List the rows that `winnow label` asks about, in its order: `id, origin, prompt, beyond`."""
    rows = pool.read()
    named = rows.select("row", "id", "origin", prompt=prompt_text(rows)).join(scores, on="row")
    return near_the_line(named).select("id", "origin", "prompt", beyond="margin")
