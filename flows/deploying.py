"""Deploy a recipe: its flows, with its settings as defaults of their forms, on a work pool of Prefect."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import httpx
import yaml
from prefect import Flow
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import DeploymentScheduleCreate, WorkPoolCreate
from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy, VersionInfo
from prefect.client.schemas.responses import DeploymentResponse
from prefect.client.schemas.schedules import CronSchedule
from prefect.deployments.runner import RunnerDeployment
from prefect.events import DeploymentEventTrigger
from prefect.exceptions import ObjectNotFound
from prefect.types.entrypoint import EntrypointType
from prefect.workers.process import ProcessWorker

from flows import origin
from flows.ablate import ablate_recipe
from flows.automations import ROWS, cancel_after
from flows.curate import TRAINING_ONLY, curate_pool
from flows.deploy_settings import HEARTBEAT_SECONDS, POOL, TAG
from flows.environment import of_prefect
from flows.own_flow import flow_of, left_out
from flows.promote import promote
from flows.recipe import Recipe, dump
from flows.retrain import retrain
from flows.rollback import rollback
from flows.sweep import sweep_recipe
from tasks import prefect_server, store
from tasks.lay_out import fault_of_sweep

_SLUG = "recipe"  # the schedule that the recipe names; others, made in the UI, are left alone
_OVERLAP = {"wait": ConcurrencyLimitStrategy.ENQUEUE, "refuse": ConcurrencyLimitStrategy.CANCEL_NEW}


class NotDeployable(ValueError):
    """A recipe can't be deployed here; the message says what to do."""


class Deployed(NamedTuple):
    """A deployment that is there now."""

    name: str
    id: UUID
    schedule: str | None = None
    told: tuple[str, ...] = ()
    """What was otherwise until now, and may be meant to stay: which recipe it was made from, where its runs went. And
    that it can't start as it is."""


class _Wanted(NamedTuple):
    flow: Flow[..., Any]
    parameters: dict[str, Any]
    starts_itself: bool = False
    asks: bool = False
    unable: str = ""


def deploy(recipe: Recipe, file: Path) -> list[Deployed]:
    """Deploy a recipe's flows under its name: retrain, curate, promote, rollback; sweep and ablate where it names them.

    What is deployed already is brought up to date, so that nothing doubles.

    Parameters
    ----------
    recipe : Recipe
        What is deployed.
    file : Path
        Where it was read from, for whoever sees the deployment.

    Raises
    ------
    NotDeployable
        When there is no such work pool.
    """
    _ensure_pool(recipe.deploy.work_pool)
    return [_deployed(recipe, file, wanted) for wanted in _wanted(recipe)]


def is_deployed(name: str) -> bool:
    """Say whether the server has a deployment that trains by this recipe."""
    if "/" in name:  # no recipe's name, and none that Prefect would look for
        return False
    with get_client(sync_client=True) as client:
        try:
            client.read_deployment_by_name(f"{retrain.name}/{name}")
        except ObjectNotFound:
            return False
    return True


def lets_in(name: str) -> bool:
    """Say whether a run by this recipe that is started now would be: not where one is on that refuses another."""
    if prefect_server.unanswered():
        return False
    try:
        with get_client(sync_client=True) as client:
            known = client.read_deployment_by_name(f"{retrain.name}/{name}")
    except (ObjectNotFound, httpx.HTTPError):  # it may go away in this very instant
        return False
    limit, options = known.global_concurrency_limit, known.concurrency_options
    refuses = options is not None and options.collision_strategy == _OVERLAP["refuse"]
    return not (refuses and limit is not None and limit.active_slots >= limit.limit)


def elsewhere(recipe: Recipe) -> str | None:
    """Return the home that runs by a recipe go to, where it was deployed for another than it names here; else None."""
    if prefect_server.unanswered():
        return None
    try:
        with get_client(sync_client=True) as client:
            home = _home_of(client.read_deployment_by_name(f"{retrain.name}/{recipe.name}"))
    except (ObjectNotFound, httpx.HTTPError):
        return None
    return None if home == _job(recipe)["env"]["WINNOW_HOME"] else home


def _home_of(deployed: DeploymentResponse | RunnerDeployment) -> str | None:
    home: str | None = (deployed.job_variables or {}).get("env", {}).get("WINNOW_HOME")
    return home


def _wanted(recipe: Recipe) -> Iterator[_Wanted]:
    settings = _as_json(recipe.parameters())
    flow, parameters = flow_of(recipe)
    yield _Wanted(flow, _as_json(parameters), starts_itself=True)
    yield _Wanted(curate_pool, {k: v for k, v in settings.items() if k not in TRAINING_ONLY} | {"preview": True})
    if "sweep" in recipe.model_fields_set:
        unable = fault_of_sweep(recipe.tune, recipe.sweep)
        yield _Wanted(sweep_recipe, settings | _as_json({"sweep": recipe.sweep}), unable=unable)
    if "ablate" in recipe.model_fields_set:
        yield _Wanted(ablate_recipe, settings | _as_json({"ablate": recipe.ablate}))
    for flow in (promote, rollback):
        yield _Wanted(flow, {"name": recipe.name}, asks=True)


