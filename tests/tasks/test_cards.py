"""What a person reads while a step works."""

import logging

import pytest

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
