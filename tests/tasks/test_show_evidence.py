"""A promotion is about the run whose evidence was shown, whatever happens while it waits for a person."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from flows.up import _end_answered
from tasks import announce, champions, declined, superseded
from tasks.promotion import Promotion, promote


@pytest.fixture
def asked(prefect_server: None, home: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The deployed flow that asks a person, and what a worker and the Resume form do with a run of it."""
    from prefect import State
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.responses import OrchestrationResult
    from prefect.exceptions import Pause
    from prefect.flow_engine import run_flow
    from prefect.settings import PREFECT_LOCAL_STORAGE_PATH, temporary_settings

    from flows.promote import promote
    from tasks import caching

    class Asked:
        def __init__(self, client: Any) -> None:
            self.client = client
            self.deployment = client.create_deployment(client.create_flow(promote), "garden")
            self.run = self.again()

        def again(self) -> UUID:
            """Start one more run of it."""
            return self.client.create_flow_run_from_deployment(self.deployment, parameters={"name": "garden"}).id

        def begins(self) -> State | None:
            """Run it as a worker does; None where it is suspended."""
            try:
                return run_flow(promote, flow_run=self.client.read_flow_run(self.run), return_type="state")
            except Pause:
                return None

        def state(self) -> State:
            return self.client.read_flow_run(self.run).state

        def schema(self) -> dict[str, Any]:
            place = f"/flow_runs/{self.run}/input/suspended-decision-schema"
            return dict(self.client.request("GET", place).json())

        def evidence(self) -> str:
            place = f"/flow_runs/{self.run}/input/suspended-decision-description"
            return str(self.client.request("GET", place).json())

        def resume(self, **said: str) -> OrchestrationResult:
            said = {"decision": "promote", "why": "it gains", "who": "Ada"} | said
            return self.client.resume_flow_run(self.run, run_input=said)

        def upgrade(self) -> None:
            """Have another version of winnow installed, to which no cached step answers."""
            monkeypatch.setattr(caching, "code_digest", lambda module: f"another {module}")

    with (
        temporary_settings({PREFECT_LOCAL_STORAGE_PATH: str(home / "results")}),
        get_client(sync_client=True) as client,
    ):
        yield Asked(client)


def test_who_decides_learns_who_declined_before_and_why(asked, accepted: Callable[..., Path]) -> None:
    shown = accepted("one").name
    declined.note("garden", shown, "not yet", "Ada", now=datetime(2026, 2, 1, 9, tzinfo=UTC))
    declined.note("garden", shown, "too <small> a gain", "Bob", now=datetime(2026, 3, 1, 9, tzinfo=UTC))
    declined.note("garden", "20200101-000000-garden", "another", "Eve")
    assert asked.begins() is None
    told = r"Bob declined it on 2026-03-01 09:00 UTC: too \<small\> a gain (1 declined it before that)"
    assert asked.evidence().index("SHIP") < asked.evidence().index(told)
    assert "Eve" not in asked.evidence()


def test_a_list_of_what_was_declined_that_is_damaged_keeps_nobody_from_deciding(
    asked, accepted: Callable[..., Path], home: Path
) -> None:
    accepted("one")
    (home / "declined").mkdir()
    (home / "declined" / "garden.json").write_text("no list")
    assert asked.begins() is None
    assert asked.state().name == "Suspended"


def test_who_decides_learns_which_other_forms_wait(asked, accepted: Callable[..., Path]) -> None:
    first = accepted("one").name
    assert asked.begins() is None
    assert "form" not in asked.evidence()
    older, asked.run = asked.run, asked.again()
    second = accepted("two").name
    assert asked.begins() is None
    assert f"Another form asks, too, about {first}: promote one" in asked.evidence()
    asked.run = asked.again()
    third = accepted("three").name
    assert asked.begins() is None
    assert f"2 other forms ask, too, about {first} and {second}: promote one" in asked.evidence()
    assert superseded.asked_about("garden", third) == [first, second]
    asked.run = older
    asked.resume(run=first)
    assert asked.begins().name == "Promoted"
    assert superseded.asked_about("garden", first) == [], "the champion has ended the others"


def test_who_waited_goes_on_with_the_run_that_was_shown(asked, accepted: Callable[..., Path]) -> None:
    shown = accepted("one").name
    assert asked.begins() is None
    field = asked.schema()["properties"]["run"]
    assert (field["default"], field["title"]) == (shown, "Run")
    assert "this decision is about" in field["description"]
    accepted("two")
    asked.upgrade()
    asked.resume(run=shown)
    ended = asked.begins()
    assert ended.name == "Promoted", ended.message
    assert champions.current("garden").run == shown


@pytest.mark.parametrize("said", [{"run": "20200101-000000-garden"}, {}])
def test_only_the_run_that_was_shown_is_decided_on(asked, accepted: Callable[..., Path], said: dict[str, str]) -> None:
    shown = accepted("one").name
    assert asked.begins() is None
    asked.resume(**said)
    ended = asked.begins()
    if said:
        assert ended.name == "Failed"
        told = (
            f"The decision is about the run 20200101-000000-garden, and the evidence is of {shown}. Nothing is changed"
        )
        assert told in ended.message
    assert (champions.current("garden") is None) == bool(said)


