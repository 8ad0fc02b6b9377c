"""Daily life with a real server, a real worker and real runs: `winnow up`, and all that starts and stops runs."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import httpx
import pytest
import yaml

from flows import children
from flows.automations import STUCK, ZOMBIES
from flows.cancelled import STOPPED
from flows.deleted import DELETED
from flows.news import NEWS
from tasks import champions
from tests.flows.letterbox import letterbox

pytestmark = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks for processes in /proc")


def test_what_is_up_is_found_and_doing_it_again_doubles_nothing(team) -> None:
    flows = ("retrain", "curate", "promote", "rollback")
    wanted = sorted(f"{flow}/{name}" for flow in flows for name in ("garden", "often"))

    def there() -> list[Any]:
        return [
            sorted(one["name"] for one in team.post("/deployments/filter")),
            sorted(one["name"] for one in team.post("/automations/filter")),
            [one["schedule"]["cron"] for one in team.deployment("retrain/often")["schedules"]],
            team.deployment("retrain/garden")["schedules"],
        ]

    before = there()
    assert [team.deployment(name)["name"] for name in wanted]
    assert {STUCK, ZOMBIES} <= set(before[1])
    assert (before[2], before[3]) == (["* * * * *"], [])
    deployed = team.winnow("deploy", str(team.recipes / "often.yaml"))
    assert "retrain/often" in deployed
    assert f"✓ work pool winnow, with the worker winnow-{socket.gethostname()}" in deployed
    assert there() == before
    for what in ("server", "worker"):
        line = next(line for line in team.told.read_text().splitlines() if line.startswith(f"✓ {what} "))
        assert line.endswith(str(team.home / "logs" / f"{what}.log")), "a path that was broken off can't be copied"
    told = [(team.home / "logs" / f"{what}.log").read_text() for what in ("server", "worker")]
    assert all(told)
    assert not re.search("docket|get_scheduled_flow_runs", "".join(told)), "every look for runs would fill the disk"
    doctor = team.winnow("doctor")
    assert "of garden, often" in doctor
    assert "with the worker winnow-" in doctor


def test_a_recipe_that_was_edited_or_removed_is_told_with_the_command_that_mends_it(team) -> None:
    file = team.recipes.with_name("fleeting.yaml")
    recipe = yaml.safe_load((team.recipes / "garden.yaml").read_text()) | {
        "name": "fleeting",
        "deploy": {"most_hours": 1},
    }
    file.write_text(yaml.safe_dump(recipe))
    team.winnow("deploy", str(file))
    assert "recipes " not in team.winnow("doctor")
    file.write_text(yaml.safe_dump(recipe | {"promote": "never"}))
    assert f"redeploy with winnow deploy {file}" in team.winnow("doctor")
    file.unlink()
    remove = team.winnow("doctor").partition("Put it back, or: ")[2].partition("\n")[0]
    env = team.env | {"PREFECT_API_URL": team.api, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    subprocess.run(["bash", "-c", remove], env=env, check=True, capture_output=True)
    assert {one["name"] for one in team.post("/deployments/filter")} == {"garden", "often"}
    assert not [one for one in team.post("/automations/filter") if "fleeting" in one["name"]]


BLOCKS = {
    "webhook": """
from prefect.blocks.webhook import Webhook
Webhook(method="POST", url="http://127.0.0.1:{port}/", allow_private_urls=True).save("hook", overwrite=True)
""",
    "mail-server": """
