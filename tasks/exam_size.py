"""Whether a suite is large enough to decide anything, told when it is sealed and again with the verdict."""

import polars as pl

FEW = 5
"""Source documents. The interval of fewer is noted as wide and rough by `evals.verdict`."""


def too_few(suite: str, items: int, clusters: int) -> str | None:
    """Say that a suite of so few items or source documents can decide next to nothing; None where it is no such suite.

    Errors are clustered by source document, and so it is documents that count: with two of them, a difference is told
    from none only where it is more than four times its own spread (t₁ at 5% is 6.3, over √2).
    """
    if clusters >= FEW:
        return None
    from_ = "one source document" if clusters == 1 else f"{clusters} source documents"
    return (
        f"{suite}: {items:,} item{'' if items == 1 else 's'} from {from_} can decide next to nothing, whatever the "
        f"verdict says; give it rows of {FEW} documents at the very least, some dozens are better"
    )


def small_suites(items: pl.DataFrame) -> list[str]:
    """Return a sentence for whatever the verdict will judge on too few items (schema `evals.items.ITEMS`).

    As in `evals.verdict`, the domain is judged on all its items together, those of multiple choice left aside where
    there are others; each retention suite on its own.
    """
    domain = items.filter(role="domain")
    graded = domain.filter(pl.col("kind") != "choice")
    judged = [domain if graded.is_empty() else graded]
    judged += items.filter(role="retention").partition_by("suite", maintain_order=True)
    told = [
        too_few(" + ".join(part["suite"].unique(maintain_order=True)), part.height, part["cluster"].n_unique())
        for part in judged
        if part.height
    ]
    return [sentence for sentence in told if sentence]
