"""Take a known exam's rows out of a pool that it was not drawn from."""

from tasks import store
from tasks.caching import step
from tasks.exams import SealedExam
from tasks.fates import tell
from tasks.pool import Pool, ensure_rows
from tasks.seal_exam import sealed_rows


@step(name="hold_out")
def hold_out(pool: Pool, exam: SealedExam) -> Pool:
    """Return the pool without the exam's rows or their clusters, as `seal_exam` leaves it."""
    rows = pool.left()
    fates = sealed_rows(rows, store.read_table(exam.drawn))
    tell(fates, left=rows.height)
    return ensure_rows(pool.with_fates(fates), "seal_exam", "Give more rows, or exam.domain.")
