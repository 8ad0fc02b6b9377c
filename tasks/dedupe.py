"""Drop duplicates: equal texts first, then near-duplicates, each with the kept row that proves it."""

import polars as pl

from quality.exact import exact_duplicates
from quality.neardup import NearDup, near_duplicates
from quality.records import full_text
from tasks.caching import step
from tasks.fates import removed, tell
from tasks.pool import Pool


@step(name="dedupe")
def dedupe(pool: Pool, settings: NearDup) -> Pool:
    """Return the pool without duplicates. Earlier rows win: list the sources you trust most first."""
    rows = pool.left()
    exact = exact_duplicates(full_text(rows)).with_columns(
        reason=pl.lit("exact_duplicate"), score=pl.lit(1.0), threshold=pl.lit(1.0)
    )
    fates = removed(rows, exact, stage="dedupe")
    distinct = rows.join(fates, on="row", how="anti", maintain_order="left")
    near = near_duplicates(full_text(distinct), settings).with_columns(
        reason=pl.lit("near_duplicate"), score=pl.col("jaccard"), threshold=pl.lit(settings.threshold)
    )
    fates = pl.concat([fates, removed(distinct, near, stage="dedupe")])
    tell(fates, left=rows.height)
    return pool.with_fates(fates)
