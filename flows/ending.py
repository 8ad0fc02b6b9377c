"""The final state of a flow run: its name is the answer, its message the reason."""

from prefect.client.schemas.objects import State
from prefect.states import Completed

from tasks import cards
from tasks.outcome import Outcome
from tasks.reporting.markdown import escape

_PAGES = {"Ablated": "dividend.html"}
_NO_ROWS = ("Swept", "Ablated")  # they keep what trainings did, and no receipts


def ending(outcome: Outcome) -> State:
    """Return a completed state named for the outcome, and put it on top of the run's artifacts.

    A rejection is a completed run too: the run did its work, and nightly history stays green. Automations look at the
    state's name.
    """
    cards.markdown("result", _told(outcome), "How the run ended, and where to look")
    return Completed(name=outcome.state, message=outcome.reason, data=outcome.model_dump())


def _told(outcome: Outcome) -> str:
    lines = [f"# {outcome.state}", "", escape(outcome.reason, 1000), ""]
    if outcome.state == "Previewed":
        lines.append("- nothing was published: `curate` with `preview` off does, and `retrain` trains on it as well")
    if outcome.run is not None:
        lines.append(f"- report: `runs/{outcome.run}/{_PAGES.get(outcome.state, 'report.html')}` in the home")
        if outcome.state not in _NO_ROWS:
            lines += [
                f"- a row's life: `winnow why ROW {outcome.run}`",
                f"- every claim proven again: `winnow audit {outcome.run}`",
            ]
    return "\n".join([*lines, ""])
