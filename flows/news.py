"""What a person is told of, in which words, and by which block of Prefect: one automation does it."""

import json
import re
from typing import Any
from uuid import UUID

from prefect.client.orchestration import get_client
from prefect.events import AutomationCore, CompoundTrigger, EventTrigger, ResourceSpecification
from prefect.events.actions import CallWebhook, SendNotification
from prefect.events.schemas.automations import Posture
from prefect.exceptions import ObjectNotFound

from flows.deploy_settings import TAG
from flows.mail import MailServer
from flows.matching import of_winnow

NEWS = "winnow: a run that a person should look at is told of"

AGAIN = "winnow.message.again"
"""The event by which what did not arrive is told again."""

TOO_LONG = "It takes longer than the "
"""How the reason of a run begins that its recipe's limit cancels."""

_NOTEWORTHY = ("Rejected", "Inconclusive", "Failed", "Crashed", "TimedOut", "Late", "Suspended")
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


def automation(notify: str) -> AutomationCore:
    """Return the automation that tells a block, named as `type/name`, of runs that a person should look at.

    Raises
    ------
    NoBlock
        When there is no such block.
    """
    return AutomationCore(
        name=NEWS,
        description=f"Tells {notify} of runs that end or stand as {', '.join(_NOTEWORTHY)}, or take too long.",
        tags=[TAG],
        trigger=CompoundTrigger(
            require="any",
            triggers=[
                _news(AGAIN, *(f"prefect.flow-run.{state}" for state in _NOTEWORTHY)),
                _news("prefect.flow-run.Cancelling", **{"prefect.state-message": f"{TOO_LONG}*"}),
            ],
            within=None,
        ),
        actions=[_telling(*_block(notify)[:2])],
    )


def ensure_block(notify: str) -> str:
    """Make sure that there is a block to tell, before anything else is done for it.

    Returns
    -------
    str
        What to know of it: that it sends the same each time, whatever it is told, or doesn't say that it sends JSON.
        Mostly nothing.

    Raises
    ------
    NoBlock
        When there is none.
    """
    MailServer.register_type_and_schema()
    kind, _, data = _block(notify)
    if kind == "webhook" and "content-type" not in map(str.casefold, data.get("headers") or ()):
        return (
            f"The block {notify} doesn't say that what it sends is JSON, and some receivers read none then. Write "
            '{"Content-Type": "application/json"} as its Webhook Headers, on the page Blocks.'
        )
    if kind != "custom-webhook" or _FIELDS_OF_A_MESSAGE.search(json.dumps(data)):
        return ""
    return (
        f"The block {notify} sends the same each time, and nothing of the run: none of its fields holds "
        '{{subject}} or {{body}}. Write {"subject": "{{subject}}", "body": "{{body}}"} as its JSON Data, on the page '
        "Blocks."
    )


def told() -> str | None:
    """Return the block that is told, as `type/name`; None where nobody is, or the block is not there any more."""
    with get_client(sync_client=True) as client:
        for known in client.read_automations_by_name(NEWS):
            for action in known.actions:
                if not isinstance(action, CallWebhook | SendNotification):
                    continue
                try:
                    block = client.read_block_document(action.block_document_id)
                except ObjectNotFound:
                    continue
                return f"{block.block_type.slug}/{block.name}" if block.block_type else block.name
    return None


def _news(*events: str, **labels: str) -> EventTrigger:
    return EventTrigger(
        posture=Posture.Reactive,
        expect=set(events),
        match=ResourceSpecification.model_validate(labels),
        match_related=of_winnow(),
        for_each={"prefect.resource.id"},
        threshold=1,
    )


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
