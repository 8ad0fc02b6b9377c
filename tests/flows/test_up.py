"""Daily life with a real server, a real worker and real runs: `winnow up`, and all that starts and stops runs."""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
import yaml

from flows.automations import NEWS, ZOMBIES
from tasks import champions

WINNOW = [sys.executable, "-m", "flows.cli"]
TREE = Path(__file__).parents[2]
MINUTES = 60.0

pytestmark = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks for processes in /proc")


class Team:
    """`winnow up` in a process of its own, and what a team does with it."""

    def __init__(self, folder: Path, world: Any) -> None:
        with contextlib.closing(socket.socket()) as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.world, self.home, self.recipes = folder / "world", folder / "home", folder / "recipes"
        self.api = f"http://127.0.0.1:{port}/api"
        shutil.copytree(world.folder, self.world)
        self.recipes.mkdir()
        self._write(world.recipe)
        plain = {key: value for key, value in os.environ.items() if not key.startswith(("PREFECT_", "WINNOW_"))}
        self.env = plain | {
            "PREFECT_HOME": str(folder / "prefect"),
            "WINNOW_HOME": str(self.home),
            "HF_HUB_OFFLINE": "1",
            "OMP_NUM_THREADS": "1",
            "PYTHONPATH": str(TREE),
        }
        self.told = folder / "up.txt"
        self.client = httpx.Client(base_url=self.api, trust_env=False, timeout=30)
        with self.told.open("w") as told:
            self.up = subprocess.Popen(
                [*WINNOW, "up", "--recipes", self.recipes, "--port", str(port)],
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=told,
                stderr=subprocess.STDOUT,
                cwd=folder,
            )
        self.until(lambda: "Ctrl-C" in self.told.read_text(), 3 * MINUTES)

    def _write(self, like: Path) -> None:
        """Write a recipe that is run at a word, and one that runs every minute."""
        recipe = yaml.safe_load(like.read_text())
        recipe["gate"] = {"margin": 3.0}
        recipe["sources"] = [{"path": str(self.world / "pool" / "*.jsonl")}]
        recipe["curate"] = {"domain": {"seeds": str(self.world / "seeds.jsonl")}}
        recipe["exam"]["retention"] = [str(self.world / "general.jsonl"), str(self.world / "prose.txt")]
        recipe["deploy"] = {"watch": True}
        (self.recipes / "garden.yaml").write_text(yaml.safe_dump(recipe))
        often = recipe | {"name": "often", "schedule": "* * * * *", "promote": "never"}
        often["tune"] = recipe["tune"] | {"token_budget": 2000}
        (self.recipes / "often.yaml").write_text(yaml.safe_dump(often))

    def winnow(self, *arguments: str) -> str:
        """Run a command against the server; return what it printed."""
        env = self.env | {"PREFECT_API_URL": self.api}
        ran = subprocess.run([*WINNOW, *arguments], env=env, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran
        return ran.stdout

    def until(self, true: Callable[[], Any], seconds: float) -> Any:
        """Wait until something is so, and return it."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            assert self.up.poll() is None, self.told.read_text()
            if found := true():
                return found
            time.sleep(0.5)
        raise AssertionError(f"waited {seconds:.0f} s in vain; {self.runs()}")

    def post(self, path: str, **body: Any) -> Any:
        answer = self.client.post(path, json=body)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def deployment(self, name: str) -> dict[str, Any]:
        answer = self.client.get(f"/deployments/name/{name}")
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    def runs(self, name: str | None = None) -> list[dict[str, Any]]:
        """Return flow runs that are not just foreseen, the newest first; of one deployment when it is named."""
        of = {"deployments": {"id": {"any_": [self.deployment(name)["id"]]}}} if name else {}
        found = self.post("/flow_runs/filter", sort="EXPECTED_START_TIME_DESC", **of)
        return [run for run in found if run["state_name"] != "Scheduled"]

    def start(self, name: str, **parameters: Any) -> str:
        run = self.post(f"/deployments/{self.deployment(name)['id']}/create_flow_run", parameters=parameters)
        return str(run["id"])

    def run(self, run: str) -> dict[str, Any]:
        found: dict[str, Any] = self.client.get(f"/flow_runs/{run}").json()
        return found

    def state(self, run: str) -> str:
        return str(self.run(run)["state_name"])

    def ends(self, run: str, seconds: float = 3 * MINUTES) -> dict[str, Any]:
        """Wait until a run is over, and return it."""
        over = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")
        return dict(self.until(lambda: (found := self.run(run))["state_type"] in over and found, seconds))

    def waiting(self, run: str) -> str:
        """Wait for the promotion that asks about a run of winnow, and return its flow run."""
        asked = self.until(
            lambda: [
                one["id"]
                for one in self.runs("promote/garden")
                if one["parameters"].get("run") == run and one["state_name"] == "Suspended"
            ],
            MINUTES,
        )
        return str(asked[0])

    def resume(self, run: str, **said: str) -> None:
        self.post(f"/flow_runs/{run}/resume", run_input=said)

    def slots(self) -> dict[str, int]:
        return {one["name"]: one["active_slots"] for one in self.post("/v2/concurrency_limits/filter")}

    def processes(self, *words: str) -> list[int]:
        """Return the processes that were started for this team, whose command holds all these words."""
        found = []
        for place in Path("/proc").iterdir():
            with contextlib.suppress(OSError):
                ours = place.name.isdigit() and f"WINNOW_HOME={self.home}".encode() in (place / "environ").read_bytes()
                command = (place / "cmdline").read_bytes().decode().split("\0") if ours else []
                if ours and set(words) <= set(command):
                    found.append(int(place.name))
        return found

    def trains_long(self) -> str:
        """Start a training that does not end soon, and wait for its first checkpoint."""
        tune = self.deployment("retrain/garden")["parameters"]["tune"]
        run = self.start("retrain/garden", tune=tune | {"token_budget": 3_000_000, "checkpoint_every_steps": 10})
        at = self.home / "store" / "scratch" / "training"
        self.until(lambda: self.state(run) == "Running" and list(at.rglob("position.json")), 2 * MINUTES)
        return run


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory, world) -> Iterator[Team]:
    made = Team(tmp_path_factory.mktemp("team"), world)
    yield made
    made.up.send_signal(signal.SIGTERM)
    assert made.up.wait(60) == 0
    assert "Stopped." in made.told.read_text()
    assert made.processes() == []


def test_what_is_up_is_found_and_doing_it_again_doubles_nothing(team: Team) -> None:
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
    assert ZOMBIES in before[1]
    assert (before[2], before[3]) == (["* * * * *"], [])
    assert "retrain/often" in team.winnow("deploy", str(team.recipes / "often.yaml"))
    assert there() == before
    doctor = team.winnow("doctor")
    assert "of garden, often" in doctor
    assert "with the worker winnow-" in doctor


HOOK = """
from prefect.blocks.webhook import Webhook
Webhook(method="POST", url="{url}", allow_private_urls=True).save("hook")
"""


@pytest.fixture
def heard() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The address of a webhook, and what was sent to it."""
    said: list[dict[str, Any]] = []

    class Ear(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            said.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Ear) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/", said
        server.shutdown()


def test_a_second_up_uses_the_server_that_is_there_and_whoever_is_to_be_told_is(team: Team, heard) -> None:
    url, said = heard
    env = team.env | {"PREFECT_API_URL": team.api}
    subprocess.run([sys.executable, "-c", HOOK.format(url=url)], env=env, check=True, capture_output=True)
    told = team.told.with_name("second.txt")
    with told.open("w") as lines:
        second = subprocess.Popen(
            [*WINNOW, "up", "--recipes", team.recipes, "--notify", "webhook/hook"],
            env=env, stdin=subprocess.DEVNULL, stdout=lines, stderr=subprocess.STDOUT,
        )  # fmt: skip
    team.until(lambda: "Ctrl-C" in told.read_text(), MINUTES)
    second.send_signal(signal.SIGTERM)
    assert second.wait(60) == 0
    assert "answers already" in told.read_text()
    assert sorted(one["name"] for one in team.post("/automations/filter"))[:2] == sorted((NEWS, ZOMBIES))
    run = team.start("rollback/garden")
    assert team.ends(run)["state_name"] == "Failed"
    (news,) = team.until(lambda: said, MINUTES)
    assert (news["flow"], news["state"]) == ("rollback", "Failed")
    assert "has no champion before" in news["reason"]
    assert run in news["page"]


def test_a_schedule_starts_a_run(team: Team) -> None:
    run = team.until(lambda: [one for one in team.runs("retrain/often") if one["auto_scheduled"]], 2 * MINUTES)[-1]
    ended = team.ends(run["id"])
    assert ended["state_name"] in ("Accepted", "Inconclusive", "Rejected"), ended["state"]["message"]
    deployment = team.deployment("retrain/often")
    team.client.patch(f"/deployments/{deployment['id']}", json={"paused": True}).raise_for_status()


def test_a_run_shows_what_it_found_and_waits_for_a_person(team: Team) -> None:
    ended = team.ends(team.start("retrain/garden"))
    assert ended["state_name"] == "Accepted", ended["state"]["message"]
    assert re.fullmatch(r"garden \d{4}-\d\d-\d\d \d\d:\d\d", ended["name"])
    of = {"flow_runs": {"id": {"any_": [ended["id"]]}}}
    keys = {one["key"] for one in team.post("/artifacts/filter", **of)}
    assert {"funnel", "verdict", "probe", "history"} <= keys
    logs = team.post("/logs/filter", logs={"flow_run_id": {"any_": [ended["id"]]}})
    assert {"tasks.cards", "tasks.training.loop"} <= {line["name"] for line in logs}
    (run,) = (path.name for path in (team.home / "runs").iterdir() if path.name.endswith("-garden"))
    asked = team.waiting(run)
    keyset = team.run(asked)["state"]["state_details"]["run_input_keyset"]
    shown = team.client.get(f"/flow_runs/{asked}/input/{keyset['description']}").json()
    assert run in shown
    assert "SHIP" in shown
    team.resume(asked, decision="promote", why="it gains most", who="Ada")
    assert team.ends(asked)["state_name"] == "Promoted"
    ledger = json.loads((team.home / "champions" / "garden.json").read_text())
    assert [(one["run"], one["who"], one["why"]) for one in ledger["entries"]] == [(run, "Ada", "it gains most")]
    served = team.home / "champions" / "garden" / "current"
    assert "Promoted by Ada" in (served / "README.md").read_text()
    event = {"event": {"name": ["winnow.champion.promoted"]}}
    team.until(lambda: team.post("/events/filter", filter=event)["events"], MINUTES)


def test_rows_that_land_start_a_run_and_an_event_one_that_ends_unchanged(team: Team) -> None:
    before = {one["id"] for one in team.runs("retrain/garden")}
    rows = [
        {
            "question": f"May I plant {plant} beside my old apple tree, and when?",
            "answer": f"Grow {plant} in a pot of its own.",
        }
        for plant in ("mint", "borage")
    ]
    (team.world / "pool" / "late.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    run = team.until(lambda: {one["id"] for one in team.runs("retrain/garden")} - before, MINUTES).pop()
    assert team.ends(run)["state_type"] == "COMPLETED"
    before |= {run}
    assert "a run of it starts" in team.winnow("arrived", "garden")
    again = team.until(lambda: {one["id"] for one in team.runs("retrain/garden")} - before, MINUTES).pop()
    ended = team.ends(again)
    assert ended["state_name"] == "Unchanged"
    assert "0 kept rows came and 0 went since" in ended["state"]["message"]
    assert ended["total_run_time"] < MINUTES


def test_a_person_may_decline_and_another_go_back(team: Team) -> None:
    tune = team.deployment("retrain/garden")["parameters"]["tune"]
    ended = team.ends(team.start("retrain/garden", tune=tune | {"token_budget": 15_000}))
    assert ended["state_name"] == "Accepted", ended["state"]["message"]
    run = sorted(path.name for path in (team.home / "runs").iterdir() if path.name.endswith("-garden"))[-1]
    asked = team.waiting(run)
    team.resume(asked, decision="decline", why="not on a Friday", who="Bo")
    assert team.ends(asked)["state_name"] == "Declined"
    assert json.loads((team.home / "champions" / "garden.json").read_text())["current"] != run
    first = json.loads((team.home / "champions" / "garden.json").read_text())["current"]
    again = team.start("promote/garden", run=run)
    team.until(lambda: team.state(again) == "Suspended", MINUTES)
    team.resume(again, decision="promote", why="on Monday", who="Bo")
    assert team.ends(again)["state_name"] == "Promoted"
    back = team.ends(team.start("rollback/garden", why="customers complain", who="Cy"))
    assert back["state_name"] == "RolledBack", back["state"]["message"]
    entries = json.loads((team.home / "champions" / "garden.json").read_text())["entries"]
    assert [(one["action"], one["run"], one["who"]) for one in entries][1:] == [
        ("promoted", run, "Bo"),
        ("rolled back", first, "Cy"),
    ]
    nowhere = team.ends(team.start("rollback/garden"))
    assert nowhere["state_name"] == "Failed"
    assert "has no champion before" in nowhere["state"]["message"]


def test_a_wrong_value_is_refused_by_the_form_and_two_that_disagree_end_in_a_sentence(team: Team) -> None:
    deployment = team.deployment("retrain/garden")["id"]
    refused = team.client.post(
        f"/deployments/{deployment}/create_flow_run", json={"parameters": {"tune": {"rank": -3}}}
    )
    assert refused.status_code == 409
    assert "tune.rank" in refused.json()["detail"]
    budget = {"budget": {"tokens": 1000, "by": "top-quality"}}
    ended = team.ends(team.start("retrain/garden", curate=budget))
    assert ended["state_name"] == "Failed"
    assert "budget.by: top-quality goes by scores" in ended["state"]["message"]


def test_cancelling_stops_training_within_seconds_keeps_a_checkpoint_and_frees_the_turn(team: Team) -> None:
    run = team.trains_long()
    assert team.slots()[f"winnow-training-{socket.gethostname()}"] == 1
    asked = time.monotonic()
    team.post(f"/flow_runs/{run}/set_state", state={"type": "CANCELLING", "name": "Cancelling"})
    assert team.ends(run)["state_name"] == "Cancelled"
    assert time.monotonic() - asked < 30
    team.until(lambda: set(team.slots().values()) == {0}, MINUTES)
    assert list((team.home / "store" / "scratch" / "training").rglob("checkpoint-*/position.json"))


def test_a_run_whose_worker_is_killed_crashes_visibly_and_the_worker_comes_back(team: Team) -> None:
    run = team.trains_long()
    workers = [pid for pid in team.processes("prefect", "worker") if pid not in team.processes("-P")]
    engines = team.processes("prefect.engine")
    assert UUID(run)
    assert len(workers) == 1
    assert engines
    for pid in (*workers, *engines):
        os.kill(pid, signal.SIGKILL)
    ended = team.ends(run, 5 * MINUTES)
    assert ended["state_name"] == "Crashed"
    assert "No sign of life" in ended["state"]["message"]
    assert "was started again" in team.told.read_text()
    team.until(lambda: set(team.slots().values()) == {0}, 2 * MINUTES)


def test_a_champion_of_the_team_is_one_for_the_terminal_too(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WINNOW_HOME", str(team.home))
    assert champions.current("garden") is not None
    assert "champion" in team.winnow("history", "garden")
