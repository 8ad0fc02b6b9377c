"""Rollback: make an earlier champion the champion again."""

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.checked import told
from flows.naming import RecipeName, RunId, run_name
from tasks.decide import go_back
from tasks.publish_history import publish_history


@flow(name="rollback", flow_run_name=run_name, validate_parameters=True)
@told
def rollback(
    name: RecipeName, to: RunId | None = None, why: str = "asked for from the Prefect UI", who: str = "not told"
) -> State:
    """Go back to an earlier champion. Ends as `RolledBack`; nothing that happened is taken out of the ledger.

    Args:
        name: Name of the recipe.
        to: Run of the earlier champion, or the beginning of its id; the champion before if left out.
        why: Why; the ledger and the model card keep it.
        who: Your name; the ledger and the card keep it.
    """
    made = go_back(name, to, why, who)
    publish_history(name)
    return Completed(name=made.state, message=made.reason, data=made.model_dump())
