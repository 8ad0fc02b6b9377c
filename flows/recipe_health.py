"""Whether the recipes of a folder can train here: models and pool are there, and how many threads a training takes."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from flows.recipe import Recipe, load
from flows.recipe_file import RecipeError
from flows.recipe_folder import OWN, ensure_named_apart, files
from quality.sources import Source, SourceError, check
from quality.sources.addresses import is_address
from tasks import models
from tasks.check_packages import NotInstalled, ensure_installed
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
        sources = [source for _, source in _sources(recipe)]
        ensure_installed(sources, recipe.model, recipe.exam, recipe.curate.domain)
        models.ensure_here(recipe.model)
        trains = _trains(recipe)
    except models.NotFetched as error:
        return Check("recipe", "warning", f"{told} waits for a download", f"{file}: {error}")
    except (NotInstalled, models.ModelNotFound, threads.TooManyWorkersError) as error:
        return Check("recipe", bad, f"{told} can't start", f"{file}: {error}")
    if lacking := _lacking(recipe):
        if recipe.deploy.watch:  # what lands will start it
            return Check("recipe", "warning", f"{told} waits for its rows", f"{file}: {lacking}")
        return Check("recipe", bad, f"{told} can't start", f"{file}: {lacking}")
    found = f"{told}: base model, embedder and pool are here; it trains on {trains}"
    asked, cores = recipe.tune.threads or 0, threads.available()
    if asked > cores:
        advice = f"{file}: tune.threads: {asked} is more than the cores here ({cores}): leave it out."
        return Check("recipe", "warning", found, advice)
    return Check("recipe", "ok", found)


def _lacking(recipe: Recipe) -> str:
    """Say which source can't be read, or holds nothing; what would have to be fetched is not looked at."""
    for key, source in _sources(recipe):
        elsewhere = source.path is not None and is_address(source.path)
        if elsewhere or (source.hub is not None and not Path(source.hub).is_dir()):
            continue
        try:
            check([source], base=Path(), shapes=False)
        except SourceError as error:
            return f"{key}: {str(error).removeprefix('path: ')}"
        except OSError as error:  # a folder that may not be looked into, or a name that no disk takes
            return f"{key}: {source.place} can't be read: {error.strerror or error}"
    return ""


def _sources(recipe: Recipe) -> Iterator[tuple[str, Source]]:
    """Yield what rows are read from, with its key."""
    for key, sources in (("sources", recipe.sources), ("tune.general.sources", recipe.tune.general.sources)):
        for place, source in enumerate(sources):
            yield f"{key}.{place}", source


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
