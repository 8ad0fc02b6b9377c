"""How a run ended: the name of its final state, the reason in one line, and where its directory is."""

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict

from evals.verdict import Verdict
from tasks import store

StateName = Literal["Accepted", "Rejected", "Inconclusive", "Unchanged", "Curated", "Previewed", "Swept", "Ablated"]

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


GOES_BY = ("base", "embedder", "code", "config", "flow", "rest", "general", "general_held")
"""Digests of what a run goes by; what it made of that has digests of its own."""


def key_of(digests: Mapping[str, str], verdict: Verdict) -> str:
    """Digest what a run decided on: a night with other rows but the same training set ends `Unchanged`.

    So does one of newer code that makes the same training set, adapter and scores; what newer code may add to verdict
    or gate counts where it says something.
    """
    made = {name: value for name, value in digests.items() if name not in GOES_BY}
    said = verdict.model_dump(mode="json", exclude_defaults=True)
    return store.value_digest([{**made, "pool": "", "unread": ""}, said])


def as_before(earlier: str, verdict: Verdict) -> str:
    """Say why a run ends `Unchanged`; `earlier` is the run that decided the same."""
    return f"training set, exam and settings are those of {earlier} ({verdict.decision}: {verdict.reason})"
