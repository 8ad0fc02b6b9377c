"""Whether the recipes of a folder can train here: models and pool are there, and how many threads a training takes."""

from collections import Counter
from pathlib import Path

from flows.recipe import Recipe, load
from flows.recipe_file import RecipeError
from flows.recipe_folder import OWN, ensure_named_apart, files
from tasks import models
from tasks.check_packages import NotInstalled
from tasks.health import Check, Level
from tasks.lay_out import fault_of_sweep
from tasks.named_places import NotThere, ensure_there, named_rows, rows_not_there
from tasks.training import threads
from tasks.training.general_settings import General


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
    recipes: dict[Path, Recipe] = {}
    unread: dict[Path, Check] = {}
    for file in found:
        try:
            recipes[file] = load(file)
        except RecipeError as error:
            unread[file] = Check("recipe", bad, f"{file.name} can't be read", str(error))
    named = Counter(recipe.name for recipe in recipes.values())
    told = {
        file: recipe.name if named[recipe.name] == 1 else f"{recipe.name} ({file.name})"
        for file, recipe in recipes.items()
    }
    lines = [unread.get(file) or _check(file, recipes[file], told[file], bad) for file in found]
    return [*lines, *_doubles(recipes, bad)]


def _doubles(recipes: dict[Path, Recipe], bad: Level) -> list[Check]:
    """Return a check that tells which recipes have one name, where two have."""
    try:
        ensure_named_apart(recipes)
    except ValueError as error:
        return [Check("recipe", bad, "two have one name, so `winnow up` deploys none", str(error))]
    return []


def _check(file: Path, recipe: Recipe, told: str, bad: Level) -> Check:
    """Look at a recipe, which is called what tells it from the folder's others."""
    try:
        # Of a watched recipe it is what lands that starts it.
        sources, general = ([], General()) if recipe.deploy.watch else (recipe.sources, recipe.tune.general)
        ensure_there(sources, recipe.model, recipe.curate.domain, recipe.exam, general)
        models.ensure_here(recipe.model)
        trains = _trains(recipe)
    except models.NotFetched as error:
        return Check("recipe", "warning", f"{told} waits for a download", f"{file}: {error}")
    except (NotInstalled, NotThere, threads.TooManyWorkersError) as error:
        advice = "\n".join(f"{file}: {line}" for line in str(error).splitlines())
        return Check("recipe", bad, f"{told} can't start", advice)
    if lacking := next(rows_not_there(named_rows(recipe.sources, recipe.tune.general)), ""):
        return Check("recipe", "warning", f"{told} waits for its rows", f"{file}: {lacking}")
    if "sweep" in recipe.model_fields_set and (unable := fault_of_sweep(recipe.tune, recipe.sweep)):
        return Check("recipe", "warning", f"{told}: its sweep can't start", f"{file}: {unable}")
    found = f"{told}: base model, embedder and pool are here; it trains on {trains}"
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
