"""Messages about runs that did not arrive are sent anew, three times at most: Prefect's automations send each once.

Prefect's server tells by events that an automation wants to send, and how that went; some blocks' failures it does not
tell, and a webhook that answers with an error passes for sent. What did not arrive is found in these events, and what
the message was about is published again under another name. The automation acts on that one, too: by the same block,
in the same words. Nothing of it is kept here, so that a `winnow up` that starts goes on where another ended.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID, uuid5

import httpx
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.events import Event, emit_event
from prefect.events.filters import EventFilter, EventNameFilter, EventOccurredFilter, EventResourceFilter
from prefect.events.schemas.events import ReceivedEvent, ResourceSpecification

from flows.news import AGAIN, NEWS

WAITS = tuple(timedelta(seconds=seconds) for seconds in (10, 60, 300))
"""How long after a first, second and third failure a message is sent anew; after a fourth it is given up."""

SILENCE = timedelta(minutes=2)
"""After so long without a word about a message it did not arrive: the slowest blocks wait some 40 s for an answer, and
the block for mail 10 s for each of a mail server's."""

_LOOK_BACK = SILENCE + WAITS[-1] + timedelta(minutes=10)  # `winnow up` may have been away for a while
_WANTED = "prefect.automation.triggered"
_SENT, _FAILED = "prefect.automation.action.executed", "prefect.automation.action.failed"
_PAGE = 50  # as many events as the server gives at once


class Untold(NamedTuple):
    """A message that did not arrive."""

    sending: UUID
    """The event that told that it was to be sent."""
    about: Event
    tries: int
    failed: datetime
    why: str

    @property
    def hopeless(self) -> bool:
        """Whether it was tried often enough."""
        return self.tries > len(WAITS)

    def due(self, now: datetime) -> bool:
        """Say whether it is time to send it anew."""
        return not self.hopeless and now - self.failed >= WAITS[self.tries - 1]

    def again(self) -> UUID:
        """Return the id of the event by which it is sent anew; the server takes an id once, whoever publishes it."""
        return uuid5(self.sending, AGAIN)


class Reteller:
    """Sends anew what did not arrive, whenever it looks."""

    def __init__(self) -> None:
        self._given_up: set[UUID] = set()

    def look(self) -> list[Untold]:
        """Send anew what is due; return what was given up since the last look.

        A server that does not answer in this very instant is asked at the next look.
        """
        now = datetime.now(UTC)
        try:
            with get_client(sync_client=True) as client:
                messages = untold(_read(client, now), now)
        except httpx.HTTPError:
            return []
        for one in messages:
            if one.due(now):
                _publish(one)
        given_up = [one for one in messages if one.hopeless and one.sending not in self._given_up]
        self._given_up |= {one.sending for one in given_up}
        return given_up


def untold(events: Iterable[ReceivedEvent], now: datetime) -> list[Untold]:
    """Return the messages that did not arrive and were not sent anew.

    Parameters
    ----------
    events : iterable of ReceivedEvent
        What the automation wanted to send, how that went, and what was published again, in any order.
    now : datetime
        Until when they were read.
    """
    events = list(events)
    outcomes = {
        of.id.removeprefix("prefect.event."): one
        for one in events
        if one.event in (_SENT, _FAILED) and (of := one.resource_in_role.get("automation-triggered-event"))
    }
    known = {one.id for one in events}
    found = []
    for one in events:
        if one.event != _WANTED or not one.payload.get("triggering_event"):
            continue
        outcome = outcomes.get(str(one.id))
        if why := _fault(outcome):
            failed = outcome.occurred if outcome else one.occurred + SILENCE
            about = Event.model_validate(one.payload["triggering_event"])
            found.append(Untold(one.id, about, _tries(about), failed, why))
    return [one for one in found if one.failed <= now and one.again() not in known]


def _tries(about: Event) -> int:
    """Return how many times it was tried to tell of something, which may be a repetition."""
    if about.event != AGAIN:
        return 1
    tries = about.payload.get("tries")
    return tries + 1 if isinstance(tries, int) else len(WAITS) + 1  # not ours: no reason to go on


def _fault(outcome: ReceivedEvent | None) -> str | None:
    """Return why a message did not arrive; None where it did, as far as the receiver tells."""
    if outcome is None:
        return "Prefect's server tells no outcome; its log may"
    status = outcome.payload.get("status_code")
    if outcome.event == _FAILED:
        return str(outcome.payload.get("notification_log") or outcome.payload.get("reason"))
    if isinstance(status, int) and not httpx.codes.is_success(status):
        return f"the webhook answered {status}"
    return None


def _read(client: SyncPrefectClient, now: datetime) -> list[ReceivedEvent]:
    """Return what the automation wanted to send of late, how it went, and what was published again."""
    lately = EventOccurredFilter.model_validate({"since": now - _LOOK_BACK})
    of_ours = EventResourceFilter(labels=ResourceSpecification.model_validate({"prefect.resource.name": NEWS}))
    named = EventNameFilter(name=[_WANTED, _SENT, _FAILED])
    news = _events(client, EventFilter(occurred=lately, event=named, resource=of_ours))
    return news and news + _events(client, EventFilter(occurred=lately, event=EventNameFilter(name=[AGAIN])))


def _events(client: SyncPrefectClient, asked: EventFilter) -> list[ReceivedEvent]:
    page = client.read_events(asked, limit=_PAGE)
    found = list(page.events)
    while following := page.get_next_page_sync(client):
        page = following
        found += page.events
    return found


def _publish(message: Untold) -> None:
    emit_event(
        AGAIN,
        resource=dict(message.about.resource.root),
        related=[dict(one.root) for one in message.about.related],
        payload={"tries": message.tries},
        id=message.again(),
    )