def _deployed(recipe: Recipe, file: Path, wanted: _Wanted) -> Deployed:
    asked = recipe.deploy
    schedule = recipe.schedule if wanted.starts_itself else None
    overlap = "wait" if wanted.asks else asked.overlap  # what a person decided must not be cancelled
    made = RunnerDeployment.from_flow(
        wanted.flow,
        name=recipe.name,
        parameters=wanted.parameters,
        description=_description(recipe, wanted, file),
        tags=[TAG, recipe.name],
        concurrency_limit=ConcurrencyLimitConfig(limit=1, collision_strategy=_OVERLAP[overlap]),
        triggers=[_when_rows_arrive(recipe.name)] if wanted.starts_itself else [],
        version=store.value_digest(wanted.parameters)[:12],
        work_pool_name=asked.work_pool,
        work_queue_name=asked.work_queue,
        job_variables=_job(recipe),
        entrypoint_type=EntrypointType.MODULE_PATH,
    )
    told = _changed(made, file) if wanted.starts_itself else ()
    told += (f"it can't start as it is: {wanted.unable}",) if wanted.unable else ()
    made.model_fields_set.difference_update({"schedules", "paused"})  # not told, they stay as they are
    # Told, since Prefect would else describe the repository that this happens to be called in.
    made.apply(version_info=VersionInfo(type="prefect:simple", version=made.version or ""))
    with get_client(sync_client=True) as client:
        known = client.read_deployment_by_name(made.full_name)
        _keep_time(client, known, schedule, asked.timezone)
    if wanted.starts_itself:
        cancel_after(asked.most_hours, recipe.name, known.id)
    return Deployed(made.full_name, known.id, schedule, told)


def _changed(made: RunnerDeployment, file: Path) -> tuple[str, ...]:
    """Tell what a deployment that is there takes from another recipe of its name, or from another home."""
    with get_client(sync_client=True) as client:
        try:
            known = client.read_deployment_by_name(made.full_name)
        except ObjectNotFound:
            return ()
    told = []
    before = origin.read(known.description)
    if before is not None and origin.is_another(before, file):
        told.append(
            f"it was of {before.file} on {before.host} until now, which no run goes by any more: a name means one "
            "deployment. If both are to run, rename one, and deploy both."
        )
    home, now = _home_of(known), _home_of(made)
    if home not in (None, now):
        told.append(
            f"its runs went to the home {home} until now, where its champion and its history stay, and go to {now} "
            "from now on. Name the home that is meant: --home DIR or WINNOW_HOME=DIR."
        )
    return tuple(told)


def _keep_time(client: SyncPrefectClient, known: DeploymentResponse, cron: str | None, timezone: str) -> None:
    """Bring the recipe's own schedule to what it names; those that people made in the UI are left alone."""
    ours = [one for one in known.schedules if one.slug == _SLUG]
    for old in ours[1:] if cron else ours:
        client.delete_deployment_schedule(known.id, old.id)
    if not cron:
        return
    schedule = CronSchedule(cron=cron, timezone=timezone)
    if ours:
        client.update_deployment_schedule(known.id, ours[0].id, schedule=schedule)
    else:
        client.create_deployment_schedules(known.id, [DeploymentScheduleCreate(schedule=schedule, slug=_SLUG)])


def _as_json(parameters: dict[str, Any]) -> dict[str, Any]:
    """Return parameters as the forms of the UI take them; what a recipe may not hold, such as logins, is taken out."""
    plain: dict[str, Any] = yaml.safe_load(dump(parameters))
    return plain


def _job(recipe: Recipe) -> dict[str, Any]:
    """Return the job variables: what the recipe asks for, over the environment that every run needs."""
    home, asked = store.home(), recipe.deploy.job_variables
    own = {"WINNOW_HOME": str(home), **of_prefect(home), "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": str(HEARTBEAT_SECONDS)}
    if recipe.flow is not None:  # it is found by its name, beside the recipe
        own["PYTHONPATH"] = os.pathsep.join(filter(None, (str(Path(recipe.flow).parent), os.environ.get("PYTHONPATH"))))
    return asked | {"env": own | asked.get("env", {})}


def _when_rows_arrive(name: str) -> DeploymentEventTrigger:
    called = ROWS.format(name)
    with get_client(sync_client=True) as client:
        known = client.read_automations_by_name(called)
    return DeploymentEventTrigger(
        name=called,
        enabled=all(one.enabled for one in known),  # it is made anew, and one that a person paused stays paused
        description="Trains again when rows arrive: `winnow arrived`, or a file that `winnow up` sees.",
        expect={"winnow.pool.arrived"},
        match={"prefect.resource.id": f"winnow.pool.{name}"},
    )


def _description(recipe: Recipe, wanted: _Wanted, file: Path) -> str:
    own = wanted.starts_itself or wanted.asks
    told = (wanted.flow.description, None if own else left_out(recipe), origin.told(file))
    return "\n\n".join(filter(None, told))


def _ensure_pool(name: str) -> None:
    with get_client(sync_client=True) as client:
        try:
            client.read_work_pool(name)
        except ObjectNotFound:
            if name != POOL:
                raise NotDeployable(
                    f"deploy.work_pool: there is no work pool “{name}”. Make it with `prefect work-pool create {name} "
                    "--type docker` (or kubernetes, process), or leave the key out."
                ) from None
            template = ProcessWorker.get_default_base_job_template()
            client.create_work_pool(
                WorkPoolCreate(name=name, type=ProcessWorker.type, base_job_template=template), overwrite=False
            )
