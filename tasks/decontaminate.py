"""Drop rows that give an exam item away: the same question, or its words; the item is the witness."""

import polars as pl

from quality.decontaminate import Decontaminate, leaks
from quality.records import answer_text, prompt_text
from tasks import store
from tasks.caching import step
from tasks.exams import SealedExam
from tasks.fates import removed, tell
from tasks.pool import Pool, ensure_rows


@step(name="decontaminate")
def decontaminate(pool: Pool, exam: SealedExam, settings: Decontaminate) -> Pool:
    """Return the pool without rows that leak an item of any suite of the exam, or a row of its files."""
    rows = pool.left()
    found = leaks(prompt_text(rows), answer_text(rows), store.read_table(exam.reserve), settings)
    found = found.rename({"item": "witness"}).with_columns(threshold=pl.lit(settings.threshold))
    fates = removed(rows, found, stage="decontaminate")
    tell(fates, left=rows.height)
    return ensure_rows(pool.with_fates(fates), "decontaminate", "The exam and the pool are the same rows.")
