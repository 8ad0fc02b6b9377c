"""Which foreseen runs are told of: decided from the runs of Prefect's server alone."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from prefect.client.schemas.objects import FlowRun, State
from prefect.exceptions import ObjectNotFound

from flows import foreseeing
from flows.foreseeing import Foreseer, untold

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def run(made: float, begins: float, **more: Any) -> FlowRun:
    """Return a run that was made, and is to begin, so many minutes from now."""
    times = {"created": NOW + timedelta(minutes=made), "expected_start_time": NOW + timedelta(minutes=begins)}
    return FlowRun.model_validate({"flow_id": uuid4(), "auto_scheduled": True} | times | more)


@pytest.mark.parametrize(
    ("made", "begins", "is_told"),
    [
        (-1, 1, True),
        (-4, 0.9, True),
        (-4, 1.1, False),  # its first event is too old to be followed
        (-600, 1, False),
        (-15, -14, True),
        (-18, -16, False),  # what waited for it was acted upon by now
    ],
)
def test_runs_are_told_of_that_were_made_shortly_before_their_time(made: float, begins: float, is_told: bool) -> None:
    one = run(made, begins)
    assert untold([one], NOW) == ([one] if is_told else [])


def test_a_run_that_a_person_started_was_told_of_by_the_server() -> None:
    assert untold([run(-1, 1, auto_scheduled=False)], NOW) == []


def test_each_run_is_told_of_once_under_the_id_of_its_first_state(monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime.now(UTC)
    made, gone = (
        FlowRun.model_validate({
            "flow_id": uuid4(), "deployment_id": uuid4(), "auto_scheduled": True, "name": "ivy", "tags": ["winnow"],
            "created": now, "expected_start_time": now,
        })
        for _ in range(2)
    )  # fmt: skip
    running, scheduled = (
        State(type=kind, name=kind.capitalize(), timestamp=now + timedelta(seconds=late))
        for kind, late in (("RUNNING", 9), ("SCHEDULED", 0))
    )
    events: list[tuple[str, dict[str, Any]]] = []

    class Client:
        def __enter__(self) -> "Client":
            return self

        def __exit__(self, *error: object) -> None:
            pass

        def read_flow_runs(self, **asked: Any) -> list[FlowRun]:
            return [gone, made]

        def read_flow_run_states(self, run: UUID) -> list[State]:
            if run == gone.id:
                raise ObjectNotFound(KeyError(run))
            return [running, scheduled]

    monkeypatch.setattr(foreseeing, "get_client", lambda **_: Client())
    monkeypatch.setattr(foreseeing, "emit_event", lambda event, **more: events.append((event, more)))
    foreseer = Foreseer()
    foreseer.look()
    foreseer.look()
    ((event, more),) = events
    assert (event, more["id"], more["occurred"]) == ("prefect.flow-run.Scheduled", scheduled.id, scheduled.timestamp)
    assert more["resource"]["prefect.resource.id"] == f"prefect.flow-run.{made.id}"
    assert {one["prefect.resource.id"] for one in more["related"]} == {
        "prefect.tag.winnow", f"prefect.deployment.{made.deployment_id}",
    }  # fmt: skip


def test_a_server_that_is_away_is_asked_at_the_next_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    from prefect.settings import PREFECT_API_URL, PREFECT_CLIENT_MAX_RETRIES, temporary_settings

    with temporary_settings({PREFECT_API_URL: "http://127.0.0.1:9/api", PREFECT_CLIENT_MAX_RETRIES: 0}):
        Foreseer().look()
