"""Keep a run's log to one trace of what nobody foresaw, and to none of what winnow refused in a sentence.

The sentence is the run's state as well. Prefect would log the trace of the step, and again that of the process, which
ends with the same error.
"""

import logging

from pydantic import BaseModel

from flows.recipe import Recipe

_LOGGERS = ("prefect.flow_runs", "prefect.task_runs")
_OF_THE_PROCESS = "Engine execution exited with unexpected exception"
_HOUSE = ("flows", "tasks", "quality", "evals")

_told: list[BaseException] = []


def is_refusal(error: BaseException) -> bool:
    """Say whether an error is of one of winnow's own classes, or names a key of the recipe first.

    One that came of another is none: that may tell more.
    """
    if not isinstance(error, ValueError | OSError) or error.__cause__ is not None:
        return False
    key, colon, _ = str(error).partition(": ")
    names_a_key = bool(colon) and _is_of_the_recipe(key)
    return type(error).__module__.partition(".")[0] in _HOUSE or (type(error) is ValueError and names_a_key)


def _is_of_the_recipe(key: str) -> bool:
    """Say whether a recipe may have such a key; a weight of a model is called `model.layers.0.weight`, too."""
    fields = Recipe.model_fields
    for part in key.split("."):
        if part not in fields:
            return False
        held = fields[part].annotation
        if not (isinstance(held, type) and issubclass(held, BaseModel)):
            return True  # and what is inside of it has names of its own
        fields = held.model_fields
    return True


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
