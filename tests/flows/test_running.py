"""The end of a run on the terminal: its last line says what a person may not overlook."""

import io
from pathlib import Path

import pytest

from flows.console import Terminal
from flows.running import _tell
from tasks import runs


@pytest.mark.parametrize(
    ("decision", "stands"), [("SHIP", "Accepted"), ("REJECT", "Rejected"), ("INCONCLUSIVE", "Inconclusive")]
)
def test_unchanged_ends_with_the_verdict_that_still_stands(home: Path, decision: str, stands: str) -> None:
    with runs.open_run("garden", "") as run:
        (run.folder / "receipts.parquet").touch()
        run.commit(state="Unchanged", reason="as before", facts={"decision": decision})
    printed = io.StringIO()
    ended = {"state": "Unchanged", "reason": "as before", "run": run.folder.name, "decision": decision}
    _tell(Terminal(file=printed, width=200), ended)
    assert printed.getvalue().splitlines()[-1] == f"Unchanged: the run it repeats was {stands}, and that still stands."


def test_any_other_end_names_itself_once(home: Path) -> None:
    with runs.open_run("garden", "") as run:
        run.commit(state="Rejected", reason="lost", facts={"decision": "REJECT"})
    printed = io.StringIO()
    _tell(Terminal(file=printed), {"state": "Rejected", "reason": "lost", "run": run.folder.name, "decision": "REJECT"})
    assert printed.getvalue().count("Rejected") == 1
