"""End what waits for a person's decision that can't be made any more, since another champion was made meanwhile."""

import contextlib
from pathlib import Path

import httpx
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateName,
)
from prefect.client.schemas.objects import FlowRun, State
from prefect.states import Completed

from tasks import prefect_server, runs
from tasks.promotion import ComparedWithAnother, ensure_promotable, is_champion

_FLOW = "promote"
_PAGE = 200  # runs asked for at once, as many as a server gives


def end_superseded(name: str) -> list[str]:
    """End the suspended flow runs of `promote` whose question a recipe's new champion has answered.

    One that asks about that very adapter ends as `Unchanged`; one that asks about a run which was compared with another
    champion, and so can't be promoted any more, as `Superseded`. Both are completed, and their reasons say what to do.
    A server that doesn't answer is let be: the form of such a run, filled later, says the same.

    Returns
    -------
    list of str
        The runs whose promotion was waited for.
    """
    if prefect_server.named() is None:
        return []
    try:
        with get_client(sync_client=True) as client:
            return [run for waiting in _waiting(client) if (run := _ended(client, waiting, name))]
    except httpx.HTTPError:
        return []


def _waiting(client: SyncPrefectClient) -> list[FlowRun]:
    suspended = FlowRunFilter(state=FlowRunFilterState(name=FlowRunFilterStateName(any_=["Suspended"])))
    found: list[FlowRun] = []
    while True:
        page = client.read_flow_runs(
            flow_filter=FlowFilter(name=FlowFilterName(any_=[_FLOW])),
            flow_run_filter=suspended,
            limit=_PAGE,
            offset=len(found),
        )
        found += page
        if len(page) < _PAGE:
            return found


def _ended(client: SyncPrefectClient, waiting: FlowRun, name: str) -> str:
    """End one, if it is of this recipe and home and has nothing more to ask; return the run that it asked about."""
    asked = waiting.parameters
    if asked.get("name") != name or not (run := str(asked.get("run") or "")):
        return ""
    with contextlib.suppress(ValueError):  # of another home on this server, or with a fault that its form tells
        if (state := _answered(runs.find(run, holding="verdict.json"), name)) is not None:
            client.set_flow_run_state(waiting.id, state, force=True)
            return run
    return ""


def _answered(run: Path, name: str) -> State | None:
    """Return how the question whether a run becomes the champion ends without anybody; None where it is open."""
    if is_champion(run, name):
        return Completed(name="Unchanged", message=f"{run.name} is the champion of {name} by now, without this form.")
    try:
        ensure_promotable(run, name)
    except ComparedWithAnother as error:
        return Completed(name="Superseded", message=str(error))
    return None