def test_what_a_person_declines_is_kept_with_who_and_why_and_changes_no_champion(
    asked, accepted: Callable[..., Path]
) -> None:
    shown = accepted("one").name
    assert asked.begins() is None
    asked.resume(run=shown, decision="decline", why="not on a Friday", who="Bo")
    assert asked.begins().name == "Declined"
    assert champions.current("garden") is None
    assert [(one.run, one.why, one.who) for one in declined.of("garden")] == [(shown, "not on a Friday", "Bo")]


def test_a_run_that_is_gone_meanwhile_is_told(asked, accepted: Callable[..., Path]) -> None:
    shown = accepted("one")
    assert asked.begins() is None
    shown.rename(shown.with_name("elsewhere"))
    asked.resume(run=shown.name)
    ended = asked.begins()
    assert ended.name == "Failed"
    assert f"There is no finished run “{shown.name}”." in ended.message
    assert champions.current("garden") is None


def test_what_waits_ends_when_a_champion_is_made_that_it_was_not_compared_with(
    asked, accepted: Callable[..., Path]
) -> None:
    shown = accepted("one")
    assert asked.begins() is None
    announce.of_champion("roses", promote(accepted("two"), "it gains more"))
    assert asked.state().name == "Suspended", "the champion of another recipe answers nothing"
    announce.of_champion("garden", Promotion(champion=champions.current("garden")))
    ended = asked.state()
    assert (ended.type.name, ended.name) == ("COMPLETED", "Superseded")
    assert f"The run {shown.name} was judged beside no champion, and now the champion" in ended.message


def test_what_waits_ends_when_its_run_becomes_the_champion_without_it(asked, accepted: Callable[..., Path]) -> None:
    shown = accepted("one")
    assert asked.begins() is None
    announce.of_champion("garden", promote(shown, "from the terminal"))
    ended = asked.state()
    assert (ended.type.name, ended.name) == ("COMPLETED", "Unchanged")
    assert f"{shown.name} is the champion of garden by now" in ended.message


def test_what_waits_and_can_still_be_promoted_goes_on_waiting(asked, accepted: Callable[..., Path]) -> None:
    first = accepted("one")
    promote(first, "it gains")
    second = accepted("two", beside=first.name)
    assert asked.begins() is None
    announce.of_champion("garden", Promotion(champion=champions.current("garden")))
    assert asked.state().name == "Suspended"
    asked.resume(run=second.name)
    assert asked.begins().name == "Promoted"


def test_a_promotion_takes_no_harm_from_what_waits_and_from_its_server(
    asked, accepted: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    damaged = accepted("one")
    assert asked.begins() is None
    (damaged / "scores.parquet").unlink()
    made = promote(accepted("two"), "it gains more")
    assert announce.of_champion("garden", made) == []
    assert f"The form that asks about {damaged.name} is left as it is" in caplog.text
    assert asked.state().name == "Suspended"
    monkeypatch.setattr("tasks.prefect_server.named", lambda: "http://127.0.0.1:9/api")
    assert announce.of_champion("garden", made) == []
    assert "is not told of the champion of garden: no answer from http://127.0.0.1:9/api" in caplog.text


@pytest.mark.parametrize(("promoted", "ends"), [("the other", "Superseded"), ("the one", "Unchanged")])
def test_what_a_promotion_answered_while_the_server_was_off_ends_when_winnow_up_looks(
    asked,
    accepted: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    promoted: str,
    ends: str,
) -> None:
    shown = accepted("one")
    assert asked.begins() is None
    made = shown if promoted == "the one" else accepted("two")
    with monkeypatch.context() as off:
        off.setattr("tasks.prefect_server.named", lambda: "http://127.0.0.1:9/api")
        assert announce.of_champion("garden", promote(made, "it gains more")) == []
    assert asked.state().name == "Suspended"
    _end_answered(["other", "garden"])
    assert asked.state().name == ends
    told = " ".join(capsys.readouterr().out.split())
    assert f"about {shown.name} has ended: {made.name} is the champion of garden by now" in told
    _end_answered(["garden"])
    assert capsys.readouterr().out == ""


def test_what_waits_is_read_to_its_last_page() -> None:
    pages = {0: ["a", "b"], 2: ["c"], 3: []}
    asked: list[dict[str, Any]] = []

    def read_flow_runs(**given: Any) -> list[str]:
        asked.append(given)
        return pages[given["offset"]]

    assert superseded._waiting(SimpleNamespace(read_flow_runs=read_flow_runs), "garden") == ["a", "b", "c"]
    assert {one["deployment_filter"].name.any_[0] for one in asked} == {"garden"}
    assert {one["flow_run_filter"].state.name.any_[0] for one in asked} == {"Suspended"}
    assert {one["flow_filter"].name.any_[0] for one in asked} == {"promote"}


def test_a_form_of_another_home_or_that_somebody_filled_is_let_be(asked, accepted: Callable[..., Path]) -> None:
    shown = accepted("one")
    assert asked.begins() is None
    elsewhere = shown.rename(shown.with_name(f"{shown.name}-2"))
    made = promote(accepted("two"), "it gains more")
    assert announce.of_champion("garden", made) == [], "of which this home has only one that is called alike"
    elsewhere.rename(shown)
    asked.resume(run=shown.name, decision="decline")
    assert announce.of_champion("garden", made) == []
    assert asked.begins().name == "Declined"
