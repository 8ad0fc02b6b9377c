"""Which messages are sent anew, and when: decided from the events of Prefect's server alone."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from prefect.events import Event
from prefect.events.schemas.events import ReceivedEvent

from flows.news import AGAIN, NEWS
from flows.retelling import SILENCE, WAITS, Untold, untold

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
RUN = {"prefect.resource.id": f"prefect.flow-run.{uuid4()}", "prefect.resource.name": "garden"}
AUTOMATION = {"prefect.resource.id": f"prefect.automation.{uuid4()}", "prefect.resource.name": NEWS}


def received(event: str, at: datetime, **more: Any) -> ReceivedEvent:
    return ReceivedEvent.model_validate({"event": event, "occurred": at, "received": at, "id": uuid4()} | more)


def wanted(about: Event, at: datetime = START) -> ReceivedEvent:
    return received(
        "prefect.automation.triggered",
        at,
        resource=AUTOMATION,
        payload={"triggering_event": about.model_dump(mode="json")},
    )


def went(sending: ReceivedEvent, how: str, **payload: Any) -> ReceivedEvent:
    of = {"prefect.resource.id": f"prefect.event.{sending.id}", "prefect.resource.role": "automation-triggered-event"}
    at = sending.occurred + timedelta(seconds=1)
    return received(f"prefect.automation.action.{how}", at, resource=AUTOMATION, related=[of], payload=payload)


def failed(message: str = "prefect.flow-run.Failed", **payload: Any) -> Event:
    return Event(event=message, resource=RUN, payload=payload, id=uuid4())


@pytest.mark.parametrize(
    ("how", "payload", "why"),
    [
        ("executed", {}, None),
        ("executed", {"status_code": 204}, None),
        ("executed", {"status_code": 503}, "the webhook answered 503"),
        ("failed", {"reason": "Webhook call failed: ConnectError"}, "Webhook call failed: ConnectError"),
        ("failed", {"reason": "Notification failed", "notification_log": "HTTP 500"}, "HTTP 500"),
    ],
)
def test_what_did_not_arrive_is_found_whichever_way_the_server_tells_it(
    how: str, payload: dict[str, Any], why: str | None
) -> None:
    about, later = failed(), START + timedelta(seconds=2)
    sending = wanted(about)
    found = untold([went(sending, how, **payload), sending], later)
    assert [(one.about.id, one.tries, one.why) for one in found] == ([(about.id, 1, why)] if why else [])


def test_a_message_of_which_nothing_more_is_heard_did_not_arrive() -> None:
    sending = wanted(failed())
    assert untold([sending], START + SILENCE - timedelta(seconds=1)) == []
    (found,) = untold([sending], START + SILENCE)
    assert found.failed == START + SILENCE


def test_it_is_sent_anew_after_longer_and_longer_waits_and_then_given_up() -> None:
    """Plays the server: each message fails one second after it was sent."""
    about, at, sent = failed(), START, []
    for tries in range(1, len(WAITS) + 2):
        sending = wanted(about, at)
        (found,) = untold([sending, went(sending, "failed", reason="no")], at + timedelta(hours=1))
        assert found.tries == tries
        if found.hopeless:
            break
        due = found.failed + WAITS[tries - 1]
        assert not found.due(due - timedelta(seconds=1))
        assert found.due(due)
        sent.append((due - at).total_seconds())
        about, at = failed(AGAIN, tries=found.tries), due
    assert sent == [11, 61, 301]
    assert not found.due(datetime.max.replace(tzinfo=UTC))


def test_a_repetition_that_another_program_published_is_not_repeated() -> None:
    sending = wanted(failed(AGAIN))
    (found,) = untold([sending, went(sending, "failed", reason="no")], START + timedelta(hours=1))
    assert found.hopeless


def test_what_was_sent_anew_is_not_sent_anew_by_another_look_nor_by_another_program() -> None:
    sending = wanted(failed())
    events, now = [sending, went(sending, "failed", reason="no")], START + timedelta(minutes=1)
    (found,), (other,) = untold(events, now), untold(events, now)
    assert found.again() == other.again() != Untold(uuid4(), *found[1:]).again()
    published = received(AGAIN, now, resource=RUN, id=UUID(str(found.again())))
    assert untold([*events, published], now) == []
