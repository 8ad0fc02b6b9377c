"""What a flow run is called on Prefect's pages: its recipe and when it was due."""

from datetime import UTC, datetime

from prefect.runtime import flow_run


def run_name() -> str:
    """Return recipe and time, such as `medical 2026-11-29 02:00` (UTC)."""
    due = flow_run.scheduled_start_time or datetime.now(UTC)
    return f"{flow_run.parameters['name']} {due.astimezone(UTC):%Y-%m-%d %H:%M}"
