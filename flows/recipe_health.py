"""Whether the recipes of a folder can train on this machine: their models are here, and how many threads they take."""

import contextlib
from pathlib import Path

from flows.recipe import Recipe, load
from flows.recipe_file import RecipeError
from flows.recipe_folder import OWN, ensure_named_apart, files
from tasks import models
from tasks.health import Check, Level
from tasks.training import threads


def checks(folder: Path | None) -> list[Check]:
    """Return a check of each recipe of a folder; of those that come with winnow where none is named.

    Nothing is fetched, loaded or digested. What keeps a recipe from starting is an error where its folder was named,
    and else a warning: winnow is of use without its demo.
    """
    bad: Level = "error" if folder is not None else "warning"
    try:
        found = files(folder or OWN)
    except ValueError as error:
        return [Check("recipe", bad, "none is looked at", str(error))]
    return [*(_check(file, bad) for file in found), *_doubles(found, bad)]


def _doubles(found: list[Path], bad: Level) -> list[Check]:
    """Return a check that tells which recipes have one name, where two have."""
    readable = {}
    for file in found:
        with contextlib.suppress(RecipeError):  # told in a line of its own
            readable[file] = load(file)
    try:
        ensure_named_apart(readable)
    except ValueError as error:
        return [Check("recipe", bad, "two have one name, so `winnow up` deploys none", str(error))]
    return []


def _check(file: Path, bad: Level) -> Check:
    try:
        recipe = load(file)
    except RecipeError as error:
        return Check("recipe", bad, f"{file.name} can't be read", str(error))
    try:
        models.ensure_here(recipe.model)
        trains = _trains(recipe)
    except models.NotFetched as error:
        return Check("recipe", "warning", f"{recipe.name} waits for a download", f"{file}: {error}")
    except (models.ModelNotFound, threads.TooManyWorkersError) as error:
        return Check("recipe", bad, f"{recipe.name} can't start", f"{file}: {error}")
    found = f"{recipe.name}: base model and embedder are here; it trains on {trains}"
    asked, cores = recipe.tune.threads or 0, threads.available()
    if asked > cores:
        advice = f"{file}: tune.threads: {asked} is more than the cores here ({cores}): leave it out."
        return Check("recipe", "warning", found, advice)
    return Check("recipe", "ok", found)


def _trains(recipe: Recipe) -> str:
    """Say what a training uses here."""
    from evals.models import device_and_dtype

    device, _ = device_and_dtype()
    count = threads.workers(recipe.tune, device)
    if device != "cpu":
        return "the GPU" if count == 1 else f"{count} GPUs"
    used = recipe.tune.threads or threads.available()
    told = "1 thread" if used == 1 else f"{used} threads"
    return told if count == 1 else f"{told}, in {count} processes"
