"""Find out before any work whether this machine can train by the method that the recipe asks for, on its base."""

import json
from pathlib import Path

from tasks import cards, monitors
from tasks.caching import step
from tasks.models import ModelFiles, ready
from tasks.reporting.text import counted
from tasks.training.four_bits import lacking
from tasks.training.settings import Tune
from tasks.training.shapes import SHAPES
from tasks.training.threads import TooManyWorkersError, available, workers

_USUAL_RANK = 64  # no more than the smallest language models have room for


@step(name="check_method", cached=False)
def check_method(tune: Tune, base: ModelFiles | None = None) -> None:
    """Return where the method can be trained, on `base` where it is known already.

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
    _ensure_enough_threads(tune)
    if base is not None and (config := _config(tune, base)) is not None:
        _ensure_fits(tune, config)
        _ensure_layers(tune, config)
    if tune.threads and tune.threads > (cores := available()):
        cards.warn(
            f"tune.threads is {tune.threads:,}, and this process may use {counted(cores, 'core')}: more threads than "
            "cores wait for one another"
        )
    cards.say(f"{tune.method}: {SHAPES[tune.method].__doc__}".rstrip("."))


def _ensure_enough_threads(tune: Tune) -> None:
    """Refuse more processes than there are threads, or GPUs, for them."""
    if (tune.workers or 1) == 1:
        return
    from evals.models import device_and_dtype

    try:
        workers(tune, device_and_dtype()[0])
    except TooManyWorkersError as error:
        raise ValueError(f"tune.{error}") from error


def _config(tune: Tune, base: ModelFiles) -> Path | None:
    """Return where the base tells its layers and dimensions; None where nothing is asked that it may not have.

    A GGUF tells them once it is converted, which takes seconds and has to be done for the training anyway.
    """
    folder = Path(base.folder)
    if (folder / "config.json").is_file():
        return folder / "config.json"
    asked = tune.layers or tune.steered_layers or tune.block_size or (tune.rank or 0) > _USUAL_RANK
    return ready(base) / "config.json" if asked and any(folder.glob("*.gguf")) else None


def _ensure_fits(tune: Tune, config: Path) -> None:
    """Refuse what a model of so many layers and dimensions can't have."""
    whole = json.loads(config.read_text(encoding="utf-8"))
    told = whole.get("text_config") or whole
    layers, wide = told.get("num_hidden_layers"), told.get("hidden_size")
    if not isinstance(layers, int) or not isinstance(wide, int):
        return
    if beyond := [at for at in tune.layers or () if at >= layers]:
        raise ValueError(f"tune.layers: there is no layer {beyond[0]}; this model has 0 to {layers - 1}.")
    if (tune.steered_layers or 0) > layers:
        raise ValueError(f"tune.steered_layers: {tune.steered_layers} is more than this model has layers ({layers}).")
    widths = [width for width in (wide, told.get("intermediate_size")) if isinstance(width, int)]
    if tune.rank and tune.rank > max(widths):
        raise ValueError(
            f"tune.rank: {tune.rank:,} is more than any layer of this model has directions ({max(widths):,}); 8 to 64 "
            "are usual."
        )
    if tune.block_size and (torn := [width for width in widths if width % tune.block_size]):
        raise ValueError(
            f"tune.block_size: {tune.block_size} does not divide this model's {torn[0]:,} dimensions; 16, 32 and 64 "
            "mostly do."
        )


def _ensure_layers(tune: Tune, config: Path) -> None:
    """Refuse a method that does not fit this model: it is laid out without its weights, and an adapter around it."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    from tasks.training.methods import ensure_layers

    try:
        said = AutoConfig.from_pretrained(config.parent, trust_remote_code=False, local_files_only=True)
        with torch.device("meta"):
            model = AutoModelForCausalLM.from_config(said, trust_remote_code=False)  # type: ignore[no-untyped-call]
    except (ValueError, KeyError, OSError):  # what is wrong with it is told where it is loaded
        return
    ensure_layers(model, tune)


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
