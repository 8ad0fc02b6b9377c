"""The final state of a flow run: its name is the answer, its message the reason."""

from prefect.client.schemas.objects import State
from prefect.states import Completed

from tasks.outcome import Outcome


def ending(outcome: Outcome) -> State:
    """Return a completed state named for the outcome.

    A rejection is a completed run too: the run did its work, and nightly history stays green. Automations look at the
    state's name.
    """
    return Completed(name=outcome.state, message=outcome.reason, data=outcome.model_dump())
