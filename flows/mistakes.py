"""What is wrong with a recipe's values, in the words of whoever wrote them."""

from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError

from flows.recipe_file import Place

_CLOSE = 0.75  # share of letters in common from which a key was probably meant


def first(error: ValidationError, model: type[BaseModel]) -> tuple[Place, str]:
    """Return the place of the first mistake, and what it is, of what the model should hold.

    A key that is missing since it is misspelt is told as misspelt.
    """
    # What could not be worked out because of a mistake is no mistake of its own.
    found = [one for one in error.errors() if one["type"] != "default_factory_not_called"]
    meant = {_meant(tuple(one["loc"]), model) for one in found if one["type"] == "extra_forbidden"}
    told, *more = [one for one in found if one["type"] != "missing" or tuple(one["loc"]) not in meant]
    at = tuple(told["loc"])
    rest = f" ({len(more)} more after this one.)" if more else ""
    return at, f"{_problem(told, at, model)}{rest}"


def _problem(told: Any, at: Place, model: type[BaseModel]) -> str:  # noqa: ANN401 - pydantic's error details
    if told["type"] == "extra_forbidden":
        keys, meant = _siblings(at[:-1], model), _meant(at, model)
        asked = f" Did you mean {meant[-1]}?" if meant else ""
        return f"this key is unknown.{asked}" + (f" Known here: {', '.join(keys)}." if keys else "")
    if told["type"] == "missing":
        return "this key is missing."
    if told["type"] == "too_short":
        least = int(told["ctx"]["min_length"])
        return "it is empty: name at least one." if least == 1 else f"name at least {least}."
    if told["type"] == "string_pattern_mismatch":
        return f"{told['input']!r} does not fit. {_description(at, model)}"
    if told["type"] == "model_type" and (keys := _siblings(at, model)):
        return f"write keys and values here, such as {{{keys[0]}: …}}, not {told['input']!r}."
    message = str(told["msg"]).removeprefix("Value error, ")
    given = told.get("input")
    shown = f" (given: {given!r})" if isinstance(given, str | int | float | bool) else ""
    return f"{message[0].lower()}{message[1:].rstrip('.')}{shown}."


def _meant(at: Place, model: type[BaseModel]) -> Place | None:
    """Return the place that was probably meant by one that nothing is known of."""
    close = get_close_matches(str(at[-1]), _siblings(at[:-1], model), n=1, cutoff=_CLOSE)
    return (*at[:-1], close[0]) if close else None


def _siblings(at: Place, model: type[BaseModel]) -> list[str]:
    here: type[BaseModel] | None = model
    for part in at:
        if isinstance(part, int):
            continue
        field = here.model_fields.get(part) if here else None
        here = next(iter(_models(field.annotation)), None) if field else None
        if here is None:
            return []
    return list(here.model_fields) if here else []


def _description(at: Place, model: type[BaseModel]) -> str:
    """Return what a field says of itself, for a value that pydantic's own words explain badly."""
    return str(model.model_fields[str(at[0])].description) if len(at) == 1 else ""


def _models(annotation: Any) -> list[type[BaseModel]]:  # noqa: ANN401 - any annotation
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for inner in getattr(annotation, "__args__", ()) for model in _models(inner)]
