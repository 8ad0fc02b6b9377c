"""A run whose worker is gone ends, and is seen to have crashed.

The worker reads what its runs print. Where it was killed, nobody does, and what is logged next finds a broken pipe.
Rich, which prints Prefect's log, answers that with `SystemExit` in whichever thread logs: in one of Prefect's own it
ends no run, and leaves one that nothing happens in. Nor can a run without its worker be cancelled.
"""

import logging
import os
import signal
import threading
import time

from prefect.logging.handlers import PrefectConsoleHandler

GONE = "The worker of this run is gone, so it ends. Finished steps are kept: started again, a run goes on from there."

_PATIENCE = 30.0  # seconds; a worker's own

# Set by a worker for each run that it starts.
OF_A_WORKER = "PREFECT__FLOW_RUN_ID"


def end_with_the_worker() -> None:
    """Let a broken pipe of Prefect's log end this process as a service manager would, if a worker started it."""
    if OF_A_WORKER not in os.environ:
        return
    for handler in (*logging.getLogger("prefect").handlers, *logging.getLogger().handlers):
        if isinstance(handler, PrefectConsoleHandler):
            handler.console.on_broken_pipe = _end  # type: ignore[method-assign]


def _end() -> None:
    """Send what is printed from here on to nobody, and end: Prefect tells its server that the run crashed."""
    nobody = os.open(os.devnull, os.O_WRONLY)
    for printed in (1, 2):
        os.dup2(nobody, printed)
    os.close(nobody)
    named = {"flow_run_id": os.environ[OF_A_WORKER], "flow_run_name": "", "flow_name": ""}
    logging.getLogger("prefect.flow_runs").error(GONE, extra=named)
    end()


def end() -> None:
    """End this process as a service manager would; if it is still there after a while, as the worker does then.

    Whoever waits for a turn to train goes on to wait for it, with all that is loaded: on its way out Prefect sees to
    the end whatever it asked its server for. What is written is written whole, and a training goes on from its last
    checkpoint.
    """
    threading.Thread(target=_insist, name="insist", daemon=True).start()
    os.kill(os.getpid(), signal.SIGTERM)


def _insist() -> None:
    time.sleep(_PATIENCE)
    os._exit(128 + signal.SIGKILL)
