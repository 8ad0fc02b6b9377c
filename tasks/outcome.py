"""How a run ended: the name of its final state, the reason in one line, and where its directory is."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

StateName = Literal["Accepted", "Rejected", "Inconclusive", "Unchanged", "Curated", "Previewed"]

OF_DECISION: dict[str, StateName] = {
    "SHIP": "Accepted",
    "REJECT": "Rejected",
    "INCONCLUSIVE": "Inconclusive",
}


class Outcome(BaseModel):
    """The end of a run."""

    model_config = ConfigDict(frozen=True)

    state: StateName
    reason: str
    run: str | None
    decision: str | None = None
