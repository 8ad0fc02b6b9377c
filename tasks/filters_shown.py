"""Gather what the report shows of the filters that go by meaning: from the pool's attributes to plain data."""

import math
from typing import Any

import polars as pl

from quality.domain.settings import Domain as Told
from quality.meaning.semantic import Semantic
from quality.records import prompt_text
from tasks.domain_line import NEAR, near_the_line
from tasks.keep_domain import not_told_apart
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


def domain(pool: Pool, told: Told) -> Domain | None:
    """Return the domain's scores, what it makes of itself, and the rows nearest to its line; None without a domain.

    Of a domain told by a sentence no precision and recall are known: no seed was hidden to estimate them from. Several
    are told one by one, with those that this pool does not tell apart.
    """
    scores, facts = pool.attribute("domain"), pool.attribute("domain_facts")
    if scores is None or facts is None:
        return None
    near, facts = _near(pool, scores), _with_skimming(pool, facts)
    shared: dict[str, Any] = {
        "skimmed": pool.removed().filter(pl.col("stage") == "skim").height,
        "written_otherwise": bool(facts["stand_ins"].any() or facts["manner_left_out"].any()),
        "borderline": near.height,
        "margin": NEAR,
        "nearest": [Near(**row) for row in near.head(_MOST_NEAR).iter_rows(named=True)],
    }
    sentences = {name for name, one in told.all_told.items() if one.description is not None}
    if len(told.all_told) == 1:
        one = facts.row(0, named=True)
        if one["domain"] in sentences:
            method = f"by a sentence – {_by_sentence(one)}"
            return Domain(scores=scores["score"], threshold=one["threshold"], method=method, **shared)
        shape = {key: one[key] for key in ("threshold", "precision", "recall", "prevalence", "auc")}
        return Domain(scores=scores["score"], **shape, **shared)
    each = [
        f"{one['domain']}: "
        + (
            _by_sentence(one)
            if one["domain"] in sentences
            else f"precision {one['precision']:.2f}, recall {one['recall']:.2f}, {one['prevalence']:.0%} of the pool"
        )
        for one in facts.iter_rows(named=True)
    ]
    if untold := [name for name in told.all_told if name not in set(facts["domain"])]:
        each.append(not_told_apart(untold))
    beyond = scores["score"] - scores["threshold"]
    method = f"any of several – {'; '.join(each)}"
    return Domain(scores=beyond, threshold=0.0, method=method, several=True, **shared)


def _with_skimming(pool: Pool, facts: pl.DataFrame) -> pl.DataFrame:
    """Count as lost to each domain, too, what its words did not let pass: the share of the hidden seeds."""
    skimmed = pool.attribute("skim_facts")
    if skimmed is None:
        return facts
    passed = skimmed.select("domain", passed="recall")
    both = facts.join(passed, on="domain", how="left", maintain_order="left")
    return both.with_columns(recall=pl.col("recall") * pl.col("passed").fill_null(1.0)).drop("passed")


def _by_sentence(one: dict[str, Any]) -> str:
    return (
        f"{one['prevalence']:.0%} of the pool is nearer to the sentence than to other subjects; how much of it is the "
        "domain no sentence tells"
    )


def _near(pool: Pool, scores: pl.DataFrame) -> pl.DataFrame:
    """List the rows that `winnow label` asks about, in its order: `id, origin, prompt, beyond`."""
    rows = pool.read()
    named = rows.select("row", "id", "origin", prompt=prompt_text(rows)).join(scores, on="row")
    fates = pool.removed().join(rows.select("row", "id"), on="row")
    return near_the_line(named, fates).select("id", "origin", "prompt", beyond="margin")
