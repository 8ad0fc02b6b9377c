"""A team that lives with winnow: a real server, a real worker, and recipes over the small world."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

TREE = Path(__file__).parents[3]
MINUTES = 60.0


class Team:
    """`winnow up` in a process of its own, and what a team does with it."""

    command = (sys.executable, "-m", "flows.cli")
    minute = MINUTES

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
                [*self.command, "up", "--recipes", self.recipes, "--port", str(port)],
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
        often = recipe | {"name": "often", "schedule": "* * * * *", "promote": "never", "deploy": {"overlap": "refuse"}}
        often["tune"] = recipe["tune"] | {"token_budget": 2000}
        (self.recipes / "often.yaml").write_text(yaml.safe_dump(often))

    def winnow(self, *arguments: str) -> str:
        """Run a command against the server; return what it printed."""
        env = self.env | {"PREFECT_API_URL": self.api}
        ran = subprocess.run([*self.command, *arguments], env=env, capture_output=True, text=True, check=False)
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
        states = "; ".join(f"{run['name']}: {run['state_name']} ({run['state']['message']})" for run in self.runs())
        raise AssertionError(f"waited {seconds:.0f} s in vain; {states}")

    def ask(self, method: str, path: str, **body: Any) -> Any:
        answer = self.client.request(method, path, json=body if method != "GET" else None)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def post(self, path: str, **body: Any) -> Any:
        return self.ask("POST", path, **body)

    def deployment(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self.ask("GET", f"/deployments/name/{name}")
        return found

    def runs(self, name: str | None = None, *, foreseen: bool = False) -> list[dict[str, Any]]:
        """Return flow runs, the newest first, of one deployment when it is named; without those that are just foreseen."""
        of = {"deployments": {"id": {"any_": [self.deployment(name)["id"]]}}} if name else {}
        found = self.post("/flow_runs/filter", sort="EXPECTED_START_TIME_DESC", **of)
        return [run for run in found if foreseen or run["state_name"] != "Scheduled"]

    def start(self, name: str, **parameters: Any) -> str:
        run = self.post(f"/deployments/{self.deployment(name)['id']}/create_flow_run", parameters=parameters)
        return str(run["id"])

    def run(self, run: str) -> dict[str, Any]:
        found: dict[str, Any] = self.ask("GET", f"/flow_runs/{run}")
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
        self.evidence(str(asked[0]))
        return str(asked[0])

    def evidence(self, asked: str) -> str:
        """Wait for the form of a suspended run, which is there an instant later than its state; return what it says."""
        keyset = self.run(asked)["state"]["state_details"]["run_input_keyset"]
        place = f"/flow_runs/{asked}/input/{keyset['description']}"
        shown = self.until(lambda: (answer := self.client.get(place)).is_success and answer.json(), self.minute)
        return str(shown)

    def resume(self, run: str, **said: str) -> None:
        self.post(f"/flow_runs/{run}/resume", run_input=said)

    def newest(self) -> str:
        """Return the newest run of the garden that was committed."""
        return sorted(path.parent.name for path in (self.home / "runs").glob("*-garden/manifest.json"))[-1]

    def trained(self, **tune: Any) -> dict[str, Any]:
        """Let the garden train, news or none, to be accepted; return the flow run."""
        given = {"tune": self.tune("garden") | tune, "renew": {"min_new_rows": 0}}
        ended = self.ends(self.start("retrain/garden", **given))
        assert ended["state_name"] == "Accepted", ended["state"]["message"]
        return ended

    def champion(self) -> str:
        """Return the champion of the garden; make one where no test has made any."""
        ledger = self.home / "champions" / "garden.json"
        if not ledger.exists():
            self.trained()
            asked = self.waiting(self.newest())
            self.resume(asked, decision="promote", why="it is the first", who="Ada")
            assert self.ends(asked)["state_name"] == "Promoted"
        return str(json.loads(ledger.read_text())["current"])

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

    def tune(self, name: str) -> dict[str, Any]:
        """Return how a recipe trains."""
        settings: dict[str, Any] = self.deployment(f"retrain/{name}")["parameters"]["tune"]
        return settings

    def pause(self, name: str) -> None:
        """Let a deployment's schedule start no more runs, and wait for those that are on."""
        self.ask("PATCH", f"/deployments/{self.deployment(name)['id']}", paused=True)
        on = ("PENDING", "RUNNING", "SCHEDULED")

        def is_quiet() -> bool:
            going = [one for one in self.runs(name, foreseen=True) if one["state_type"] in on]
            for one in going:
                if one["state_name"] == "Scheduled":  # foreseen at the same moment, by a service that did not know
                    self.ask("DELETE", f"/flow_runs/{one['id']}")
            return not going

        self.until(is_quiet, 3 * self.minute)

    def cancel(self, run: str) -> None:
        self.post(f"/flow_runs/{run}/set_state", state={"type": "CANCELLED", "name": "Cancelled"}, force=True)

    def trains_long(self) -> str:
        """Start a training that does not end soon, and wait for its first checkpoint."""
        run = self.start(
            "retrain/garden", tune=self.tune("garden") | {"token_budget": 3_000_000, "checkpoint_every_steps": 10}
        )
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
