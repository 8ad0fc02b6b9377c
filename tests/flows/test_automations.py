"""What Slack is sent, by Prefect's own block, when an automation tells of a run."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from flows import news
from flows.automations import install
from flows.news import NEWS, NoBlock, ensure_block
from flows.up import _instead

NAME = "<!channel> <@U123> <https://elsewhere.example|look> a & b"


@pytest.fixture
def slack(prefect_server: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, Any]]]:
    """What is sent, by a block that is called `slack-webhook/team`."""
    import requests
    from prefect.blocks.notifications import SlackWebhook
    from prefect.client.orchestration import get_client

    sent: list[dict[str, Any]] = []

    def send(_: object, asked: requests.PreparedRequest, **__: object) -> requests.Response:
        sent.append(json.loads(asked.body or ""))
        answer = requests.Response()
        answer.status_code = 200
        return answer

    monkeypatch.setattr(requests.Session, "send", send)
    address = "https://hooks.slack.com/services/T00000000/B00000000/X00000000000000000000000"
    SlackWebhook(url=address).save("team", overwrite=True)
    yield sent
    with get_client(sync_client=True) as client:  # other tests' runs are told to nobody
        for one in client.read_automations_by_name(NEWS):
            client.delete_automation(one.id)


def test_a_name_out_of_the_data_calls_nobody_on_slack(slack: list[dict[str, Any]]) -> None:
    from prefect.blocks.notifications import SlackWebhook
    from prefect.client.orchestration import get_client
    from prefect.server.utilities.user_templates import (
        register_user_template_filters,
        render_user_template_sync,
    )

    install("slack-webhook/team")
    with get_client(sync_client=True) as client:
        (action,) = client.read_automations_by_name(NEWS)[0].actions
    register_user_template_filters({"ui_url": lambda run: f"http://127.0.0.1:4200/runs/{run.name}"})
    state = SimpleNamespace(name="Failed", message=f"there is no source “{NAME}”")
    told = {"flow": SimpleNamespace(name="retrain"), "flow_run": SimpleNamespace(name="garden", state=state)}
    body, subject = (render_user_template_sync(text, told) for text in (action.body, action.subject))
    SlackWebhook.load("team").notify(body, subject)
    ((shown,),) = ([part["text"] for part in one["attachments"]] for one in slack)
    assert "<" not in shown
    assert "there is no source “‹!channel› ‹@U123› ‹https://elsewhere.example|look› a &amp; b”" in shown
    assert shown.endswith("http://127.0.0.1:4200/runs/garden")


def test_who_is_told_can_be_asked_and_whoever_is_no_longer_is_named(slack: list[dict[str, Any]]) -> None:
    from prefect.blocks.notifications import SlackWebhook

    assert news.told() is None
    install("slack-webhook/team")
    install()
    assert news.told() == "slack-webhook/team"
    assert _instead(news.told(), "slack-webhook/team") == ""
    assert _instead(news.told(), "mail-server/all") == (
        "mail-server/all is told of runs from here on, and slack-webhook/team no longer: one block is."
    )
    SlackWebhook.delete("team")
    assert news.told() is None


@pytest.mark.parametrize(
    ("flow", "told"),
    [
        ("promote", "Should 2026-garden become the champion of garden? It waits for a person: fill the form of its"),
        ("own", "It waits for a person: fill the form of its"),
    ],
)
def test_who_is_told_that_a_person_is_waited_for_learns_what_for(flow: str, told: str) -> None:
    from prefect.server.utilities.user_templates import register_user_template_filters, render_user_template_sync

    register_user_template_filters({"ui_url": lambda run: f"http://127.0.0.1:4200/runs/{run.name}"})
    run = SimpleNamespace(
        name="garden 2026",
        state=SimpleNamespace(name="Suspended", message=None),
        parameters={"name": "garden", "run": "2026-garden"},
    )
    given = {"flow": SimpleNamespace(name=flow), "flow_run": run}
    mail, slack, hook = (
        render_user_template_sync(text, given) for text in (news._BODY, news._SLACK_BODY, news._PAYLOAD)
    )
    assert mail == slack
    assert mail.startswith(told)
    assert mail.endswith("Resume button.\n\nhttp://127.0.0.1:4200/runs/garden 2026")
    assert json.loads(hook)["reason"].startswith(told)


@pytest.mark.parametrize(("parameters", "named"), [({"name": "garden"}, "garden"), ({}, "gamma5-loracus")])
def test_who_is_told_of_a_late_run_learns_of_which_recipe_and_what_to_do(
    parameters: dict[str, str], named: str
) -> None:
    from prefect.server.utilities.user_templates import register_user_template_filters, render_user_template_sync

    register_user_template_filters({"ui_url": lambda run: f"http://127.0.0.1:4200/runs/{run.name}"})
    run = SimpleNamespace(
        name="gamma5-loracus",
        state=SimpleNamespace(name="Late", message=None),
        parameters=parameters,
        expected_start_time=datetime(2026, 3, 1, 9, 30, tzinfo=UTC),
    )
    given = {"flow": SimpleNamespace(name="retrain"), "flow_run": run}
    subject, body, hook = (
        render_user_template_sync(text, given) for text in (news._SUBJECT, news._BODY, news._PAYLOAD)
    )
    told = (
        "It should have begun at 2026-03-01 09:30 UTC, and no worker took it: is `winnow up` on, or is the work pool "
        "paused? `winnow doctor` tells."
    )
    assert subject == f"retrain {named}: Late"
    assert body.startswith(f"{told}\n\n")
    assert (json.loads(hook)["recipe run"], json.loads(hook)["reason"]) == (named, told)


def test_a_webhook_that_sends_nothing_of_the_run_is_told_with_what_to_write(prefect_server: None) -> None:
    from prefect.blocks.notifications import CustomWebhookNotificationBlock as Hook

    at = {"name": "team", "url": "http://127.0.0.1:9/"}
    Hook(**at).save("plain", overwrite=True)
    told = ensure_block("custom-webhook/plain")
    assert told.startswith("The block custom-webhook/plain sends the same each time")
    assert told.endswith('Write {"subject": "{{subject}}", "body": "{{body}}"} as its JSON Data, on the page Blocks.')
    Hook(**at, json_data={"text": "{{subject}} {{ body }}"}).save("told", overwrite=True)
    assert ensure_block("custom-webhook/told") == ""


def test_a_webhook_that_names_no_type_of_what_it_sends_is_told_with_what_to_write(prefect_server: None) -> None:
    from prefect.blocks.webhook import Webhook

    at = {"url": "http://127.0.0.1:9/"}
    Webhook(**at).save("plain", overwrite=True)
    told = ensure_block("webhook/plain")
    assert told.startswith("The block webhook/plain doesn't say that what it sends is JSON")
    assert told.endswith('Write {"Content-Type": "application/json"} as its Webhook Headers, on the page Blocks.')
    Webhook(**at, headers={"content-type": "application/json", "x-key": "k"}).save("told", overwrite=True)
    assert ensure_block("webhook/told") == ""


def test_a_block_that_is_not_there_is_told_before_anything_is_deployed(prefect_server: None) -> None:
    with pytest.raises(NoBlock, match="there is no block “slack-webhook/nobody”. Make it on the page Blocks"):
        ensure_block("slack-webhook/nobody")
