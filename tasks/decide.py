"""Do what a person decided of a candidate, and publish it."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from tasks import announce, cards, declined, store
from tasks.caching import step
from tasks.promotion import NotPromotable, Promotion, promote, rollback
from tasks.show_evidence import Candidate


class Decided(BaseModel):
    """What became of the champion, and why."""

    model_config = ConfigDict(frozen=True)

    state: Literal["Promoted", "Declined", "RolledBack", "Unchanged"]
    reason: str


@step(name="decide", cached=False)
def decide(name: str, candidate: Candidate, about: str, yes: bool, why: str, who: str) -> Decided:
    """Make the candidate the champion, or leave everything as it is.

    Raises
    ------
    NotPromotable
        When the decision is about another run, or it can't be promoted any more: another one was, meanwhile.
    LedgerError
        When the ledger, or what was declined before, can't be read.
    """
    if about != candidate.run:
        raise NotPromotable(
            f"The decision is about the run {about}, and the evidence is of {candidate.run}. Nothing is changed: start "
            "promote again, with the run that is meant."
        )
    if not yes:
        declined.note(name, candidate.run, why, who)
        return _said(Decided(state="Declined", reason=f"{candidate.run} was declined by {who}: {why}"))
    made = promote(store.home() / "runs" / candidate.run, why, who=who)
    return _published(name, made, "Promoted", f"by {who}: {why}")


@step(name="go_back", cached=False)
def go_back(name: str, to: str | None, why: str, who: str) -> Decided:
    """Make an earlier champion the champion again.

    Raises
    ------
    NotPromotable
        When there is no such champion, or its adapter is gone.
    """
    made = rollback(name, why, to=to or "", who=who)
    return _published(name, made, "RolledBack", f"by {who}: {why}")


def _published(name: str, made: Promotion, state: Literal["Promoted", "RolledBack"], how: str) -> Decided:
    announce.of_champion(name, made)
    if not made.new:
        told = f"{made.champion.run} is the champion of {name} already; nothing is changed"
        return _said(Decided(state="Unchanged", reason=told))
    instead = f" instead of {made.instead_of}" if made.instead_of else ""
    return _said(Decided(state=state, reason=f"{made.champion.run} is the champion of {name} now{instead}, {how}"))


def _said(decided: Decided) -> Decided:
    cards.say(decided.reason)
    return decided
