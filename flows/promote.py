"""Promote: show what a run found, wait for a person, and swap the champion."""

from typing import Literal

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.flow_runs import suspend_flow_run
from prefect.input import RunInput
from prefect.states import Completed
from pydantic import Field

from flows.checked import told
from flows.naming import RecipeName, RunId, run_name
from tasks.decide import decide
from tasks.publish_history import publish_history
from tasks.show_evidence import Candidate, find_candidate, show_evidence


class Decision(RunInput):
    """What a person says of a candidate; a form for one has its run filled in (`_form`)."""

    run: str
    decision: Literal["promote", "decline"] = Field(
        title="Decision", description="promote: the champion is swapped. decline: nothing changes."
    )
    why: str = Field(
        title="Why",
        pattern=r"\S",
        max_length=1000,
        description="The history keeps it; a champion's card, too.",
    )
    who: str = Field(
        title="Your name",
        pattern=r"\S",
        max_length=100,
        description="It is kept beside that.",
    )


@flow(name="promote", flow_run_name=run_name, validate_parameters=True, persist_result=True)
@told
def promote(name: RecipeName, run: RunId | None = None) -> State:
    """Ask a person whether an accepted run's adapter becomes the champion.

    Ends as `Promoted`, `Declined`, or `Unchanged` where it is the champion already. It is
    suspended until the form of its Resume button is filled; no worker waits meanwhile. Where another champion
    is made first, which this run was not compared with, it ends as `Superseded`, and nobody need fill the form.

    Args:
        name: Name of the recipe.
        run: Id of the run, or its beginning; the newest run of the recipe that was judged if left out.
    """
    candidate = show_evidence(name, find_candidate(name, run))
    answer = suspend_flow_run(wait_for_input=_form(candidate), key="decision")
    made = decide(name, candidate, answer.run, answer.decision == "promote", answer.why, answer.who)
    publish_history(name)
    return Completed(name=made.state, message=made.reason, data=made.model_dump())


def _form(candidate: Candidate) -> type[Decision]:
    """Return the form that shows a candidate's evidence, and carries which run that is."""
    run = Field(default=candidate.run, title="Run", description="The run this decision is about. Leave it as it is.")
    return Decision.with_initial_data(description=candidate.told, run=run)
