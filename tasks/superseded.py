"""What waits for a person's decision, and its end where another champion made that decision impossible meanwhile."""

import logging
from pathlib import Path

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterName,
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateName,
)
from prefect.client.schemas.objects import FlowRun, State
from prefect.states import Completed

from tasks import prefect_server, store
from tasks.promotion import ComparedWithAnother, ensure_promotable, is_champion

log = logging.getLogger(__name__)

_FLOW, _WAITS = "promote", "Suspended"


def end_superseded(name: str) -> list[str]:
    """End the suspended flow runs of `promote` whose question a recipe's new champion has answered.

    One that asks about that very adapter ends as `Unchanged`; one that asks about a run which was compared with another
    champion, and so can't be promoted any more, as `Superseded`. Both are completed, and their reasons say what to do.
    The champion is made by then: whatever goes wrong here is logged, and the form, filled later, says the same.
    Ask before whether the server answers: Prefect's client is patient with one that doesn't, for minutes.

    Returns
    -------
    list of str
        The runs whose promotion was waited for.
    """
    if prefect_server.named() is None:
        return []
    answered = []
    try:
        with get_client(sync_client=True) as client:
            for waiting in _waiting(client, name):
                if run := _ended(client, waiting, name):
                    answered.append(run)
    except Exception as error:  # whatever it was, it takes nothing from the promotion
        log.warning("What waits to become the champion of %s could not be looked through: %s", name, error)
    return answered


def asked_about(name: str, run: str) -> list[str]:
    """Return the other runs of a recipe about which forms wait, oldest first; nothing where that can't be told."""
    if prefect_server.named() is None:
        return []
    try:
        with get_client(sync_client=True) as client:
            found = {str(waiting.parameters.get("run") or run) for waiting in _waiting(client, name)}
    except Exception as error:  # whatever it was, it keeps nobody from deciding
        log.warning("What else waits to become the champion of %s could not be looked through: %s", name, error)
        return []
    return sorted(one for one in found - {run} if (store.home() / "runs" / one).is_dir())


def _waiting(client: SyncPrefectClient, name: str) -> list[FlowRun]:
    """Return what is suspended, page by page, of as many runs as the server gives."""
    found: list[FlowRun] = []
    while page := client.read_flow_runs(
        flow_filter=FlowFilter(name=FlowFilterName(any_=[_FLOW])),
        deployment_filter=DeploymentFilter(name=DeploymentFilterName(any_=[name])),
        flow_run_filter=FlowRunFilter(state=FlowRunFilterState(name=FlowRunFilterStateName(any_=[_WAITS]))),
        offset=len(found),
    ):
        found += page
    return found


def _ended(client: SyncPrefectClient, waiting: FlowRun, name: str) -> str:
    """End one, if it is of this home and has nothing more to ask; return the run that it asked about."""
    run = store.home() / "runs" / str(waiting.parameters.get("run") or "-")
    try:
        if waiting.parameters.get("name") != name or not run.is_dir():  # of another home on this server
            return ""
        state = _answered(run, name)
        # A form that somebody filled meanwhile is decided by what it says.
        if state is None or client.read_flow_run(waiting.id).state_name != _WAITS:
            return ""
        client.set_flow_run_state(waiting.id, state, force=True)
    except Exception as error:  # of this one alone: the others are looked at
        log.warning("The form that asks about %s is left as it is: %s", run.name, error)
        return ""
    return run.name


def _answered(run: Path, name: str) -> State | None:
    """Return how the question whether a run becomes the champion ends without anybody; None where it is open."""
    if is_champion(run, name):
        return Completed(name="Unchanged", message=f"{run.name} is the champion of {name} by now, without this form.")
    try:
        ensure_promotable(run, name)
    except ComparedWithAnother as error:
        message = f"{error} Where its champion of then is gone back to, start promote with this run."
        return Completed(name="Superseded", message=message)
    return None
