"""Runs that a schedule foresaw shortly before their time are told of: Prefect's scheduler makes them without an event.

What a run tells follows what it told before, where less than five minutes lie between, and Prefect's automations let an
event wait a quarter of an hour for one that it follows and that never came. So what was told of the first run of a
recipe that was just deployed, its end too, was acted upon that much later. Its first event is published here, under the
id of the state that it tells of, as Prefect does for every other state; the server takes an id once.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterExpectedStartTime, FlowRunFilterTags
from prefect.client.schemas.objects import FlowRun, State
from prefect.client.schemas.sorting import FlowRunSort
from prefect.events import emit_event
from prefect.exceptions import ObjectNotFound

from flows.deploy_settings import TAG

FOLLOWS = timedelta(minutes=5)
"""An event follows the one before it where less than this lies between."""

WAITS = timedelta(minutes=15)
"""So long an event waits for the one that it follows."""

_MOST = 200  # as many runs as the server gives at once


class Foreseer:
    """Tells of foreseen runs, whenever it looks."""

    def __init__(self) -> None:
        self._told: set[UUID] = set()

    def look(self) -> None:
        """Tell of each run once; a server that does not answer in this very instant is asked at the next look."""
        now = datetime.now(UTC)
        try:
            with get_client(sync_client=True) as client:
                for run in untold(_read(client, now), now):
                    if run.id not in self._told:
                        _tell(client, run)
                        self._told.add(run.id)
        except httpx.HTTPError:
            return


def untold(runs: Iterable[FlowRun], now: datetime) -> list[FlowRun]:
    """Return the runs that a schedule made so shortly before their time that what they tell follows their making.

    Parameters
    ----------
    runs : iterable of FlowRun
        Whoever made them.
    now : datetime
        What should have begun longer ago than an event waits is of no matter any more.
    """
    found = []
    for run in runs:
        made, begins = run.created, run.expected_start_time
        if run.auto_scheduled and made is not None and begins is not None:
            found += [run] if begins - made < FOLLOWS and now - begins < WAITS else []
    return found


def _read(client: SyncPrefectClient, now: datetime) -> list[FlowRun]:
    lately = FlowRunFilterExpectedStartTime.model_validate({"after_": now - WAITS, "before_": now + FOLLOWS})
    asked = FlowRunFilter(tags=FlowRunFilterTags(all_=[TAG]), expected_start_time=lately)
    return client.read_flow_runs(flow_run_filter=asked, sort=FlowRunSort.EXPECTED_START_TIME_DESC, limit=_MOST)


def _tell(client: SyncPrefectClient, run: FlowRun) -> None:
    try:
        states = client.read_flow_run_states(run.id)
    except ObjectNotFound:  # deleted since
        return
    first = min(states, key=lambda state: state.timestamp, default=None)
    if first is not None:
        _publish(run, first)


def _publish(run: FlowRun, state: State) -> None:
    tags = [{"prefect.resource.id": f"prefect.tag.{tag}", "prefect.resource.role": "tag"} for tag in run.tags]
    of = {"prefect.resource.id": f"prefect.deployment.{run.deployment_id}", "prefect.resource.role": "deployment"}
    emit_event(
        f"prefect.flow-run.{state.name}",
        occurred=state.timestamp,
        resource={
            "prefect.resource.id": f"prefect.flow-run.{run.id}",
            "prefect.resource.name": run.name,
            "prefect.state-name": str(state.name),
            "prefect.state-type": state.type.value,
        },
        related=[of, *tags],
        id=state.id,
    )
