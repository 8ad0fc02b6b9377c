"""What runs are called on Prefect's pages."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from flows import naming


@pytest.mark.parametrize(
    ("second", "told"), [(0, "garden 2026-03-01 02:00 UTC"), (7, "garden 2026-03-01 02:00:07 UTC")]
)
def test_two_runs_of_a_minute_have_names_of_their_own(monkeypatch: pytest.MonkeyPatch, second: int, told: str) -> None:
    due = datetime(2026, 3, 1, 2, 0, second, tzinfo=UTC)
    run = SimpleNamespace(scheduled_start_time=due, parameters={"name": "garden"})
    monkeypatch.setattr(naming, "flow_run", run)
    assert naming.run_name() == told
