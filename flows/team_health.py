"""What the server that stays has of winnow: work pool and worker, deployments, automations."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterName,
    DeploymentFilterTags,
    FlowFilter,
    FlowFilterName,
)
from prefect.client.schemas.responses import DeploymentResponse
from prefect.exceptions import ObjectNotFound

from flows import origin
from flows.ablate import ablate_recipe
from flows.automations import STUCK, ZOMBIES, installed, of_recipe
from flows.deploy_settings import POOL, TAG
from flows.news import NEWS
from flows.recipe import load
from flows.recipe_file import RecipeError
from flows.retrain import retrain
from flows.sweep import sweep_recipe
from tasks import prefect_server
from tasks.health import Check

_ALIVE = timedelta(seconds=90)  # a worker tells of itself every 30 s


def checks() -> list[Check]:
    """Return a check of each; none where no server is named, or it does not answer."""
    if prefect_server.named() is None or prefect_server.unanswered():
        return []
    with get_client(sync_client=True) as client:
        ours = _ours(client)
        return [*_pools(client, ours), _deployments(ours), *_recipes(client, ours), _automations()]


def pool(name: str) -> Check:
    """Return a check of one work pool: whether it is there, takes runs, and has a worker."""
    with get_client(sync_client=True) as client:
        return _pool(client, name)


def recipes() -> list[Check]:
    """Return a check of each deployed recipe whose file, here, is another today, or gone, or names a flow no more."""
    with get_client(sync_client=True) as client:
        return _recipes(client, _ours(client))


def _pools(client: SyncPrefectClient, ours: list[DeploymentResponse]) -> list[Check]:
    """Return a check of each work pool that runs a recipe; of winnow's own where none is deployed."""
    named = {one.work_pool_name for one in ours if one.work_pool_name} or {POOL}
    return [_pool(client, name) for name in sorted(named)]


def _pool(client: SyncPrefectClient, name: str) -> Check:
    try:
        there = client.read_work_pool(name)
    except ObjectNotFound:
        own = "`winnow up` makes it, and a worker."
        other = f"Make it with `prefect work-pool create {name}` and its --type, or deploy its recipes anew elsewhere."
        return Check("work pool", "warning", f"{name} is not there", own if name == POOL else other)
    if there.is_paused:
        return Check("work pool", "warning", f"{name} is paused", f"prefect work-pool resume {name}")
    if there.is_push_pool or there.is_managed_pool:
        return Check("work pool", "ok", f"{name} ({there.type}), which needs no worker")
    now = datetime.now(UTC)
    workers = client.read_workers_for_work_pool(name)
    alive = [one.name for one in workers if one.last_heartbeat_time and now - one.last_heartbeat_time < _ALIVE]
    if not alive:
        up = "`winnow up`, or " if name == POOL else ""
        advice = f"Start one: {up}prefect worker start --pool {name}"
        return Check("work pool", "warning", f"{name} has no worker, so no run of it starts", advice)
    return Check("work pool", "ok", f"{name}, with the worker {', '.join(alive)}")


def _ours(client: SyncPrefectClient) -> list[DeploymentResponse]:
    """Return the deployments that train, one of each recipe."""
    return _deployed(client, retrain.name)


def _deployed(client: SyncPrefectClient, flow: str) -> list[DeploymentResponse]:
    return client.read_deployments(
        flow_filter=FlowFilter(name=FlowFilterName(any_=[flow])),
        deployment_filter=DeploymentFilter(tags=DeploymentFilterTags(all_=[TAG])),
    )


def _deployments(ours: list[DeploymentResponse]) -> Check:
    if not ours:
        return Check("deployments", "warning", "no recipe is deployed", "winnow deploy RECIPE, or `winnow up`")
    return Check("deployments", "ok", f"of {', '.join(sorted(one.name for one in ours))}")


def _recipes(client: SyncPrefectClient, ours: list[DeploymentResponse]) -> list[Check]:
    found = []
    for one in sorted(ours, key=lambda one: one.name):
        made = origin.read(one.description)
        if made is None:
            continue
        if origin.is_gone(made):
            told = f"{one.name} is deployed, and its recipe {made.file} is gone"
            found.append(Check("recipes", "warning", told, f"Put it back, or: {_removal(client, one.name)}"))
        elif (fault := origin.fault(made)) and _is_renamed(made.file, one.name):
            told = f"{one.name} is deployed, and its recipe {made.file} has another name by now"
            advice = f"{origin.again(made)} deploys it by that name; remove the old: {_removal(client, one.name)}"
            found.append(Check("recipes", "warning", told, advice))
        elif fault:
            found.append(Check("recipes", "warning", f"{one.name} {fault}", f"redeploy with {origin.again(made)}"))
    return [*found, *_left_over(client, ours)]


def _is_renamed(file: Path, name: str) -> bool:
    try:
        return load(file).name != name
    except RecipeError:  # whoever deploys it anew is told what is wrong with it
        return False


def _left_over(client: SyncPrefectClient, ours: list[DeploymentResponse]) -> list[Check]:
    """Return a check of each sweep or ablation whose recipe was deployed since, and did not name one any more."""
    made = {one.name: origin.read(one.description) for one in ours}
    found = []
    for flow in (sweep_recipe.name, ablate_recipe.name):
        for one in sorted(_deployed(client, flow), key=lambda one: one.name):
            if one.name in made and origin.read(one.description) != made[one.name]:
                told = f"{flow}/{one.name} is deployed, and its recipe names no {flow} any more"
                found.append(Check("recipes", "warning", told, f"prefect deployment delete {flow}/{one.name}"))
    return found


def _removal(client: SyncPrefectClient, name: str) -> str:
    """Return the command that removes all deployments of a recipe, and the automations that were made with them."""
    of = DeploymentFilter(name=DeploymentFilterName(any_=[name]), tags=DeploymentFilterTags(all_=[TAG]))
    flows = sorted(flow.name for flow in client.read_flows(deployment_filter=of))
    deployments = [f"prefect deployment delete {flow}/{name}" for flow in flows]
    return " && ".join([*deployments, *(f"prefect automation delete --id {one}" for one in of_recipe(client, name))])


def _automations() -> Check:
    there = {one.name: one.enabled for one in installed()}
    if not {ZOMBIES, STUCK} <= there.keys():
        found = "not all are installed: a run whose machine is gone stays as it is"
        return Check("automations", "warning", found, "`winnow up` installs them.")
    if paused := [name for name, enabled in there.items() if not enabled]:
        return Check("automations", "warning", f"paused: {', '.join(paused)}", "Turn it on, on the page Automations.")
    if NEWS not in there:
        found = f"{len(there)} installed; nobody is told of a run that was rejected or failed"
        return Check("automations", "warning", found, "winnow up --notify slack-webhook/NAME (a block of Prefect)")
    return Check("automations", "ok", ", ".join(there))
