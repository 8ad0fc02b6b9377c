"""Check a flow's parameters inside its run, where a refusal can be one sentence.

Prefect's own check ends a run as well, with words of its own and the name of a class before the sentence.
"""

import functools
import inspect
from collections.abc import Callable
from typing import Any, ParamSpec

from prefect.client.schemas.objects import State
from prefect.states import Failed
from pydantic import ConfigDict, ValidationError, create_model

from flows.recipe import refusal

P = ParamSpec("P")


def checked(function: Callable[P, State]) -> Callable[P, State]:
    """Make a flow's function end its run as Failed, with a sentence, where its parameters don't fit.

    It takes them as a form sends them, plain, or as models. The flow is told `validate_parameters=False`.
    """
    signature = inspect.signature(function)
    fields: dict[str, Any] = {
        name: (one.annotation, ... if one.default is one.empty else one.default)
        for name, one in signature.parameters.items()
    }
    model = create_model(function.__name__, __config__=ConfigDict(extra="forbid"), **fields)

    @functools.wraps(function)
    def told(*args: P.args, **kwargs: P.kwargs) -> State:
        try:
            fit = model.model_validate(signature.bind(*args, **kwargs).arguments)
        except ValidationError as error:
            return Failed(message=refusal(error))
        parameters: dict[str, Any] = {name: getattr(fit, name) for name in fields}
        return function(**parameters)  # type: ignore[call-arg]

    return told
