"""Drop rows that no one would want to train on: empty, echoing, repetitive, mostly symbols, leftover markup."""

from quality.records import answer_text, prompt_text
from quality.screen import Screen
from quality.screen import screen as find_defects
from tasks.caching import step
from tasks.fates import removed, tell
from tasks.pool import Pool, ensure_rows


@step(name="screen")
def screen(pool: Pool, settings: Screen) -> Pool:
    """Return the pool without defective rows; each has a named reason."""
    rows = pool.left()
    defects = find_defects(prompt_text(rows), answer_text(rows), settings)
    fates = removed(rows, defects, stage="screen")
    tell(fates, left=rows.height)
    return ensure_rows(pool.with_fates(fates), "screen", "Loosen curate.screen or look at the pool.")
