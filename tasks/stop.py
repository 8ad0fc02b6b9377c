"""Write what a run had decided when its contract stopped it: nothing is published, and every row's fate can be read.

A row that no stage had removed is set aside: its receipt says `run_stopped`, and its text is among the removed rows.
"""

from collections.abc import Sequence

import polars as pl

from quality.receipts import books, receipts
from quality.records import FATES
from tasks import store
from tasks.exams import SealedExam
from tasks.fates import removed
from tasks.pool import Pool
from tasks.row_files import write_exam, write_rows
from tasks.runs import Run

STAGE, REASON = "validate", "run_stopped"


def write_stop(run: Run, pool: Pool, exam: SealedExam, evidence: store.Folder, reason: str, by: Sequence[str]) -> None:
    """Write the evidence, the receipts and the exam into the run's directory, and mark the run as stopped.

    The manifest that makes them count is written when the run closes (`tasks.runs.open_run`). The exam is not sealed by
    it: the mended recipe must not be bound to what was drawn from this pool.

    Parameters
    ----------
    run : Run
        The open run.
    pool : Pool
        The pool after the last stage that removes rows.
    exam : SealedExam
        What the rows were kept clear of.
    evidence : store.Folder
        Great Expectations' result.
    reason : str
        Why the run was stopped, for the manifest.
    by : sequence of str
        The critical expectations that failed, as the contract names them.
    """
    store.copy_folder(store.locate(evidence), run.folder)
    fates = pl.concat([pool.removed(), _set_aside(pool)])
    none_kept = pl.DataFrame(schema={"row": pl.UInt32(), "reason": pl.String()})
    ledger = receipts(pool.read(), store.read_table(pool.quarantined), fates, none_kept)
    write_rows(run, ledger, pool, fates)
    write_exam(run, exam)
    digests = {
        "pool": pool.records.digest,
        "unread": pool.quarantined.digest,
        "exam": exam.digest,
        "asked": exam.asked,
    }
    run.stopped = (reason, {"books": books(ledger), "stopped": list(by), "digests": digests})


def _set_aside(pool: Pool) -> pl.DataFrame:
    """Return the fates (schema `quality.records.FATES`) of the rows that no stage removed."""
    left = pool.left()
    found = pl.DataFrame({"row": pl.int_range(left.height, eager=True, dtype=pl.UInt32)}).with_columns(
        reason=pl.lit(REASON)
    )
    return removed(left, found, stage=STAGE).select(FATES.keys())
