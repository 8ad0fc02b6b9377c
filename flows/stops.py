"""What ends a run from outside: Ctrl-C, or the signal of a worker or a service manager."""

_STOPS = ("KeyboardInterrupt", "TerminationSignal")  # by name: the latter is Prefect's, which takes long to import


def stop_behind(error: BaseException | None) -> BaseException | None:
    """Return the stop that was being handled as an error was raised, if one was.

    Prefect answers one that comes while it sets a task up with an error of its own: it knows no task run yet.
    """
    while error is not None and type(error).__name__ not in _STOPS:
        error = error.__context__
    return error
