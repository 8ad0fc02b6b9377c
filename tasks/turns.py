"""One fine-tuning at a time on a machine, of whichever deployments: a concurrency limit of Prefect."""

import contextlib
import logging
import socket
import time
from collections.abc import Iterator

import httpx
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import GlobalConcurrencyLimitCreate
from prefect.concurrency.asyncio import ConcurrencySlotAcquisitionError
from prefect.concurrency.sync import concurrency
from prefect.exceptions import ObjectAlreadyExists, ObjectNotFound
from prefect.runtime import deployment

from tasks import prefect_server

log = logging.getLogger(__name__)

_LEASE_SECONDS = 60.0
"""A killed training keeps its turn for so long."""

_PAUSE_SECONDS = 3.0
"""Between looks whether the turn is free."""

_shared = False


def limit() -> str:
    """Return the name of this machine's limit, as the page Concurrency of the UI shows it."""
    return f"winnow-training-{socket.gethostname()}"


def share() -> None:
    """Let trainings of this process take no turn of their own: they are part of the one that its parent has."""
    global _shared
    _shared = True


@contextlib.contextmanager
def turn() -> Iterator[bool]:
    """Wait until nothing else is fine-tuned on this machine, and keep others waiting meanwhile; give whether it does.

    The limit is made where it is missing; who raises it in the UI lets several train at once. It is for runs of
    deployments: one that a person starts at a terminal waits for nobody, and without a server that stays there is
    nobody to ask.
    """
    if _shared or prefect_server.named() is None or deployment.id is None:
        yield False
        return
    if _is_taken():
        log.info("Another fine-tuning is on, on this machine: this one waits for its turn (%s).", limit())
    with contextlib.ExitStack() as held:
        while not _has_turn(held):
            time.sleep(_PAUSE_SECONDS)
        yield True


def _has_turn(held: contextlib.ExitStack) -> bool:
    """Take the turn if it is free.

    Prefect would wait for it, in a thread that it sees to the end of: a run that is cancelled meanwhile would go on to
    wait, until its worker kills it.
    """
    # A server that is gone for a while takes no training down.
    taking = concurrency(limit(), max_retries=0, lease_duration=_LEASE_SECONDS, raise_on_lease_renewal_failure=False)
    try:
        held.enter_context(taking)
    except ConcurrencySlotAcquisitionError as error:
        reason = error.__cause__
        if isinstance(reason, httpx.HTTPStatusError) and reason.response.status_code == httpx.codes.LOCKED:
            return False
        raise
    return True


def _is_taken() -> bool:
    """Say whether somebody has the turn; make the limit where it is missing."""
    with get_client(sync_client=True) as client:
        try:
            known = client.read_global_concurrency_limit_by_name(limit())
        except ObjectNotFound:
            with contextlib.suppress(ObjectAlreadyExists):
                client.create_global_concurrency_limit(GlobalConcurrencyLimitCreate(name=limit(), limit=1))
            return False
    return known.active_slots >= known.limit
