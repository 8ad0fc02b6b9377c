"""What a person reads while a step works."""

import logging
import time

import pytest
from prefect import flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterFlowRunId

from tasks import cards
from tasks.reporting.text import counted


def test_one_is_one_and_all_else_are_many() -> None:
    told = [counted(number, "row") for number in (0, 1, 2, 1_000)]
    assert told == ["0 rows", "1 row", "2 rows", "1,000 rows"]


def test_what_sums_up_something_that_is_no_task_of_prefect_is_in_the_log_too(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "tasks.cards")
    told: list[str] = []
    with cards.listen(lambda event: told.append(event.text) if event.kind == "said" else None):
        with cards.part("random"), cards.shown("arm") as say:
            say("63 s of training")
        with cards.muted(), cards.shown("arm") as say:
            say("of another run")
    assert told == ["63 s of training"]
    assert caplog.messages == ["random · 63 s of training"]


@flow(name="working")
def working(ticks: int, pause: float) -> None:
    with cards.progress("Counting") as tick:
        for done in range(1, ticks + 1):
            time.sleep(pause)
            tick(done, ticks)


def shown_on_the_page(ticks: int, pause: float) -> list[tuple[str | None, object]]:
    state = working(ticks, pause, return_state=True)
    with get_client(sync_client=True) as client:
        of = ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[state.state_details.flow_run_id]))
        return [(one.description, one.data) for one in client.read_artifacts(artifact_filter=of)]


@pytest.mark.usefixtures("prefect_server")
def test_a_run_s_page_shows_how_far_a_step_is_that_takes_a_while_and_nothing_of_a_short_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert shown_on_the_page(5, pause=0) == []
    monkeypatch.setattr(cards, "_EVERY_SECONDS", 0.2)
    assert shown_on_the_page(5, pause=0.15) == [("Counting", 100.0)]
