"""The flow that a recipe runs: winnow's, or one of the user's own, which was made from it and edited."""

import importlib
import importlib.util
import inspect
import sys
from pathlib import Path
from typing import Any

from prefect import Flow

from flows.recipe import Recipe
from flows.retrain import retrain


class NoFlow(ValueError):
    """A recipe's own flow can't be used; the message names the file and says what to do."""


def flow_of(recipe: Recipe) -> tuple[Flow[..., Any], dict[str, Any]]:
    """Return the flow that a recipe runs, and its parameters.

    Raises
    ------
    NoFlow
        When the recipe's own file can't be loaded, holds no flow that is named as winnow's, or one that does not take
        what the recipe sets.
    """
    parameters = recipe.parameters()
    if recipe.flow is None:
        return retrain, parameters
    flow = _loaded(Path(recipe.flow))
    taken = inspect.signature(flow.fn).parameters
    if lacking := [key for key in parameters if key in recipe.model_fields_set and key not in taken]:
        raise NoFlow(f"flow: {recipe.flow} takes no {', '.join(lacking)}, which the recipe sets. Take it out of one.")
    return flow, {key: value for key, value in parameters.items() if key in taken}


def left_out(recipe: Recipe) -> str | None:
    """Say that curate, sweep and ablate run winnow's own steps, where the recipe has a flow of its own; else None."""
    if recipe.flow is None:
        return None
    return f"These are winnow's own steps. Those of {recipe.flow} run with `winnow run`, or as retrain where deployed."


def _loaded(file: Path) -> Flow[..., Any]:
    if not file.is_file():
        raise NoFlow(f"flow: there is no file {file}. `winnow init DIR` writes one, from winnow's own flow.")
    _ensure_free(file)
    if str(file.parent) not in sys.path:
        sys.path.insert(0, str(file.parent))
    try:
        module = importlib.import_module(file.stem)
    except (Exception, SystemExit) as error:
        raise NoFlow(
            f"flow: {file} can't be loaded ({type(error).__name__}: {error}). If winnow itself is another version than "
            "it was made for, compare it with the one that `winnow init DIR` writes today."
        ) from error
    flows = [one for one in vars(module).values() if isinstance(one, Flow) and one.fn.__module__ == module.__name__]
    named = [one for one in flows if one.name == retrain.name]
    if len(named) != 1:
        found = ", ".join(one.name for one in flows) or "no flow"
        raise NoFlow(f"flow: {file} must hold one flow named “{retrain.name}”, as deployments call it; it has {found}.")
    return named[0]


def _ensure_free(file: Path) -> None:
    """Refuse a file by whose name another module would be found, or was loaded already."""
    known = sys.modules.get(file.stem)
    place = getattr(known, "__file__", None) if known else None
    if known is None:
        found = importlib.util.find_spec(file.stem)
        place = found.origin if found else None
    if place is not None and Path(place).resolve() != file.resolve():
        raise NoFlow(f"flow: {file} has the name of another module ({place}). Rename it, for instance to pipeline.py.")
