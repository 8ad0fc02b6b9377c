"""Drop rows that no one would want to train on: empty, echoing, refusing, cut off, repetitive, leftover markup."""

import polars as pl

from quality.row_memory import RowMemory
from quality.screening.measuring import measure_records
from quality.screening.screen import Screen, find_defects
from tasks import cards, store
from tasks.caching import made_by, step
from tasks.end_reader import EndReader, reads_fast
from tasks.fates import removed, tell
from tasks.models import ModelFiles, measured_by
from tasks.pool import Pool, ensure_rows
from tasks.reporting.text import counted


@step(name="screen", beside=measured_by)
def screen(pool: Pool, settings: Screen, base: ModelFiles, threads: int | None = None) -> Pool:
    """Return the pool without defective rows; each has a named reason.

    Of answers of which the pool does not tell whether they were cut off, the base model is asked.

    Every row's scores (`SCORES` of `quality.screening.measuring`) stay as the attribute `screen`, keyed by `row`, for
    whoever moves a threshold. What the base model said is the attribute `ends` (`surprise`), in the order of the
    questions.
    """
    rows = pool.left()
    # What one row alone tells is kept from run to run, as long as code and Polars (which knows Unicode) are the same.
    memory = RowMemory(store.home() / "store" / "screened" / made_by("quality.screening.rows"))
    reader = _reader(settings, base, threads)
    scores = measure_records(rows, settings, memory, reader)
    fates = removed(rows, find_defects(scores, settings), stage="screen")
    tell(fates, left=rows.height)
    kept = pool.with_fates(fates, screen=pl.concat([rows.select("row"), scores], how="horizontal"))
    if reader is not None and (read := reader.surprises) is not None:
        cards.say(f"the base model read the ends of {counted(read.height, 'answer')}, cuts to learn from included")
        kept = kept.with_fates(fates.clear(), ends=read)
    return ensure_rows(kept, "screen", "Loosen curate.screen or look at the pool.")


def _reader(settings: Screen, base: ModelFiles, threads: int | None) -> EndReader | None:
    if settings.read_again == "never" or (settings.read_again == "auto" and not reads_fast(base)):
        return None
    return EndReader(base, threads)
