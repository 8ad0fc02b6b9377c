"""Which rows the base model's own scores cost their place: settings and comparison; `evals.difficulty` measures."""

from __future__ import annotations

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, model_validator

REASONS = ("high_perplexity", "low_difficulty", "high_difficulty")
"""In the order in which a row is given them."""


class Weigh(BaseModel):
    """Whether the base model reads every row, and which scores cost a row its place; by default none does."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    measure: bool = Field(
        default=False,
        description="Measure perplexity and IFD (instruction-following difficulty) of every row that is left. The base "
        "model reads each answer twice, so this takes about as long as one epoch of examining; rows that it has read "
        "are not read again. A threshold asks for it, too. Where the machine computes in bfloat16, a perplexity is "
        "right to about 1.5%, an IFD to .006.",
    )
    most_perplexity: float | None = Field(
        default=None, ge=1, description="Largest perplexity of an answer behind its prompt (`high_perplexity`)."
    )
    least_ifd: float | None = Field(
        default=None,
        ge=0,
        description="Least IFD, loss(answer | prompt) / loss(answer): below it the prompt gives the answer away "
        "(`low_difficulty`).",
    )
    most_ifd: float | None = Field(
        default=None,
        ge=0,
        description="Largest IFD: above 1 the prompt makes the answer less likely, so the two hardly belong together "
        "(`high_difficulty`).",
    )

    @model_validator(mode="after")
    def _in_order(self) -> Weigh:
        if self.least_ifd is not None and self.most_ifd is not None and self.least_ifd > self.most_ifd:
            raise ValueError(
                f"least_ifd {self.least_ifd:g} lies above most_ifd {self.most_ifd:g}, so that no row could stay. "
                "Swap the two, or leave one out."
            )
        return self

    @property
    def asked(self) -> bool:
        """Whether there is anything to measure."""
        return self.measure or any(v is not None for v in (self.most_perplexity, self.least_ifd, self.most_ifd))


def beyond(scores: pl.DataFrame, settings: Weigh) -> pl.DataFrame:
    """Find the rows beyond a threshold.

    Parameters
    ----------
    scores : pl.DataFrame
        Columns `perplexity` and `ifd`, Float64; null is beyond nothing.
    settings : Weigh
        Thresholds.

    Returns
    -------
    pl.DataFrame
        `row: UInt32` (a position), and the first `reason` that applies with its `score` and `threshold`.
    """
    found = [pl.DataFrame(schema={"row": pl.UInt32, "reason": pl.String, "score": pl.Float64, "threshold": pl.Float64})]
    perplexity, ifd = pl.col("perplexity"), pl.col("ifd")
    numbered = scores.with_row_index("row")
    checks = (
        (perplexity, settings.most_perplexity, perplexity.gt),
        (ifd, settings.least_ifd, ifd.lt),
        (ifd, settings.most_ifd, ifd.gt),
    )
    for reason, (score, threshold, fails) in zip(REASONS, checks, strict=True):
        if threshold is not None:
            failed = numbered.filter(fails(threshold))
            found.append(
                failed.select("row", pl.lit(reason).alias("reason"), score.alias("score"), threshold=threshold)
            )
    return pl.concat(found, how="vertical_relaxed").unique("row", keep="first", maintain_order=True).sort("row")
