"""What a recipe's deployments hold, and what becomes of them when the recipe changes."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from flows import deploying, origin, team_health
from flows.automations import ZOMBIES, install
from flows.deploying import NotDeployable, deploy, elsewhere, is_deployed, lets_in
from flows.recipe import RecipeError, load
from flows.recipe_folder import load_all
from flows.team_health import recipes
from tasks.health import Check

KEYS: dict[str, Any] = {"name": "often", "sources": [{"path": "pool/*"}], "model": {"base": "b"}}


def put(folder: Path, **keys: Any) -> Path:
    file = folder / "often.yaml"
    file.write_text(yaml.safe_dump(KEYS | keys))
    return file


@pytest.fixture
def there(prefect_server: None, home: Path, tmp_path: Path):
    """Deploys a recipe with these keys, and returns what the server has of one of its flows."""
    from prefect.client.orchestration import get_client

    def once(flow: str = "retrain", **keys: Any):
        file = put(tmp_path, **keys)
        deploy(load(file), file)
        with get_client(sync_client=True) as client:
            return client.read_deployment_by_name(f"{flow}/often")

    return once


def test_a_schedule_comes_and_goes_with_the_recipe_and_others_stay(there) -> None:
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.schedules import IntervalSchedule

    first = there(schedule="0 2 * * *", deploy={"timezone": "Europe/Berlin"})
    with get_client(sync_client=True) as client:
        client.create_deployment_schedules(first.id, [(IntervalSchedule(interval=3600), True)])
    again = there(schedule="30 3 * * *")
    assert again.id == first.id
    assert sorted(getattr(one.schedule, "cron", "interval") for one in again.schedules) == ["30 3 * * *", "interval"]
    assert [getattr(one.schedule, "cron", "interval") for one in there().schedules] == ["interval"]


def test_what_a_person_paused_stays_paused_when_the_recipe_is_deployed_again(there) -> None:
    from prefect.client.orchestration import get_client

    automations = ["winnow: rows arrived for often", "winnow: a run of often that takes too long is cancelled"]
    keys = {"schedule": "0 2 * * *", "deploy": {"most_hours": 6}}
    made = there(**keys)
    with get_client(sync_client=True) as client:
        client.pause_deployment(made.id)
        (nightly,) = [one for one in made.schedules if one.slug == "recipe"]
        client.update_deployment_schedule(made.id, nightly.id, active=False)
        for name in automations:
            (one,) = client.read_automations_by_name(name)
            client.request("PATCH", f"/automations/{one.id}", json={"enabled": False})
    again = there(**keys | {"schedule": "0 3 * * *"})
    assert again.paused
    known = [(one.schedule.cron, one.active) for one in again.schedules if one.slug == "recipe"]
    assert known == [("0 3 * * *", False)]
    with get_client(sync_client=True) as client:
        assert [[one.enabled for one in client.read_automations_by_name(name)] for name in automations] == [[False]] * 2
        client.resume_deployment(made.id)
        for name in automations:
            (one,) = client.read_automations_by_name(name)
            client.request("PATCH", f"/automations/{one.id}", json={"enabled": True})


def test_the_form_starts_with_the_recipe_and_the_job_with_the_home(there, home: Path, tmp_path: Path) -> None:
    made = there(tune={"rank": 4}, deploy={"job_variables": {"env": {"MINE": "1"}, "stream_output": False}})
    assert made.parameters["tune"]["rank"] == 4
    assert made.parameters["sources"] == [{"path": str(tmp_path / "pool" / "*")}]
    assert made.entrypoint == "flows.retrain.retrain"
    env = made.job_variables["env"]
    assert (env["WINNOW_HOME"], env["MINE"], env["DO_NOT_TRACK"]) == (str(home), "1", "1")
    assert made.job_variables["stream_output"] is False
    assert there("curate").parameters["preview"] is True
    assert "tune" not in there("curate").parameters
    assert there("promote").parameters == there("rollback").parameters == {"name": "often"}


def test_what_is_deployed_holds_no_secret_of_the_environment(there, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POOL_PASSWORD", "hush-hush")
    made = there(sources=[{"path": "https://me:${POOL_PASSWORD}@host/rows.jsonl"}])
    told = json.dumps([made.parameters, made.job_variables, made.description])
    assert "${POOL_PASSWORD}" in told
    assert "hush-hush" not in told


def test_runs_that_overlap_may_be_refused_and_decisions_never(there) -> None:
    how = {"deploy": {"overlap": "refuse"}}
    strategies = {flow: there(flow, **how).concurrency_options.collision_strategy for flow in ("retrain", "promote")}
    assert strategies == {"retrain": "CANCEL_NEW", "promote": "ENQUEUE"}
    assert there("rollback", **how).concurrency_options.collision_strategy == "ENQUEUE"
    assert there("retrain").concurrency_options.collision_strategy == "ENQUEUE"


@pytest.mark.parametrize("overlap", ["refuse", "wait"])
def test_rows_wait_while_a_run_is_on_that_refuses_another(there, overlap: str) -> None:
    from prefect.client.orchestration import get_client
    from prefect.states import Completed, Pending

    made = there(deploy={"overlap": overlap})
    assert lets_in("often")
    with get_client(sync_client=True) as client:
        on = client.create_flow_run_from_deployment(made.id)
        client.set_flow_run_state(on.id, Pending())
        assert lets_in("often") == (overlap == "wait")
        client.set_flow_run_state(on.id, Completed(), force=True)
    assert lets_in("often")


def test_rows_wait_for_a_server_and_a_deployment(prefect_server: None, monkeypatch: pytest.MonkeyPatch) -> None:
    from prefect.settings import PREFECT_API_URL, temporary_settings

    assert not lets_in("never")
    with temporary_settings({PREFECT_API_URL: "http://127.0.0.1:9/api"}):
        assert not lets_in("often")
        monkeypatch.setattr(deploying.prefect_server, "unanswered", lambda: None)
        assert not lets_in("often"), "it answered, and went away"


def test_installing_automations_again_touches_none_so_that_they_go_on_waiting_for_runs(prefect_server: None) -> None:
    from prefect.client.orchestration import get_client

    def there() -> list[Any]:
        with get_client(sync_client=True) as client:
            found = client.request("POST", "/automations/filter").json()
        return [(one["id"], one["updated"], one["trigger"]["id"]) for one in found if one["name"] == ZOMBIES]

    install()
    before = there()
    install()
    assert len(before) == 1
    assert there() == before


def test_a_sweep_is_deployed_where_the_recipe_names_one(there) -> None:
    from prefect.exceptions import ObjectNotFound

    with pytest.raises(ObjectNotFound):
        there("sweep")
    assert there("sweep", sweep={"token_budget": 9000}).parameters["sweep"]["token_budget"] == 9000


def test_an_ablation_is_deployed_where_the_recipe_names_one_with_its_seeds_as_the_form_sends_them(there) -> None:
    from prefect.exceptions import ObjectNotFound

    with pytest.raises(ObjectNotFound):
        there("ablate")
    made = there("ablate", ablate={"seeds": [4, 5, 6]})
    assert made.parameters["ablate"]["seeds"] == [4, 5, 6]
    assert made.schedules == []


def test_a_sweep_that_cannot_start_is_deployed_and_told(there, tmp_path: Path) -> None:
    for budget, unable in ((1_000, True), (900_000, False)):
        file = put(tmp_path, sweep={"rank": [4, 8], "token_budget": budget})
        told = {one.name: one.told for one in deploy(load(file), file)}
        sentence = "".join(told.pop("sweep/often"))
        assert sentence.startswith("it can't start as it is: sweep.token_budget: 8 trials take at least") == unable
        assert bool(sentence) == unable
        assert (told["curate/often"], told["promote/often"]) == ((), ())


@pytest.mark.parametrize(("flow", "keys"), [("sweep", {"token_budget": 9000}), ("ablate", {"seeds": [4, 5, 6]})])
def test_a_deployment_that_its_recipe_names_no_more_is_told_with_the_command_that_removes_it(
    there, flow: str, keys: dict[str, Any]
) -> None:
    from prefect.client.orchestration import get_client

    def told() -> list[tuple[str, str]]:
        return [(one.found, one.advice) for one in recipes() if one.found.startswith((f"{flow}/often", "often "))]

    there(tune={"rank": 3}, **{flow: keys})
    assert told() == []
    there(tune={"rank": 3})
    of = f"{flow}/often"
    assert told() == [(f"{of} is deployed, and its recipe names no {flow} any more", f"prefect deployment delete {of}")]
    with get_client(sync_client=True) as client:
        client.delete_deployment(client.read_deployment_by_name(of).id)
    assert told() == []


def test_how_long_a_run_may_take_comes_and_goes_with_the_recipe(there) -> None:
    from prefect.client.orchestration import get_client

    def limits() -> list[float]:
        with get_client(sync_client=True) as client:
            found = client.read_automations_by_name("winnow: a run of often that takes too long is cancelled")
        return [one.trigger.within.total_seconds() for one in found]

    there(deploy={"most_hours": 6})
    assert limits() == [21600]
    there(deploy={"most_hours": 2})
    assert limits() == [7200]
    there()
    assert limits() == []


def test_a_recipe_that_was_changed_or_removed_since_it_was_deployed_is_told(there, tmp_path: Path) -> None:
    def told() -> list[tuple[str, str]]:
        return [(check.found, check.advice) for check in recipes() if check.found.startswith("often ")]

    there(sweep={"token_budget": 9000})
    assert told() == []
    file = put(tmp_path, tune={"rank": 2})
    assert told() == [(f"often was made from another text of {file}", f"redeploy with winnow deploy {file}")]
    there(tune={"rank": 2})
    assert told() == []
    file.unlink()
    ((found, advice),) = told()
    assert found == f"often is deployed, and its recipe {file} is gone"
    *_, remove = advice.partition(": ")
    assert set(remove.split(" && ")) >= {f"prefect deployment delete {flow}/often" for flow in ("retrain", "sweep")}


def test_a_recipe_that_was_renamed_leaves_deployments_that_are_told_with_the_command_that_removes_them(
    there, tmp_path: Path
) -> None:
    there()
    file = put(tmp_path, name="seldom")
    ((found, advice),) = [(one.found, one.advice) for one in recipes() if one.found.startswith("often ")]
    assert found == f"often is deployed, and its recipe {file} has another name by now"
    deploying_it, _, remove = advice.partition(" deploys it by that name; remove the old: ")
    assert deploying_it == f"winnow deploy {file}"
    assert "prefect deployment delete retrain/often" in remove.split(" && ")


def test_a_recipe_that_takes_the_deployment_of_another_of_its_name_says_so(there, tmp_path: Path) -> None:
    there()
    first = tmp_path / "often.yaml"
    (tmp_path / "else").mkdir()
    file = put(tmp_path / "else")
    (found, *others) = deploy(load(file), file)
    (told,) = found.told
    assert told.startswith(f"it was of {first} on ")
    assert {one.told for one in others} == {()}
    assert {one.told for one in deploy(load(file), file)} == {()}, "it is of this one now"
    file.unlink()
    assert {one.told for one in deploy(load(first), first)} == {()}, "it was moved"


def test_a_home_other_than_that_of_the_runs_before_is_told(
    there, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there()
    monkeypatch.setenv("WINNOW_HOME", str(tmp_path / "other"))
    file = put(tmp_path)
    assert elsewhere(load(file)) == str(home)
    (found, *others) = deploy(load(file), file)
    assert elsewhere(load(file)) is None
    own = {"deploy": {"job_variables": {"env": {"WINNOW_HOME": "/in/a/box"}}}}
    deploy(load(put(tmp_path, **own)), file)
    assert elsewhere(load(put(tmp_path, **own))) is None, "the recipe itself names that home"
    put(tmp_path)
    deploy(load(file), file)
    (told,) = found.told
    assert told.startswith(f"its runs went to the home {home} until now")
    assert f"go to {tmp_path / 'other'} from now on" in told
    assert {one.told for one in (*others, *deploy(load(file), file))} == {()}


def test_what_lies_on_another_machine_is_not_missed_here(
    there, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(origin.socket, "gethostname", lambda: "elsewhere")
        there()
    (tmp_path / "often.yaml").unlink()
    assert [check for check in recipes() if check.found.startswith("often ")] == []


def test_the_work_pools_that_recipes_name_are_looked_at_and_no_other(there, monkeypatch: pytest.MonkeyPatch) -> None:
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.actions import WorkPoolCreate, WorkPoolUpdate

    monkeypatch.setattr(team_health.prefect_server, "named", lambda: "http://127.0.0.1/api")
    monkeypatch.setattr(team_health.prefect_server, "unanswered", lambda: None)

    def pools() -> list[Check]:
        return [check for check in team_health.checks() if check.name == "work pool"]

    with get_client(sync_client=True) as client:
        for name, kind in (("boxes", "docker"), ("clouds", "cloud-run:push")):
            client.create_work_pool(WorkPoolCreate(name=name, type=kind), overwrite=True)
        there(deploy={"work_pool": "boxes"})
        (check,) = pools()
        assert check.found == "boxes has no worker, so no run of it starts"
        assert check.advice == "Start one: prefect worker start --pool boxes"
        client.send_worker_heartbeat("boxes", "mule", heartbeat_interval_seconds=30)
        assert [check.found for check in pools()] == ["boxes, with the worker mule"]
        client.update_work_pool("boxes", WorkPoolUpdate(is_paused=True))
        assert [check.advice for check in pools()] == ["prefect work-pool resume boxes"]
        there(deploy={"work_pool": "clouds"})
        assert [check.found for check in pools()] == ["clouds (cloud-run:push), which needs no worker"]


def test_a_work_pool_that_is_not_there_is_told(there) -> None:
    assert not is_deployed("never")
    with pytest.raises(NotDeployable, match="there is no work pool “k8s”. Make it with `prefect work-pool create k8s"):
        there(deploy={"work_pool": "k8s"})


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ({"deploy": {"timezone": "Berlin"}}, "deploy.timezone: there is no such time zone"),
        ({"deploy": {"overlap": "kill"}}, "deploy.overlap"),
        ({"deploy": {"whatch": True}}, "Did you mean watch"),
        ({"deploy": {"job_variables": {"env": ["A=1"]}}}, "deploy.job_variables: env must be a mapping"),
        ({"promote": "maybe"}, "promote"),
        ({"renew": {"min_new_rows": -1}}, "renew.min_new_rows"),
        ({"flow": "pipeline"}, "flow"),
    ],
)
def test_a_mistake_is_told_with_its_key(tmp_path: Path, keys: dict[str, Any], told: str) -> None:
    with pytest.raises(RecipeError, match=told):
        load(put(tmp_path, **keys))


def test_a_folder_of_recipes_must_hold_some_each_with_a_name_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is no folder"):
        load_all(tmp_path / "nowhere")
    with pytest.raises(ValueError, match="there is no recipe"):
        load_all(tmp_path)
    put(tmp_path)
    assert [recipe.name for recipe in load_all(tmp_path).values()] == ["often"]
    (tmp_path / "same.yml").write_text((tmp_path / "often.yaml").read_text())
    with pytest.raises(ValueError, match="is named often too"):
        load_all(tmp_path)
