"""Write what a run had decided when it was stopped: nothing is published, and every row's fate can be read.

Its contract stops a run, and so does a stage that leaves no row to go on with, or none to draw general rows from. A
row that no stage had removed is set aside: its receipt says `run_stopped`, and its text is among the removed rows.
"""

import contextlib
from collections.abc import Iterator, Sequence
from contextvars import ContextVar

import polars as pl

from quality.personal import Personal
from quality.reasons import RUN_STOPPED, before
from quality.receipts import books, receipts
from quality.records import FATES
from tasks import exams, store
from tasks.exams import SealedExam
from tasks.fates import removed
from tasks.pool import EmptyPool, Pool
from tasks.protect import rewritten
from tasks.row_files import write_exam, write_rows
from tasks.runs import Run

STAGE, REASON = "validate", RUN_STOPPED

_evidence_stays: ContextVar[bool] = ContextVar("winnow_evidence_stays", default=True)


@contextlib.contextmanager
def evidence(
    run: Run | None = None,
    personal: Personal = Personal(),  # noqa: B008 - frozen
    *,
    stays: bool = True,
) -> Iterator[None]:
    """Let a stop leave its evidence in the run's directory, which keeps the directory, or leave nothing.

    No parameter of a step, so that a preview and the run after it share the cache.

    Parameters
    ----------
    run : Run, optional
        The open run: where a stage leaves no row to go on with, what was decided by then is written into it, and the
        error says so.
    personal : Personal
        Which personal data no row holds that a run publishes: a stop may come before the stage that sees to it.
    stays : bool
        Whether evidence is left.

    Raises
    ------
    EmptyPool
        When a stage leaves no row to go on with.
    """
    earlier = _evidence_stays.set(stays)
    try:
        yield
    except EmptyPool as error:
        # Of a shadow pool (`tasks.shadow_pool`), which is not the run's own, no receipts are left.
        if not stays or run is None or type(error.pool) is not Pool:
            raise
        pool = rewritten(error.pool, personal)[0] if error.stage in before("protect") else error.pool
        write_stop(run, pool, run.exam, None, str(error), (), stage=error.stage)
        told = f"{error} Nothing is published; {where_told(run)}"
        raise EmptyPool(told, error.stage, error.pool) from error
    finally:
        _evidence_stays.reset(earlier)


def evidence_stays() -> bool:
    """Tell whether a stop may leave its evidence."""
    return _evidence_stays.get()


def where_told(run: Run) -> str:
    """Say which command tells what was decided of a row."""
    return f"`winnow why ROW {run.folder.name}` tells what was decided of a row."


def write_stop(
    run: Run,
    pool: Pool,
    exam: SealedExam | None,
    evidence: store.Folder | None,
    reason: str,
    by: Sequence[str],
    *,
    stage: str = STAGE,
) -> None:
    """Write the evidence, the receipts and the exam into the run's directory, and mark the run as stopped.

    The manifest that makes them count is written when the run closes (`tasks.runs.open_run`). The exam is not sealed by
    it: the mended recipe must not be bound to what was drawn from this pool. Whether an earlier run had sealed it, the
    manifest says.

    Parameters
    ----------
    run : Run
        The open run.
    pool : Pool
        The pool after the last stage that removes rows.
    exam : SealedExam or None
        What the rows were kept clear of; None where it was not known yet.
    evidence : store.Folder or None
        Great Expectations' result, where the contract was asked.
    reason : str
        Why the run was stopped, for the manifest.
    by : sequence of str
        The critical expectations that failed, as the contract names them; none where no row was left.
    stage : str
        The stage that stopped it.
    """
    if evidence is not None:
        store.copy_folder(store.locate(evidence), run.folder)
    fates = pl.concat([pool.removed(), _set_aside(pool, stage)])
    none_kept = pl.DataFrame(schema={"row": pl.UInt32(), "reason": pl.String()})
    ledger = receipts(pool.read(), store.read_table(pool.quarantined), fates, none_kept)
    write_rows(run, ledger, pool, fates)
    digests = {"pool": pool.records.digest, "unread": pool.quarantined.digest}
    if exam is not None:
        write_exam(run, exam)
        digests |= {"exam": exam.digest, "asked": exam.asked}
    told = {"stage": stage, "stopped": list(by), "sealed": exam is not None and _is_sealed(exam)}
    run.stopped = (reason, {"books": books(ledger), **told, "digests": digests})


def _is_sealed(exam: SealedExam) -> bool:
    items, reserve = store.read_table(exam.items), store.read_table(exam.reserve)
    try:
        return exams.differing(exam.name, exam.digest, items, reserve, exam.suites) == []
    except exams.ExamChanged:  # what lies in the home can't be read
        return False


def _set_aside(pool: Pool, stage: str) -> pl.DataFrame:
    """Return the fates (schema `quality.records.FATES`) of the rows that no stage removed."""
    left = pool.left()
    found = pl.DataFrame({"row": pl.int_range(left.height, eager=True, dtype=pl.UInt32)}).with_columns(
        reason=pl.lit(REASON)
    )
    return removed(left, found, stage=stage).select(FATES.keys())
