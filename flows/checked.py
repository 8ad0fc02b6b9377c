"""End a flow's run in one sentence, where its parameters don't fit or a step refuses to go on.

Prefect would end it as well, with words of its own and the name of a class before the sentence.
"""

import functools
import inspect
import traceback
from collections.abc import Callable
from typing import Any, ParamSpec

from prefect.client.schemas.objects import State
from prefect.logging import get_run_logger
from prefect.states import Failed
from pydantic import ConfigDict, ValidationError, create_model

from flows import traces
from flows.cancelled import retell
from flows.deleted import end_when_deleted
from flows.orphaned import end_with_the_worker
from flows.recipe import refusal
from tasks.interrupts import stop_behind

P = ParamSpec("P")

_ENGINES = ("prefect.task_engine", "prefect.flow_engine")


def told(function: Callable[P, State]) -> Callable[P, State]:
    """Make a flow's function end its run as Failed with the sentence alone, where one of winnow's errors ends it.

    Where it was raised, the log tells once, and not of a refusal (`flows.traces`). Winnow's errors are ValueErrors and
    OSErrors, as the command line takes them; any other nobody foresaw, and it stays Prefect's to tell.
    """

    @functools.wraps(function)
    def ends(*args: P.args, **kwargs: P.kwargs) -> State:
        retell()
        end_with_the_worker()
        end_when_deleted()
        traces.keep_to_one()
        try:
            return function(*args, **kwargs)
        except (ValueError, OSError) as error:
            if stop := stop_behind(error):
                raise stop from None  # for Prefect to end the run as cancelled, or crashed
            said = str(error).strip() or type(error).__name__
            if not _is_logged(error):
                get_run_logger().error("Ended: %s", said, exc_info=error)
            traces.know(error)
            return Failed(message=said, data=error)

    return ends


def checked(function: Callable[P, State]) -> Callable[P, State]:
    """Make a flow's function end its run as Failed, with a sentence, where its parameters don't fit, and as `told`.

    It takes them as a form sends them, plain, or as models. The flow is told `validate_parameters=False`.
    """
    signature = inspect.signature(function)
    fields: dict[str, Any] = {
        name: (one.annotation, ... if one.default is one.empty else one.default)
        for name, one in signature.parameters.items()
    }
    model = create_model(function.__name__, __config__=ConfigDict(extra="forbid"), **fields)

    run = told(function)

    @functools.wraps(function)
    def fits(*args: P.args, **kwargs: P.kwargs) -> State:
        try:
            fit = model.model_validate(signature.bind(*args, **kwargs).arguments)
        except ValidationError as error:
            return Failed(message=refusal(error))
        parameters: dict[str, Any] = {name: getattr(fit, name) for name in fields}
        return run(**parameters)  # type: ignore[call-arg]

    return fits


def _is_logged(error: Exception) -> bool:
    """Say whether a step raised it, or a flow within this one, whose run has logged it."""
    frames = traceback.walk_tb(error.__traceback__)
    return any(frame.f_globals.get("__name__") in _ENGINES for frame, _ in frames)
