"""Keep a run's log to one trace of what nobody foresaw, and to none of what winnow refused in a sentence.

The sentence is the run's state as well. Prefect would log the trace of the step, and again that of the process, which
ends with the same error.
"""

import logging

_LOGGERS = ("prefect.flow_runs", "prefect.task_runs")
_OF_THE_PROCESS = "Engine execution exited with unexpected exception"
_HOUSE = ("flows", "tasks", "quality", "evals")

_told: list[BaseException] = []


def is_refusal(error: BaseException) -> bool:
    """Say whether an error is of one of winnow's own classes, and came of no other, which may tell more."""
    of_the_house = type(error).__module__.partition(".")[0] in _HOUSE
    return of_the_house and isinstance(error, ValueError | OSError) and error.__cause__ is None


def keep_to_one() -> None:
    """Begin to; it is safe to repeat."""
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(_once)


def know(error: BaseException) -> None:
    """Remember an error that the log tells of, and that the process will end with."""
    _told.append(error)


def _once(record: logging.LogRecord) -> bool:
    """Leave out what the log tells of already; of a refusal, its trace."""
    error = record.exc_info[1] if record.exc_info else None
    if error is None:
        return True
    if record.msg == _OF_THE_PROCESS and any(error is one for one in _told):
        return False
    if is_refusal(error):
        record.exc_info = None
    return True
