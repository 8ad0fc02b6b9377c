"""Weigh rows by the base model itself: how unlikely an answer is to it, and how much the prompt helps."""

from __future__ import annotations

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, model_validator

from evals.difficulty import difficulty
from evals.models import load
from tasks import cards
from tasks.caching import step
from tasks.fates import removed, tell
from tasks.models import ModelFiles, ready
from tasks.pool import Pool, ensure_rows


class Weigh(BaseModel):
    """Whether the base model reads every row, and which scores cost a row its place; by default none does."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    measure: bool = Field(
        default=False,
        description="Measure perplexity and IFD (instruction-following difficulty) of every row that is left. The base "
        "model reads each answer twice, so this takes about as long as one epoch of examining. A threshold asks for "
        "it, too.",
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


@step(name="weigh")
def weigh(pool: Pool, settings: Weigh, base: ModelFiles, threads: int | None = None) -> Pool:
    """Return the pool with the attribute `difficulty` (`row, perplexity, ifd, answer_tokens, unscored`).

    Rows beyond a threshold are dropped. A row that could not be scored stays: nothing is known against it.
    """
    if not settings.asked:
        cards.say("nothing to weigh: curate.weigh asks for no scores")
        return pool
    rows = pool.left()
    model, tokenizer = load(ready(base), threads=threads)
    with cards.progress("Weighing rows") as tick:
        scores = difficulty(model, tokenizer, rows["messages"].to_list(), progress=tick)
    _tell_scores(scores)
    fates = removed(rows, _beyond(scores, settings), stage="weigh")
    tell(fates, left=rows.height)
    kept = pool.with_fates(fates, difficulty=pl.concat([rows.select("row"), scores], how="horizontal"))
    return ensure_rows(kept, "weigh", "Loosen the thresholds of curate.weigh, or leave them out.")


def _beyond(scores: pl.DataFrame, settings: Weigh) -> pl.DataFrame:
    """Find the rows beyond a threshold: `row` (a position), and the first reason with its score and threshold."""
    found = [pl.DataFrame(schema={"row": pl.UInt32, "reason": pl.String, "score": pl.Float64, "threshold": pl.Float64})]
    perplexity, ifd = pl.col("perplexity"), pl.col("ifd")
    numbered = scores.with_row_index("row")
    for reason, score, threshold, fails in (
        ("high_perplexity", perplexity, settings.most_perplexity, perplexity.gt),
        ("low_difficulty", ifd, settings.least_ifd, ifd.lt),
        ("high_difficulty", ifd, settings.most_ifd, ifd.gt),
    ):
        if threshold is not None:
            failed = numbered.filter(fails(threshold))
            found.append(
                failed.select("row", pl.lit(reason).alias("reason"), score.alias("score"), threshold=threshold)
            )
    return pl.concat(found, how="vertical_relaxed").unique("row", keep="first", maintain_order=True).sort("row")


def _tell_scores(scores: pl.DataFrame) -> None:
    """Say what is usual, and how many rows have no score, and why."""
    middle = scores.select(pl.col("perplexity", "ifd").median()).row(0)
    told = [
        f"{name} {value:.2f}" for name, value in zip(("perplexity", "IFD"), middle, strict=True) if value is not None
    ]
    missing = scores["unscored"].drop_nulls().value_counts(sort=True).rows()
    told += [f"{count:,} rows without a full score ({reason})" for reason, count in missing]
    cards.say("median " + ", ".join(told) if middle != (None, None) else ", ".join(told) or "no row to weigh")
