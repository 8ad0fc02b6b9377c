"""See to the promotion of a run that was accepted, as its recipe says: by itself, by a person, or not at all."""

from typing import Any, Literal

from prefect.deployments import run_deployment
from prefect.exceptions import ObjectNotFound
from prefect.runtime import flow_run
from prefect.utilities.urls import url_for

from tasks import announce, cards, prefect_server, store
from tasks.caching import step
from tasks.outcome import Outcome
from tasks.promotion import NotPromotable, is_champion, promote

Promote = Literal["ask", "auto", "never"]


@step(name="offer", cached=False)
def offer(outcome: Outcome, name: str, how: Promote) -> None:
    """Make an accepted run's adapter the champion (`auto`), or start the flow that asks a person (`ask`).

    A run that is not accepted, or repeats an earlier one, is offered to nobody. What keeps a promotion from happening
    is told as a warning, since the run did its work.
    """
    if outcome.state != "Accepted" or outcome.run is None:
        cards.say("nothing to promote")
    elif is_champion(store.home() / "runs" / outcome.run, name):
        cards.say(f"its adapter is the champion of {name} already")
    elif how == "auto":
        _promote(outcome.run, name, outcome.reason)
    elif how == "ask" and (page := _asked(outcome.run, name)) is not None:
        cards.say("whether it becomes the champion is asked: see the flow run of promote that was started")
        if page:
            cards.link("promotion", page, "Promote or decline", f"Should {outcome.run} become the champion?")
    else:
        cards.say(f"`winnow promote {outcome.run} --why …` makes it the champion")


def _promote(run: str, name: str, reason: str) -> None:
    try:
        made = promote(store.home() / "runs" / run, f"by itself, as the recipe asks: {reason}", who="winnow")
    except NotPromotable as error:
        cards.warn(f"not promoted: {error}")
        return
    announce.of_champion(name, made)
    cards.say(f"{made.champion.run} is the champion of {name} now" if made.new else "it is the champion already")


def _asked(run: str, name: str) -> str | None:
    """Start the deployed flow that asks, once for each flow run; return the address of its page, None without one."""
    if prefect_server.named() is None:
        return None
    try:
        asked: Any = run_deployment(
            f"promote/{name}",
            parameters={"name": name, "run": run},
            timeout=0,
            as_subflow=False,
            idempotency_key=f"promote {flow_run.id}",
        )
    except ObjectNotFound:
        return None
    return url_for("flow-run", obj_id=asked.id) or ""
