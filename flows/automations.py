"""What Prefect does by itself: a run without a sign of life crashes, and what a person should know is told.

Installing is safe to repeat: an automation that is there is brought up to date. One that a person paused stays paused.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple, get_args
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import StateType
from prefect.events import Automation, AutomationCore, EventTrigger
from prefect.events.actions import ChangeFlowRunState
from prefect.events.schemas.automations import Posture

from flows.deploy_settings import HEARTBEAT_SECONDS, TAG
from flows.mail import MailServer
from flows.matching import of_winnow, related
from flows.news import NEWS, TOO_LONG, automation
from tasks.outcome import StateName

ZOMBIES = "winnow: a run without a sign of life crashes"
STUCK = "winnow: a run that does not get started crashes"
ROWS = "winnow: rows arrived for {}"
HOURS = "winnow: a run of {} that takes too long is cancelled"
"""Those of a recipe's own, by its name. Prefect leaves them where its deployments are deleted."""

_START_MINUTES = 10
_MISSED = 4  # heartbeats; a machine that swaps may be late by one or two
_OVER = ("Completed", "Failed", "Crashed", "Cancelling", "Cancelled", "TimedOut")


class Installed(NamedTuple):
    """An automation, and whether it works."""

    name: str
    enabled: bool


def install(notify: str | None = None) -> list[Installed]:
    """Install the automations, and return them; and the kind of block by which a mail server is told of.

    Parameters
    ----------
    notify : str, optional
        A block of Prefect that is told, as `type/name`: `slack-webhook/team`, `mail-server/team`, `webhook/hook`.
        Without it nobody is; one that was named before stays.

    Raises
    ------
    NoBlock
        When there is no such block.
    """
    MailServer.register_type_and_schema()
    with get_client(sync_client=True) as client:
        for wanted in _wanted(notify):
            known = client.read_automations_by_name(wanted.name)
            if not known:
                client.create_automation(wanted)
                continue
            _bring_up(client, known[0], wanted)
            for double in known[1:]:
                client.delete_automation(double.id)
    return installed()


def cancel_after(hours: float | None, name: str, deployment: UUID) -> None:
    """Cancel runs of a deployment that take longer than so many hours; None lets them take as long as they do."""
    called = HOURS.format(name)
    with get_client(sync_client=True) as client:
        known = client.read_automations_by_name(called)
        for one in known if hours is None else known[1:]:
            client.delete_automation(one.id)
        if hours is None:
            return
        wanted = AutomationCore(
            name=called,
            description=f"After {hours:g} h, as its recipe asks (deploy.most_hours).",
            tags=[TAG, name],
            trigger=EventTrigger(
                posture=Posture.Proactive,
                after={"prefect.flow-run.Running"},
                expect={f"prefect.flow-run.{state}" for state in (*get_args(StateName), *_OVER)},
                match_related=related("prefect.deployment", str(deployment), "deployment"),
                for_each={"prefect.resource.id"},
                threshold=1,
                within=timedelta(hours=hours),
            ),
            actions=[
                ChangeFlowRunState(
                    state=StateType.CANCELLING,
                    name="Cancelling",
                    message=f"{TOO_LONG}{hours:g} h that its recipe allows (deploy.most_hours). Started again, it "
                    "goes on from what is finished.",
                )
            ],
        )
        if not known:
            client.create_automation(wanted)
        else:
            _bring_up(client, known[0], wanted)


def installed() -> list[Installed]:
    """Return those of winnow's automations that the server has."""
    with get_client(sync_client=True) as client:
        found: list[Automation] = [
            one for name in (ZOMBIES, STUCK, NEWS) for one in client.read_automations_by_name(name)
        ]
    return [Installed(one.name, one.enabled) for one in found]


def of_recipe(client: SyncPrefectClient, name: str) -> list[UUID]:
    """Return the automations that were made with a recipe's deployments."""
    return [one.id for called in (ROWS, HOURS) for one in client.read_automations_by_name(called.format(name))]


def _bring_up(client: SyncPrefectClient, known: Automation, wanted: AutomationCore) -> None:
    """Bring an automation up to date, unless it is as wanted: updated, it would forget which runs it waits for."""
    kept = wanted.model_copy(update={"enabled": known.enabled})
    if AutomationCore.model_validate(known.model_dump()) != kept:
        client.update_automation(known.id, kept)


def _wanted(notify: str | None) -> Iterator[AutomationCore]:
    yield AutomationCore(
        name=ZOMBIES,
        description="The worker or the machine of such a run is gone. Start it again: finished steps are kept, and "
        "training goes on from its last checkpoint.",
        tags=[TAG],
        trigger=EventTrigger(
            posture=Posture.Proactive,
            after={"prefect.flow-run.heartbeat", "prefect.flow-run.Running"},  # it may die before its first heartbeat
            expect={"prefect.flow-run.*"},
            match_related=of_winnow(),
            for_each={"prefect.resource.id"},
            threshold=1,
            within=timedelta(seconds=_MISSED * HEARTBEAT_SECONDS),
        ),
        actions=[
            ChangeFlowRunState(
                state=StateType.CRASHED,
                name="Crashed",
                message=f"No sign of life for {_MISSED * HEARTBEAT_SECONDS} s: its worker or machine is gone. Start it "
                "again: finished steps are kept.",
            )
        ],
    )
    yield AutomationCore(
        name=STUCK,
        description="Its worker was gone before the run had begun, and others of its recipe would wait for good.",
        tags=[TAG],
        trigger=EventTrigger(
            posture=Posture.Proactive,
            after={"prefect.flow-run.Pending", "prefect.flow-run.Submitting"},
            expect={"prefect.flow-run.*"},
            match_related=of_winnow(),
            for_each={"prefect.resource.id"},
            threshold=1,
            within=timedelta(minutes=_START_MINUTES),
        ),
        actions=[
            ChangeFlowRunState(
                state=StateType.CRASHED,
                name="Crashed",
                message=f"It did not begin within {_START_MINUTES} minutes: its worker is gone. Start it again.",
            )
        ],
    )
    if notify is not None:
        yield automation(notify)
