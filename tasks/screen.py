"""Drop rows that no one would want to train on: empty, echoing, refusing, cut off, repetitive, leftover markup."""

import polars as pl

from quality.records import answer_text, prompt_text
from quality.screen import Screen, find_defects, measure
from tasks.caching import step
from tasks.fates import removed, tell
from tasks.pool import Pool, ensure_rows


@step(name="screen")
def screen(pool: Pool, settings: Screen) -> Pool:
    """Return the pool without defective rows; each has a named reason.

    Every row's scores (`quality.screen.SCORES`) stay as the attribute `screen`, keyed by `row`, for whoever moves a
    threshold.
    """
    rows = pool.left()
    scores = measure(prompt_text(rows), answer_text(rows), settings)
    fates = removed(rows, find_defects(scores, settings), stage="screen")
    tell(fates, left=rows.height)
    kept = pool.with_fates(fates, screen=pl.concat([rows.select("row"), scores], how="horizontal"))
    return ensure_rows(kept, "screen", "Loosen curate.screen or look at the pool.")
