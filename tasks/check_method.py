"""Find out before any work whether this machine can train by the method that the recipe asks for."""

from tasks import cards, monitors
from tasks.caching import step
from tasks.reporting.text import counted
from tasks.training.four_bits import lacking
from tasks.training.settings import Tune
from tasks.training.shapes import SHAPES
from tasks.training.threads import available


@step(name="check_method", cached=False)
def check_method(tune: Tune) -> None:
    """Return where the method can be trained.

    Raises
    ------
    ValueError
        Where it can't: a sentence that names what is missing and what to use instead.
    """
    if tune.method == "qlora" and (missing := lacking()):
        raise ValueError(
            f"tune.method: qlora can't be trained here, because {missing}. Use method: lora, which trains the same "
            "adapter beside a base that is not quantised."
        )
    if tune.method == "peft":
        _ensure_known(tune)
    if missing := monitors.lacking(tune.monitor):
        raise ValueError(f"tune.monitor: {missing}")
    if tune.threads and tune.threads > (cores := available()):
        cards.warn(
            f"tune.threads is {tune.threads:,}, and this process may use {counted(cores, 'core')}: more threads than "
            "cores wait for one another"
        )
    cards.say(f"{tune.method}: {SHAPES[tune.method].__doc__}".rstrip("."))


def _ensure_known(tune: Tune) -> None:
    from peft import PeftType, get_peft_config

    kinds = sorted(one.value for one in PeftType)
    said = tune.peft or {}
    if said.get("peft_type") not in kinds:
        raise ValueError(f"tune.peft: peft_type is {said.get('peft_type')!r}; PEFT knows {', '.join(kinds)}.")
    try:
        get_peft_config(dict(said))
    except (TypeError, ValueError) as error:
        raise ValueError(f"tune.peft: PEFT does not take this configuration: {error}") from error
