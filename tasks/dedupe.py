"""Drop duplicates, equal texts and near-duplicates, each with the kept row that proves it."""

import polars as pl

from quality.neardup import NearDup, near_duplicates
from quality.normalise import normalised
from quality.records import full_text
from tasks.caching import step
from tasks.fates import removed, tell
from tasks.pool import Pool


@step(name="dedupe")
def dedupe(pool: Pool, settings: NearDup) -> Pool:
    """Return the pool without duplicates. Earlier rows win: list the sources you trust most first.

    One pass finds both kinds, so that every witness, an exact duplicate's too, is a row this stage keeps.
    """
    rows = pool.left()
    texts = normalised(full_text(rows))
    found = near_duplicates(full_text(rows), settings).with_columns(score=pl.col("jaccard"))
    exact = texts.gather(found["row"]) == texts.gather(found["witness"])
    found = found.with_columns(
        reason=pl.when(exact).then(pl.lit("exact_duplicate")).otherwise(pl.lit("near_duplicate")),
        threshold=pl.when(exact).then(1.0).otherwise(settings.threshold),
    )
    fates = removed(rows, found, stage="dedupe")
    tell(fates, left=rows.height)
    return pool.with_fates(fates)
