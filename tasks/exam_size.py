"""Whether a suite is large enough to decide anything, told when it is sealed and again with the verdict."""

from collections.abc import Mapping

import polars as pl

from evals.power import LEAST_CLUSTERS
from evals.units import Unit, judged_first, unit_of

FEW = LEAST_CLUSTERS
"""Source documents. Fewer decide nothing (`evals.judging`)."""


def too_few(suite: str, items: int, clusters: int) -> str | None:
    """Say that a suite of so few items or source documents decides nothing; None where it is no such suite.

    Errors are clustered by source document, and so it is documents that count. Fewer than five stay undecided
    (`evals.judging`): two that happen to agree would pass for certainty, and else two tell a difference from none only
    where it is more than four times its own spread (t₁ at 5% is 6.3, over √2).
    """
    if clusters >= FEW:
        return None
    from_ = "one source document" if clusters == 1 else f"{clusters} source documents"
    count = "1 item" if items == 1 else f"{items:,} items"
    is_, leaves = ("is", "leaves") if items == 1 else ("are", "leave")
    return (
        f"{suite}: {count} from {from_} {is_} too few to decide anything, and "
        f"{leaves} the verdict inconclusive; give it rows of {FEW} documents at the very least, some dozens are better"
    )


def small_suites(items: pl.DataFrame, units: Mapping[str, Unit] | None = None) -> list[str]:
    """Return a sentence for whatever the verdict will judge on too few items (schema `evals.items.ITEMS`).

    As in `evals.judging`, the domain is judged on all its items of the first unit together; each retention suite on its
    own.
    """
    domain = items.filter(role="domain").partition_by("suite", maintain_order=True)
    of = [(units or {}).get(part["suite"][0]) or unit_of(part["kind"][0]) for part in domain]
    graded = judged_first(domain, of)
    judged = [pl.concat(graded)] if graded else []
    judged += items.filter(role="retention").partition_by("suite", maintain_order=True)
    told = [
        too_few(" + ".join(part["suite"].unique(maintain_order=True)), part.height, part["cluster"].n_unique())
        for part in judged
        if part.height
    ]
    return [sentence for sentence in told if sentence]
