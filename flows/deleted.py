"""A run that somebody deletes ends: nobody sees it any longer, waits for it or could cancel it."""

import functools
import os
import threading
import time
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId
from prefect.logging import get_logger

from flows.orphaned import OF_A_WORKER, end

DELETED = (
    "Prefect's server knows this run no longer, so it ends: somebody deleted it, or the server came back with another "
    "database. Finished steps are kept, and a training its last checkpoint: another run goes on from there."
)
_EVERY = 15.0  # seconds


@functools.cache  # once a process, however often it is asked for
def end_when_deleted() -> None:
    """Watch whether the run of this process is still on the server, if a worker started it; where it isn't, end."""
    if run := os.environ.get(OF_A_WORKER):
        threading.Thread(target=_watch, args=(UUID(run),), name="end_when_deleted", daemon=True).start()


def _watch(run: UUID) -> None:
    with get_client(sync_client=True) as client:
        # Twice, since a server that has just come up on another database is not yet a reason to stop a training.
        while not (_is_gone(client, run) and _is_gone(client, run)):
            pass
    get_logger("winnow").warning(DELETED)  # to the worker's log: the server has no place for it any longer
    end()


def _is_gone(client: SyncPrefectClient, run: UUID) -> bool:
    """Wait, and ask: a server that doesn't answer has not deleted anything."""
    time.sleep(_EVERY)
    try:
        return not client.read_flow_runs(flow_run_filter=FlowRunFilter(id=FlowRunFilterId(any_=[run])), limit=1)
    except Exception:  # whatever it was: the next time tells
        return False
