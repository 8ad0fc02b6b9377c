"""Choose rows to a token budget: the most diverse, or a control arm (random, longest, best) by one word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np
import polars as pl
from pydantic import BaseModel, ConfigDict, Field, model_validator

from quality.choosing.facility_location import Progress, facility_location
from quality.choosing.purse import Purse
from quality.lsh.shingles import stable_hash

if TYPE_CHECKING:
    from numpy.typing import NDArray

By = Literal["diverse", "random", "longest", "top-quality"]

CHOICE = pl.Schema({"chosen": pl.Boolean(), "gain": pl.Float64(), "reason": pl.String(), "score": pl.Float64(),
                    "threshold": pl.Float64()})  # fmt: skip
OVER_BUDGET, OVER_QUOTA = "over_budget", "over_quota"


class Budget(BaseModel):
    """How many tokens are kept, and by what the rows that hold them are chosen."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    tokens: int | None = Field(
        default=None, ge=1, description="Tokens to keep at the most, questions included; empty keeps every row."
    )
    by: By = Field(
        default="diverse",
        description="diverse (rows that stand for the most others, better rows first), random, longest, or "
        "top-quality (by the scores that were measured).",
    )
    quotas: dict[str, Annotated[float, Field(ge=0, le=1)]] = Field(
        default={}, description="Largest share (0 to 1) of the token budget by source, where a source is to have one."
    )
    seed: int = Field(default=0, ge=0, description="Seed of the random choice.")

    @model_validator(mode="after")
    def _quotas_of_something(self) -> Budget:
        if self.quotas and self.tokens is None:
            raise ValueError("quotas are shares of the token budget, and there is none. Give tokens, too.")
        return self


def choose_rows(
    rows: pl.DataFrame,
    settings: Budget,
    vectors: NDArray[np.float32] | None = None,
    progress: Progress | None = None,
) -> pl.DataFrame:
    """Choose rows until no row is left that the budget has room for.

    The choice depends on what the rows are and not on their order; of rows with one id the earlier comes first.

    Parameters
    ----------
    rows : pl.DataFrame
        `id, source, tokens, quality` (above 0 and up to 1), in priority order. Ids name contents.
    settings : Budget
        With `tokens`.
    vectors : (n, dim) float32, optional
        Embeddings of length 1, which `diverse` needs.
    progress : callable, optional
        Called with (tokens chosen, budget) by `diverse`.

    Returns
    -------
    pl.DataFrame
        `CHOICE`, one line per row, in order. `gain` is what a row added to the coverage of the pool (see
        `quality.choosing.facility_location`) when `diverse` took it, in tokens. For a row that was not chosen: `reason`
        `over_quota` (of its source) or, where that leaves room or there is none, `over_budget`, and `score`, the tokens
        that what the choice has of that source, or the choice, would hold with the row, beyond `threshold`, the tokens
        allowed.
    """
    if settings.tokens is None:
        raise ValueError("Without tokens there is nothing to choose by: give a budget.")
    # One order whatever the input's, so that every sum is made in the same order, too.
    order = rows.select("id").with_row_index("place").sort("id", "place")["place"].to_numpy()
    sorted_rows = rows[order]
    purse = Purse(sorted_rows["tokens"], sorted_rows["source"], settings.tokens, settings.quotas)
    if settings.by == "diverse":
        if vectors is None:
            raise ValueError("To choose by diversity takes the rows' embeddings.")
        quality = sorted_rows["quality"].to_numpy().astype(np.float64)
        gains = facility_location(vectors[order], purse.costs.astype(np.float64), quality, purse, progress)
        chosen = ~np.isnan(gains)
    else:
        chosen = _in_turn(_turns(sorted_rows, settings), purse)
        gains = np.full(len(order), np.nan)
    told = _told(chosen, gains, purse)
    back = np.empty_like(order)
    back[order] = np.arange(len(order), dtype=order.dtype)
    return told[back]


def _turns(rows: pl.DataFrame, settings: Budget) -> pl.Series:
    """Return the places of rows in the order of their turn."""
    placed = rows.with_row_index("place")
    if settings.by == "random":
        key = pl.Series(stable_hash(rows.select(pl.format("{}:{}", pl.lit(settings.seed), "id")).to_series()))
    else:
        key = -rows["tokens" if settings.by == "longest" else "quality"].cast(pl.Float64)
    return placed.select("place", key=key).sort("key", "place")["place"]


def _in_turn(turns: pl.Series, purse: Purse) -> NDArray[np.bool_]:
    """Take each row in its turn that still fits: (n,) bool."""
    chosen = np.zeros(len(turns), np.bool_)
    for place in turns.to_list():
        if purse.room() < purse.least:
            break
        chosen[place] = purse.pay(place)
    return chosen


def _told(chosen: NDArray[np.bool_], gains: NDArray[np.float64], purse: Purse) -> pl.DataFrame:
    """Say why rows were not chosen, by what was spent in the end: nothing that was spent is taken back."""
    own, limits = purse.spent_on() + purse.costs, purse.limit_of()
    # A quota is told first: the budget is nearly spent in any case, and a larger one alone would leave the row out.
    over_quota = (limits < purse.budget) & (own > limits)
    beyond = pl.DataFrame(
        {
            "chosen": chosen,
            "gain": pl.Series(gains, nan_to_null=True),
            "reason": np.where(over_quota, OVER_QUOTA, OVER_BUDGET),
            "score": np.where(over_quota, own, purse.spent + purse.costs),
            "threshold": np.where(over_quota, limits, purse.budget),
        }
    )
    out = pl.when(~pl.col("chosen"))
    return beyond.with_columns(out.then(name).alias(name) for name in ("reason", "score", "threshold")).cast(CHOICE)
