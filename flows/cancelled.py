"""A run that is cancelled did not crash in its last step, nor finish as running, as Prefect logs it."""

import logging

from tasks.interrupts import is_cancelled
from tasks.unfinished import KEPT

STOPPED = f"Stopped here, since the run is cancelled. {KEPT}"
_OF_CRASHES = ("Crash detected!", "Finished in state Crashed")
_NOT_SO = "Finished in state Running()"
# These lines come without arguments. Those of a person's line may not fit it: put together in a filter, it would raise.
_BY_SIGNAL = "a termination signal"  # what a crash of another kind tells stays, though the run is cancelled


class _Retold(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        """Let a crash that is a cancellation pass in other words and as no error, and its second line not at all."""
        text = str(record.msg)
        if not text.startswith(_OF_CRASHES) or _BY_SIGNAL not in text or not is_cancelled():
            return True
        record.msg, record.args = STOPPED, ()
        record.levelno, record.levelname = logging.INFO, logging.getLevelName(logging.INFO)
        return text.startswith(_OF_CRASHES[0])


_RETOLD = _Retold()


def _is_so(record: logging.LogRecord) -> bool:
    """Leave out that a run which is cancelled finished as running: its process does not know its state."""
    return record.msg != _NOT_SO or not is_cancelled()


def retell() -> None:
    """Let steps of this process that a cancellation stops tell of that, and of no crash; once, however often asked."""
    logging.getLogger("prefect.task_runs").addFilter(_RETOLD)
    logging.getLogger("prefect.flow_runs").addFilter(_is_so)
