"""What Prefect does by itself: a run without a sign of life crashes, and what a person should know is told.

Installing is safe to repeat: an automation that is there is brought up to date. One that a person paused stays paused.
"""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, NamedTuple, get_args
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import StateType
from prefect.events import Automation, AutomationCore, EventTrigger, ResourceSpecification
from prefect.events.actions import CallWebhook, ChangeFlowRunState, SendNotification
from prefect.events.schemas.automations import Posture
from prefect.exceptions import ObjectNotFound

from flows.deploy_settings import HEARTBEAT_SECONDS, TAG
from flows.mail import MailServer
from tasks.outcome import StateName

ZOMBIES = "winnow: a run without a sign of life crashes"
STUCK = "winnow: a run that does not get started crashes"
NEWS = "winnow: a run that a person should look at is told of"
ROWS = "winnow: rows arrived for {}"
HOURS = "winnow: a run of {} that takes too long is cancelled"
"""Those of a recipe's own, by its name. Prefect leaves them where its deployments are deleted."""

AGAIN = "winnow.message.again"
"""The event by which what did not arrive is told again."""

_START_MINUTES = 10
_MISSED = 4  # heartbeats; a machine that swaps may be late by one or two
_NOTEWORTHY = ("Rejected", "Inconclusive", "Failed", "Crashed", "TimedOut", "Late", "Suspended")
_OVER = ("Completed", "Failed", "Crashed", "Cancelling", "Cancelled", "TimedOut")
# A run that is late has not named itself yet, and its state has no message; neither has one that is suspended.
_NAME = '{{ flow_run.parameters.name or flow_run.name if flow_run.state.name == "Late" else flow_run.name }}'
_SUBJECT = "{{ flow.name }} " + _NAME + ": {{ flow_run.state.name }}"
_MESSAGE = (
    '{% if flow_run.state.name == "Suspended" %}{% if flow.name == "promote" %}Should {{ flow_run.parameters.run }} '
    "become the champion of {{ flow_run.parameters.name }}? {% endif %}It waits for a person: fill the form of its "
    'Resume button.{% elif flow_run.state.name == "Late" %}It should have begun at '
    '{{ flow_run.expected_start_time.strftime("%Y-%m-%d %H:%M") }} UTC, and no worker took it: is `winnow up` on, or '
    'is the work pool paused? `winnow doctor` tells.{% else %}{{ flow_run.state.message or "" }}{% endif %}'
)
_BODY = (
    _MESSAGE
    + """

{{ flow_run|ui_url }}"""
)
# Prefect's block escapes &, < and > as Slack asks, and then makes mentions and links again of what looks like one
# (<!channel>, <@user>, <address|text>): a name out of the data must call nobody.
_SLACK_BODY = (
    "{% filter replace('<', '‹')|replace('>', '›') %}"
    + _MESSAGE
    + """{% endfilter %}

{{ flow_run|ui_url }}"""
)
_PAYLOAD = (
    """{"recipe run": {% set name %}"""
    + _NAME
    + """{% endset %}{{ name|tojson }}, "flow": {{ flow.name|tojson }},
"state": {{ flow_run.state.name|tojson }}, "reason": {% set told %}"""
    + _MESSAGE
    + """{% endset %}{{ told|tojson }},
"page": {{ flow_run|ui_url|tojson }}}"""
)


_FIELDS_OF_A_MESSAGE = re.compile(r"\{\{\s*(subject|body|name)\s*\}\}")


class NoBlock(ValueError):
    """The block that should be told is not there; the message says how to make it."""


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


def ensure_block(notify: str) -> str:
    """Make sure that there is a block to tell, before anything else is done for it.

    Returns
    -------
    str
        What to know of it: that it sends the same each time, whatever it is told. Mostly nothing.

    Raises
    ------
    NoBlock
        When there is none.
    """
    MailServer.register_type_and_schema()
    kind, _, data = _block(notify)
    if kind != "custom-webhook" or _FIELDS_OF_A_MESSAGE.search(json.dumps(data)):
        return ""
    return (
        f"The block {notify} sends the same each time, and nothing of the run: none of its fields holds "
        '{{subject}} or {{body}}. Write {"subject": "{{subject}}", "body": "{{body}}"} as its JSON Data, on the page '
        "Blocks."
    )


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
                match_related=_related("prefect.deployment", str(deployment), "deployment"),
                for_each={"prefect.resource.id"},
                threshold=1,
                within=timedelta(hours=hours),
            ),
            actions=[
                ChangeFlowRunState(
                    state=StateType.CANCELLING,
                    name="Cancelling",
                    message=f"It takes longer than the {hours:g} h that its recipe allows (deploy.most_hours). Started "
                    "again, it goes on from what is finished.",
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
            match_related=_of_winnow(),
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
            match_related=_of_winnow(),
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
        yield AutomationCore(
            name=NEWS,
            description=f"Tells {notify} of runs that end or stand as {', '.join(_NOTEWORTHY)}.",
            tags=[TAG],
            trigger=EventTrigger(
                posture=Posture.Reactive,
                expect={AGAIN, *(f"prefect.flow-run.{state}" for state in _NOTEWORTHY)},
                match_related=_of_winnow(),
                for_each={"prefect.resource.id"},
                threshold=1,
            ),
            actions=[_telling(*_block(notify)[:2])],
        )


def _of_winnow() -> ResourceSpecification:
    """Match what belongs to a run of one of winnow's deployments."""
    return _related("prefect.tag", TAG, "tag")


def _related(kind: str, name: str, role: str) -> ResourceSpecification:
    labels = {"prefect.resource.id": f"{kind}.{name}", "prefect.resource.role": role}
    return ResourceSpecification.model_validate(labels)


def _telling(kind: str, block: UUID) -> SendNotification | CallWebhook:
    if kind == "webhook":
        return CallWebhook(block_document_id=block, payload=_PAYLOAD)
    body = _SLACK_BODY if kind == "slack-webhook" else _BODY
    return SendNotification(block_document_id=block, subject=_SUBJECT, body=body)


def _block(notify: str) -> tuple[str, UUID, dict[str, Any]]:
    kind, _, name = notify.partition("/")
    with get_client(sync_client=True) as client:
        try:
            found = client.read_block_document_by_name(name, kind)
        except ObjectNotFound:
            raise NoBlock(
                f"--notify: there is no block “{notify}”. Make it on the page Blocks of the UI (Slack, Mail Server, "
                "webhook; `winnow up` without --notify serves it) and name it as type/name, such as slack-webhook/team "
                "or mail-server/team."
            ) from None
    return kind, found.id, found.data