from flows.mail import MailServer
given = dict(host="127.0.0.1", port={port}, encryption="none", sender="winnow@firm.example")
MailServer(recipients=["ada@firm.example"], **given).save("hook", overwrite=True)
""",
}


class Heard(NamedTuple):
    """A receiver of messages."""

    port: int
    said: list[dict[str, Any]]
    """What was sent to it."""
    faults: list[int]
    """The statuses it answers the next messages with; it takes them when there are no more."""

    def of(self, run: str) -> list[dict[str, Any]]:
        """Return what was sent of one run: others, of the schedule or of another test, may end meanwhile."""
        return [news for news in self.said if run in news["page"]]


@pytest.fixture
def heard() -> Iterator[Heard]:
    said: list[dict[str, Any]] = []
    faults: list[int] = []

    class Ear(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            said.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(faults.pop(0) if faults else 200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Ear) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Heard(server.server_address[1], said, faults)
        server.shutdown()


def notify(team, kind: str, port: int) -> str:
    """Let a second `winnow up`, which ends by itself, name a block that is told; return what it printed."""
    env = team.env | {"PREFECT_API_URL": team.api}
    made = BLOCKS[kind].format(port=port)
    subprocess.run([sys.executable, "-c", made], env=env, check=True, capture_output=True)
    told = team.told.with_name("second.txt")
    with told.open("w") as lines:
        second = subprocess.Popen(
            [*team.command, "up", "--recipes", team.recipes, "--notify", f"{kind}/hook"],
            env=env, stdin=subprocess.DEVNULL, stdout=lines, stderr=subprocess.STDOUT,
        )  # fmt: skip
    assert second.wait(team.minute) == 0
    return told.read_text()


def test_a_second_up_uses_the_server_that_is_there_and_whoever_is_to_be_told_is(team, heard) -> None:
    told = notify(team, "webhook", heard.port)
    assert "answers already" in told
    assert "✓ a `winnow up` of this home is on: its worker runs them\n" in told
    assert "Files that land for garden start runs" in told
    assert len(set(team.processes("prefect", "worker")) - set(team.processes(children.__file__))) == 1
    assert {NEWS, STUCK, ZOMBIES} <= {one["name"] for one in team.post("/automations/filter")}
    run = team.start("rollback/often")
    assert team.ends(run)["state_name"] == "Failed"
    (news,) = team.until(lambda: heard.of(run), team.minute)
    assert (news["flow"], news["state"]) == ("rollback", "Failed")
    assert news["reason"].startswith("“often” has no champion before that could be gone back to.")

    def logged() -> list[str]:
        return [one["message"] for one in team.post("/logs/filter", logs={"flow_run_id": {"any_": [run]}})]

    team.until(lambda: sum("Finished in state Failed(" in one for one in logged()) == 2, team.minute)  # step and flow
    time.sleep(5)  # what its process says as it ends
    assert [one for one in logged() if "“often” has no champion before" in one]
    assert not [one for one in logged() if "Traceback" in one or "unexpected exception" in one], logged()


def sent_anew_once(team, said: list[Any]) -> None:
    assert team.ends(team.start("rollback/often"))["state_name"] == "Failed"
    team.until(lambda: len(said) >= 2, team.minute)
    time.sleep(20)  # the first wait and two looks
    assert len(said) == 2, "the second was taken"


def test_a_message_that_the_receiver_could_not_take_is_sent_anew_once(team, heard) -> None:
    notify(team, "webhook", heard.port)
    heard.faults.append(500)
    sent_anew_once(team, heard.said)
    assert heard.said[0] == heard.said[1]


def test_a_mail_tells_of_a_run_and_is_sent_anew_once_where_it_was_not_taken(team) -> None:
    with letterbox(faults=[b"452 no room"]) as box:
        notify(team, "mail-server", box.port)
        sent_anew_once(team, box.letters)
    (recipients, letter), (_, again) = box.letters
    assert recipients == ["ada@firm.example"]
    assert re.fullmatch(r"rollback often .*: Failed", letter["Subject"])
    assert "has no champion before" in letter.get_content()
    assert "/runs/flow-run/" in letter.get_content()
    assert again.get_content() == letter.get_content()


def test_a_schedule_starts_a_run(team) -> None:
    run = team.until(lambda: [one for one in team.runs("retrain/often") if one["auto_scheduled"]], 2 * team.minute)[-1]
    ended = team.ends(run["id"])
    assert ended["state_name"] in ("Accepted", "Inconclusive", "Rejected"), ended["state"]["message"]
    team.pause("retrain/often")
    # Its first event is not Prefect's: what it told afterwards would wait for it, and automations with that.
    asked = {"resource": {"id": [f"prefect.flow-run.{run['id']}"]}, "event": {"name": ["prefect.flow-run.Scheduled"]}}
    (first,) = team.post("/events/filter", filter=asked)["events"]
    assert (
        min(team.ask("GET", f"/flow_run_states/?flow_run_id={run['id']}"), key=lambda one: one["timestamp"])["id"]
        == (first["id"])
    )


def test_a_run_shows_what_it_found_and_waits_for_a_person(team) -> None:
    ended = team.trained()
    assert re.fullmatch(r"garden \d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)? UTC", ended["name"])
    of = {"flow_runs": {"id": {"any_": [ended["id"]]}}}
    keys = {one["key"] for one in team.post("/artifacts/filter", **of)}
    assert {"funnel", "verdict", "probe", "history"} <= keys
    logs = team.post("/logs/filter", logs={"flow_run_id": {"any_": [ended["id"]]}})
    assert {"tasks.cards", "tasks.training.loop"} <= {line["name"] for line in logs}
    run = team.newest()
    asked = team.waiting(run)
    shown = team.evidence(asked)
    assert run in shown
    assert "SHIP" in shown
    team.resume(asked, decision="promote", why="it gains most", who="Ada")
    assert team.ends(asked)["state_name"] == "Promoted"
    ledger = json.loads((team.home / "champions" / "garden.json").read_text())
    last = ledger["entries"][-1]
    assert (last["run"], last["who"], last["why"]) == (run, "Ada", "it gains most")
    served = team.home / "champions" / "garden" / "current"
    assert "Promoted by Ada" in (served / "README.md").read_text()
    event = {"event": {"name": ["winnow.champion.promoted"]}}
    team.until(lambda: team.post("/events/filter", filter=event)["events"], team.minute)


def test_rows_that_land_start_a_run_and_an_event_one_that_ends_unchanged(team) -> None:
    before = {one["id"] for one in team.runs("retrain/garden")}
    rows = [
        {
            "question": f"May I plant {plant} beside my old apple tree, and when?",
            "answer": f"Grow {plant} in a pot of its own.",
        }
        for plant in ("mint", "borage")
    ]
    (team.world / "pool" / "late.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    run = team.until(lambda: {one["id"] for one in team.runs("retrain/garden")} - before, team.minute).pop()
    assert team.ends(run)["state_type"] == "COMPLETED"
    before |= {run}
    assert "a run of it starts" in team.winnow("arrived", "garden")
    again = team.until(lambda: {one["id"] for one in team.runs("retrain/garden")} - before, team.minute).pop()
    ended = team.ends(again)
    assert ended["state_name"] == "Unchanged"
    assert "0 kept rows came and 0 went since" in ended["state"]["message"]
    assert ended["total_run_time"] < team.minute


def test_a_person_may_decline_and_another_go_back(team) -> None:
    first = team.champion()
    team.trained(token_budget=15_000)
    run = team.newest()
    asked = team.waiting(run)
    team.resume(asked, decision="decline", why="not on a Friday", who="Bo")
    assert team.ends(asked)["state_name"] == "Declined"
    assert team.champion() == first != run
    (told,) = json.loads((team.home / "declined" / "garden.json").read_text())
    assert (told["run"], told["why"], told["who"]) == (run, "not on a Friday", "Bo")
    again = team.start("promote/garden", run=run)
    team.until(lambda: team.state(again) == "Suspended", team.minute)
    team.evidence(again)
    team.resume(again, decision="promote", why="on Monday", who="Bo")
    assert team.ends(again)["state_name"] == "Promoted"
    blank = team.ends(team.start("rollback/garden", why=" ", who="Cy"))
    assert blank["state_name"] == "Failed"
    assert "in the form as “why”" in blank["state"]["message"]
    back = team.ends(team.start("rollback/garden", why="customers complain", who="Cy"))
    assert back["state_name"] == "RolledBack", back["state"]["message"]
    entries = json.loads((team.home / "champions" / "garden.json").read_text())["entries"]
    assert [(one["action"], one["run"], one["who"]) for one in entries][-2:] == [
        ("promoted", run, "Bo"),
        ("rolled back", first, "Cy"),
    ]
    waits = team.start("promote/garden", run=run)
    team.until(lambda: team.state(waits) == "Suspended", team.minute)
    assert f"ended the form that asked about {run}" in team.winnow("promote", run, "--why", "they were wrong")
    assert team.state(waits) == "Unchanged"
    team.winnow("rollback", "garden", "--why", "as it was")


def test_a_wrong_value_is_refused_by_the_form_and_two_that_disagree_end_in_a_sentence(team) -> None:
    deployment = team.deployment("retrain/garden")["id"]
    refused = team.client.post(
        f"/deployments/{deployment}/create_flow_run", json={"parameters": {"tune": {"rank": -3}}}
    )
    assert refused.status_code == 409
    assert "tune.rank" in refused.json()["detail"]
    budget = {"budget": {"tokens": 1000, "by": "top-quality"}}
    ended = team.ends(team.start("retrain/garden", curate=budget))
    assert ended["state_name"] == "Failed"
    assert ended["state"]["message"].startswith("curate: budget.by: top-quality goes by scores")


def test_runs_take_turns_and_cancelling_stops_training_within_seconds_and_keeps_a_checkpoint(team) -> None:
    team.pause("retrain/often")
    run = team.trains_long()
    assert team.slots()[f"winnow-training-{socket.gethostname()}"] == 1
    leases = team.home.parent / "prefect" / "concurrency_leases"
    assert list(leases.glob("*-*.json")), "in memory alone they would not outlive the server, and slots never be free"
    second = team.start("retrain/garden")
    team.until(lambda: team.state(second) == "AwaitingConcurrencySlot", team.minute)
    team.cancel(second)
    gone = waits_for_its_turn(team)
    asked = time.monotonic()
    team.post(f"/flow_runs/{gone}/set_state", state={"type": "CANCELLING", "name": "Cancelling"})
    assert team.ends(gone)["state_name"] == "Cancelled"
    assert time.monotonic() - asked < 25, "a worker kills what has not ended after 30 s"
    other = waits_for_its_turn(team)
    refused = team.start("retrain/often")
    assert team.ends(refused)["state_name"] == "Cancelled"
    asked = time.monotonic()
    team.post(f"/flow_runs/{run}/set_state", state={"type": "CANCELLING", "name": "Cancelling"})
    assert team.ends(run)["state_name"] == "Cancelled"
    assert time.monotonic() - asked < 30
    lines = team.post("/logs/filter", logs={"flow_run_id": {"any_": [run]}}, sort="TIMESTAMP_DESC")
    assert [one for one in lines if one["message"] == STOPPED]
    assert not [one for one in lines if "Crash detected" in one["message"] or "Running()" in one["message"]]
    assert team.ends(other)["state_type"] == "COMPLETED"
    team.until(lambda: set(team.slots().values()) == {0}, team.minute)
    assert list((team.home / "store" / "scratch" / "training").rglob("checkpoint-*/position.json"))


def waits_for_its_turn(team) -> str:
    """Start a run beside one that trains, and return it when it waits."""
    run = str(team.start("retrain/often", tune=team.tune("often") | {"token_budget": 2500}))
    of = {"logs": {"flow_run_id": {"any_": [run]}}}
    team.until(
        lambda: [one for one in team.post("/logs/filter", **of) if "its turn" in one["message"]], 2 * team.minute
    )
    return run


def test_a_run_that_is_deleted_ends_and_leaves_its_turn_and_a_checkpoint(team) -> None:
    team.pause("retrain/often")
    run = team.trains_long()
    (engine,) = team.processes("prefect.engine")
    team.ask("DELETE", f"/flow_runs/{run}")
    team.until(lambda: engine not in team.processes("prefect.engine"), team.minute)
    team.until(lambda: set(team.slots().values()) == {0}, team.minute)
    assert DELETED in (team.home / "logs" / "worker.log").read_text()
    assert list((team.home / "store" / "scratch" / "training").rglob("checkpoint-*/position.json"))


def test_a_run_that_takes_longer_than_its_recipe_allows_is_cancelled_and_told_of(team, heard) -> None:
    notify(team, "webhook", heard.port)
    recipe = yaml.safe_load((team.recipes / "garden.yaml").read_text())
    recipe |= {"name": "brief", "deploy": {"most_hours": 0.01}}
    recipe["tune"]["token_budget"] = 5_000_000
    file = team.recipes.with_name("brief.yaml")
    file.write_text(yaml.safe_dump(recipe))
    team.winnow("deploy", str(file))
    ended = team.ends(team.start("retrain/brief"))
    assert ended["state_name"] == "Cancelled"
    assert 30 < ended["total_run_time"] < 120
    states = team.client.get("/flow_run_states/", params={"flow_run_id": ended["id"]}).json()
    assert "longer than the 0.01 h that its recipe allows" in str([state["message"] for state in states])
    (news,) = team.until(lambda: heard.of(ended["id"]), team.minute)
    assert (news["recipe run"], news["state"]) == (ended["name"], "Cancelling")
    assert news["reason"].startswith("It takes longer than the 0.01 h that its recipe allows (deploy.most_hours).")


def test_a_run_whose_worker_is_killed_crashes_visibly_and_the_worker_comes_back(team) -> None:
    team.pause("retrain/often")
    run = team.trains_long()
    workers = set(team.processes("prefect", "worker")) - set(team.processes(children.__file__))
    engines = team.processes("prefect.engine")
    assert UUID(run)
    assert len(workers) == 1
    assert engines
    for pid in (*workers, *engines):
        os.kill(pid, signal.SIGKILL)
    ended = team.ends(run, 5 * team.minute)
    assert ended["state_name"] == "Crashed"
    assert "No sign of life" in ended["state"]["message"]
    assert "was started again" in team.told.read_text()
    team.until(lambda: set(team.slots().values()) == {0}, 2 * team.minute)


def test_a_server_that_is_killed_is_started_again_and_starts_runs(team) -> None:
    (server,) = set(team.processes("tasks.prefect_app")) - set(team.processes(children.__file__))
    os.kill(server, signal.SIGKILL)
    team.until(lambda: "the server ended with code 137, and was started again" in team.told.read_text(), team.minute)

    def answers() -> bool:
        with contextlib.suppress(httpx.HTTPError):
            return team.client.get("/health").is_success
        return False

    team.until(answers, 2 * team.minute)
    assert team.ends(team.start("rollback/often"))["state"]["message"].startswith("“often” has no champion before")


def test_a_champion_of_the_team_is_one_for_the_terminal_too(team, monkeypatch: pytest.MonkeyPatch) -> None:
    made = team.champion()
    monkeypatch.setenv("WINNOW_HOME", str(team.home))
    assert champions.current("garden").run == made
    assert "champion" in team.winnow("history", "garden")
