"""Drop rows that no one would want to train on: empty, echoing, refusing, cut off, repetitive, leftover markup."""

import polars as pl

from quality.records import answer_text, prompt_text
from quality.row_memory import RowMemory
from quality.screening.screen import Screen, find_defects, measure
from tasks import store
from tasks.caching import made_by, step
from tasks.fates import removed, tell
from tasks.pool import Pool, ensure_rows


@step(name="screen")
def screen(pool: Pool, settings: Screen) -> Pool:
    """Return the pool without defective rows; each has a named reason.

    Every row's scores (`quality.screening.screen.SCORES`) stay as the attribute `screen`, keyed by `row`, for whoever
    moves a threshold.
    """
    rows = pool.left()
    # What one row alone tells is kept from run to run, as long as code and Polars (which knows Unicode) are the same.
    memory = RowMemory(store.home() / "store" / "screened" / made_by(__name__))
    scores = measure(prompt_text(rows), answer_text(rows), settings, memory, rows["source"])
    fates = removed(rows, find_defects(scores, settings), stage="screen")
    tell(fates, left=rows.height)
    kept = pool.with_fates(fates, screen=pl.concat([rows.select("row"), scores], how="horizontal"))
    return ensure_rows(kept, "screen", "Loosen curate.screen or look at the pool.")
