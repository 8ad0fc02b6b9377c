"""Tell Prefect's server, and so its automations, what happened to a champion or a pool; without one, nobody.

What waits on that server for a decision that comes too late with it, ends.
"""

import logging
from typing import Literal

from prefect.events import emit_event

from tasks import cards, prefect_server
from tasks.promotion import Promotion
from tasks.superseded import end_superseded

log = logging.getLogger(__name__)

Happened = Literal["winnow.champion.promoted", "winnow.champion.rolled-back", "winnow.pool.arrived"]

OF_ACTION: dict[str, Happened] = {
    "promoted": "winnow.champion.promoted",
    "rolled back": "winnow.champion.rolled-back",
}


def announce(event: Happened, name: str, **facts: object) -> bool:
    """Publish an event about a recipe's champion or pool; say whether there is a server to tell.

    Its resource is `winnow.champion.<name>` or `winnow.pool.<name>`.
    """
    if prefect_server.named() is None:
        return False
    kind = event.split(".")[1]
    resource = {"prefect.resource.id": f"winnow.{kind}.{name}", "prefect.resource.name": name}
    emit_event(event, resource=resource, payload=facts)
    return True


def of_champion(name: str, made: Promotion) -> list[str]:
    """Publish that a recipe has another champion, and end the forms that this answers; nothing where it stays the same.

    A server that does not answer is passed over, in a line of the log: `winnow up` looks through the forms.

    Returns
    -------
    list of str
        What the forms asked about: runs.
    """
    if not made.new:
        return []
    entry = made.champion
    if (fault := prefect_server.unanswered()) is not None:
        told = "Prefect's server is not told of the champion of %s: %s. `winnow up` ends the forms that this answers."
        log.warning(told, name, fault)
        return []
    announce(
        OF_ACTION[entry.action],
        name,
        run=entry.run,
        adapter=entry.adapter,
        instead_of=made.instead_of,
        who=entry.who,
        why=entry.why,
    )
    answered = end_superseded(name)
    if answered:
        cards.say(f"ended the forms of promote that asked about {', '.join(answered)}")
    return answered
