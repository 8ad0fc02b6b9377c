"""What ends a run from outside: Ctrl-C, a person who cancels it, or the signal of a worker or a service manager."""

import sys

_STOPS = ("KeyboardInterrupt", "TerminationSignal")  # by name: the latter is Prefect's, which takes long to import


def stop_behind(error: BaseException | None) -> BaseException | None:
    """Return the stop that was being handled as an error was raised, if one was.

    Prefect answers one that comes while it sets a task up with an error of its own: it knows no task run yet.
    """
    while error is not None and type(error).__name__ not in _STOPS:
        error = error.__context__
    return error


def is_cancelled() -> bool:
    """Say whether the worker stops this process as somebody cancelled its run; Prefect's flows ask in the same way.

    A process in which Prefect has not loaded what it asks runs no flow; another version may not have it.
    """
    intent = getattr(sys.modules.get("prefect._internal.control_listener"), "get_intent", None)
    return intent is not None and intent() == "cancel"
