"""What a recipe may be called, and what its flow runs are called on Prefect's pages: its name and when each was due."""

from datetime import UTC, datetime
from typing import Annotated

from prefect.runtime import flow_run
from pydantic import Field, StringConstraints

RecipeName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=60)]
RunId = Annotated[str, StringConstraints(strip_whitespace=True)]
"""A run's id or its beginning, as it was pasted into a form."""


def run_name() -> str:
    """Return recipe and time, such as `medical 2026-11-29 02:00 UTC`: its page tells times of where it is looked at.

    Of a run that no schedule started the seconds tell it from another of its minute.
    """
    due = flow_run.scheduled_start_time or datetime.now(UTC)
    clock = "%H:%M:%S" if due.second else "%H:%M"
    return f"{flow_run.parameters['name']} {due.astimezone(UTC):%Y-%m-%d {clock}} UTC"
