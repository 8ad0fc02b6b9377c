"""Suites in bits per byte as one corpus each: the bits of all texts over the bytes of all.

The verdict goes by the mean over items, in which a line of verse weighs as much as a chapter, since only means over
items have the bounds that it needs. lm-evaluation-harness prints bits per byte of the corpus; whoever compares with it
finds that number here, with bounds by cluster bootstrap (`evals.bootstrap`). It decides nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from evals.bootstrap import compare_corpora
from evals.verdict import Lower, Upper

if TYPE_CHECKING:
    import numpy.typing as npt

_IN_BITS = ("completion", "text")


class CorpusLine(BaseModel):
    """A suite as one corpus: bits per byte with a minus, so that higher is better."""

    model_config = ConfigDict(frozen=True)

    suite: str = Field(description="Name of the suite.")
    base: float = Field(description="Minus the bits per byte of the base.")
    candidate: float = Field(description="Minus the bits per byte of the candidate.")
    lower: Lower = Field(description="One-sided lower bound of candidate minus base at level alpha.")
    upper: Upper = Field(description="One-sided upper bound at level alpha.")


def as_corpora(
    scores: pl.DataFrame, items: pl.DataFrame, alpha: float, *, baseline: str = "base", candidate: str = "candidate"
) -> tuple[CorpusLine, ...]:
    """Compare two models on each suite that is scored in bits per byte.

    Parameters
    ----------
    scores
        Schema `evals.items.SCORES`, both models on the same items.
    items
        Schema `evals.items.ITEMS`, whose targets tell the bytes.
    alpha
        Level of each bound.
    baseline, candidate
        The two models, as the column `model` names them.
    """
    sized = items.filter(pl.col("kind").is_in(_IN_BITS)).select(
        "item", size=pl.col("target").str.len_bytes().cast(pl.Float64)
    )
    sides = [scores.filter(model=model).select("suite", "item", "cluster", "score") for model in (baseline, candidate)]
    both = (
        sides[0]
        .join(sides[1].select("item", other="score"), on="item", maintain_order="left")
        .join(sized, on="item", maintain_order="left")
        .with_columns(before=pl.col("score") * pl.col("size"), after=pl.col("other") * pl.col("size"))
    )
    return tuple(_line(part, alpha) for part in both.partition_by("suite", maintain_order=True))


def _line(part: pl.DataFrame, alpha: float) -> CorpusLine:
    found = compare_corpora(
        part.select("before", "size").to_numpy(),
        part.select("after", "size").to_numpy(),
        part["cluster"].to_numpy(),
        _per_byte,
        alpha=alpha,
    )
    return CorpusLine(
        suite=part["suite"][0], base=found.base, candidate=found.candidate, lower=found.lower, upper=found.upper
    )


def _per_byte(sums: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.divide(sums[:, 0], sums[:, 1])
