"""Which of the kept rows are held back for validation: whole clusters, drawn by a hash."""

from __future__ import annotations

import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from quality.clusters import draw_clusters, row_clusters


class Split(BaseModel):
    """How validation rows are held back from training."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    validation_share: float = Field(
        default=0.1, gt=0, lt=0.5, description="Share of the kept rows held back for validation (0 to 0.5)."
    )
    most_validation_rows: int = Field(
        default=200,
        ge=1,
        description="Validation rows at the most (rows); the rest is worth more in training.",
    )
    seed: int = Field(default=0, description="Seed of the split (any whole number).")


def held_back(rows: pl.DataFrame, settings: Split) -> pl.Series:
    """Mark the rows held back for validation.

    Parameters
    ----------
    rows : pl.DataFrame
        `id, messages, group` of the kept rows, in ingestion order.
    settings : Split
        How many, and which draw.

    Returns
    -------
    pl.Series of Boolean
        True for validation rows; near-duplicates and rows of one document are never on both sides.
    """
    labels = row_clusters(rows)
    wanted = min(settings.most_validation_rows, max(1, round(rows.height * settings.validation_share)))
    return draw_clusters(labels, rows["id"], n_rows=wanted, seed=settings.seed)
