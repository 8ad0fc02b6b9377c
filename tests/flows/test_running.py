"""The end of a run on the terminal: its last line says what a person may not overlook."""

import io
import logging
from pathlib import Path
from unittest.mock import Mock

import pytest

from flows.console import Terminal
from flows.ending import ending
from flows.running import _tell, run
from tasks import runs
from tasks.outcome import Outcome


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


def test_what_is_wrong_with_the_clock_is_told_before_the_end(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def flow(**_: object) -> Mock:
        logging.getLogger("tasks.run_ids").warning("the clock shows yesterday")
        return Mock(result=lambda **_: {"state": "Previewed", "reason": "looked", "run": None})

    for server in ("ensure_server", "prefect_server.ensure_answers", "prefect_database.ensure_writable"):
        monkeypatch.setattr(f"flows.running.{server}", lambda: None)
    printed = io.StringIO()
    assert run(flow, {}, Terminal(file=printed, width=200)) == 0
    told, _, rest = printed.getvalue().partition("looked")
    assert "! the clock shows yesterday" in told
    assert "without --preview" in rest


def test_the_page_of_a_preview_says_what_publishes(monkeypatch: pytest.MonkeyPatch) -> None:
    pages: dict[str, str] = {}
    monkeypatch.setattr("tasks.cards.markdown", lambda key, text, _: pages.update({key: text}))
    for state in ("Previewed", "Curated"):
        ending(Outcome(state=state, reason="looked", run=None))
        assert ("`preview` off" in pages["result"]) == (state == "Previewed")
