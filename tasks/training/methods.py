"""Adapters by one word: what the settings ask for, put around a model by PEFT, or by our own wrappers."""

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np

from evals.faults import first_line
from tasks.training import shapes, tried
from tasks.training.example import Example
from tasks.training.layers import WrongBaseError, factored, linear

if TYPE_CHECKING:
    from collections.abc import Sequence

    import torch
    from peft import LoraConfig, PeftConfig
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    from evals.adapters import Adapted
    from tasks.training.settings import Tune

__all__ = ["WrongBaseError", "ensure_layers", "load_base", "wrap"]

_UNFIT = (ValueError, TypeError, KeyError, IndexError, AttributeError, RuntimeError)
"""What PEFT raises where it does not know a model, or a method not its layers."""


def load_base(
    folder: Path, settings: "Tune", dtype: "torch.dtype | None" = None
) -> "tuple[PreTrainedModel, PreTrainedTokenizerBase]":
    """Load the model that a method is put around, in the hardware's precision or another, and its tokenizer."""
    from evals.models import load

    model, tokenizer = load(folder, threads=settings.threads, dtype=dtype)
    if settings.method == "qlora":
        from tasks.training.four_bits import load_in_four_bits

        model = load_in_four_bits(folder)
    return model, tokenizer


def ensure_layers(model: "PreTrainedModel", settings: "Tune") -> None:
    """Make sure that a method fits a model, which may be laid out without its weights; see `wrap`.

    Raises
    ------
    WrongBaseError
        If it doesn't: the model lacks layers that an adapter is to be put on, or has others than the method knows.
    """
    if settings.method in ("reft", "full"):
        _own(model, settings)
        return
    if settings.method == "peft":
        tried.ensure_named(model, settings.peft or {})
    asked = settings.method in ("prompt", "prefix") and _answers(model)
    wrapped = _adapted(model, settings)
    if asked:
        _begin_at_words(wrapped, settings, [Example("", np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.bool_))])


def wrap(
    model: "PreTrainedModel",
    settings: "Tune",
    context: "Sequence[Example]" = (),
    examples: "Sequence[Example]" = (),
) -> "Adapted":
    """Put a fresh adapter around a model; the model's own weights are frozen and keep their precision.

    The adapter's weights are float32 whatever the model's are: their updates are too small for bfloat16. With method
    full there is no adapter: the model's own weights are trained, in float32.

    Parameters
    ----------
    model
        A plain transformers model.
    settings
        See `Tune`.
    context
        General text, for corda.
    examples
        What is to be learnt: the words that virtual tokens begin as. Without any, they begin at random.

    Raises
    ------
    WrongBaseError
        If the model already carries an adapter, or the method does not fit it.
    """
    from peft.tuners.tuners_utils import BaseTunerLayer

    from evals.wrapping import Wrapper

    if isinstance(model, Wrapper) or any(isinstance(module, BaseTunerLayer) for module in model.modules()):
        raise WrongBaseError(
            "The model already carries an adapter: train the plain one, which .unload() of this one returns."
        )
    if settings.method in ("reft", "full"):
        return _own(model, settings)
    if settings.method == "peft":
        tried.ensure_named(model, settings.peft or {})
        before = tried.answered(model)
    wrapped = _adapted(model, settings)
    if settings.method in shapes.FROM_DIRECTIONS:
        from tasks.training.principal import begin_at_directions

        begin_at_directions(wrapped, settings, context)
    for weight in wrapped.parameters():
        if weight.requires_grad:
            weight.data = weight.data.float()
    if settings.method == "peft":
        tried.ensure_sound(wrapped, before, settings.peft or {})
    if settings.method in ("prompt", "prefix") and examples:
        _begin_at_words(wrapped, settings, examples)
    return wrapped


def _adapted(model: "PreTrainedModel", settings: "Tune") -> "Adapted":
    """Let PEFT put an adapter around a model."""
    from peft import get_peft_model
    from peft.tuners.lora.layer import ParamWrapper

    with warnings.catch_warnings():
        # PEFT asks transformers by an old name whether activations are recomputed; that is between the two.
        warnings.filterwarnings("ignore", "`is_gradient_checkpointing`", FutureWarning)
        try:
            wrapped = get_peft_model(model, _config(model, settings))
        except WrongBaseError:
            raise
        except _UNFIT as error:
            raise _misfit(settings, error) from error
    if settings.method in shapes.FROM_DIRECTIONS and any(isinstance(one, ParamWrapper) for one in wrapped.modules()):
        raise _misfit(settings, ValueError("the weights of its experts lie in one block"))
    return wrapped


def _answers(model: "PreTrainedModel") -> bool:
    """Say whether a model can be asked as it is: where weights are laid out alone, some experts take no 32 bits."""
    import torch

    try:
        with torch.no_grad():
            model(input_ids=torch.zeros((1, 2), dtype=torch.int64, device=model.device), use_cache=True)
    except _UNFIT:
        return False
    return True


def _begin_at_words(wrapped: "Adapted", settings: "Tune", examples: "Sequence[Example]") -> None:
    from tasks.training.virtual import begin_at_words

    try:
        begin_at_words(wrapped, examples)
    except _UNFIT as error:
        raise _misfit(settings, error) from error


def _misfit(settings: "Tune", error: Exception) -> WrongBaseError:
    """Say that a method does not fit a model, and what to use instead."""
    told = f"method: {settings.method} does not fit this model: {first_line(error).rstrip('.')}."
    if settings.targets == "all-linear" and ("ParamWrapper" in told or "experts" in told):
        told += " Use targets: attention, which leaves experts alone, or method: lora."
    elif settings.method not in ("lora", "peft"):
        told += " Use method: lora."
    return WrongBaseError(told)


def _own(model: "PreTrainedModel", settings: "Tune") -> "Adapted":
    from evals.full import FullTune, begin
    from evals.loreft import LoReft, decoder_layers
    from evals.steering import Steering, spread
    from evals.wrapping import StrangerError

    if settings.method == "full":
        return cast("Adapted", begin(model, FullTune(base_model_name_or_path=model.name_or_path)))
    shape = cast("shapes.Reft", settings.shape)
    try:
        config = Steering(
            base_model_name_or_path=model.name_or_path,
            rank=shape.rank,
            layers=spread(len(decoder_layers(model)), shape.steered_layers),
            first=shape.steered_first,
            last=shape.steered_last,
        )
        return cast("Adapted", LoReft(model, config))
    except StrangerError as error:
        raise WrongBaseError(f"method: reft does not fit this model: {error}. Use method: lora.") from error


def _config(model: "PreTrainedModel", settings: "Tune") -> "PeftConfig":
    """Write PEFT's configuration of a method."""
    from peft import IA3Config, OFTConfig, PrefixTuningConfig, PromptTuningConfig, get_peft_config

    shape = settings.shape
    match shape:
        case shapes.Lora():
            return _lora(model, settings, shape)
        case shapes.Ia3():
            wide, narrow = factored(model, shape.layers)
            return IA3Config(task_type="CAUSAL_LM", target_modules=[*wide, *narrow], feedforward_modules=narrow)
        case shapes.Oft():
            return OFTConfig(
                task_type="CAUSAL_LM",
                r=0,
                oft_block_size=shape.block_size,
                module_dropout=shape.dropout,
                target_modules=linear(model, shape.targets, shape.layers),
            )
        case shapes.Prefix():
            return PrefixTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=shape.virtual_tokens)
        case shapes.Prompt():
            return PromptTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=shape.virtual_tokens)
        case shapes.Peft():
            return get_peft_config({"task_type": "CAUSAL_LM", **shape.peft})
        case _:
            raise WrongBaseError(f"method: {settings.method} has no configuration of PEFT's.")


def _ensure_useful(rank: int, model: "PreTrainedModel") -> None:
    """Refuse a rank beyond every layer's own, which would take memory and let nothing more be learnt."""
    import torch

    linear = [layer for layer in model.modules() if isinstance(layer, torch.nn.Linear)]
    directions = max((min(layer.in_features, layer.out_features) for layer in linear), default=rank)
    if rank > directions:
        raise WrongBaseError(
            f"tune.rank: {rank:,} is more than any layer of this model has directions ({directions:,}). Use "
            f"{directions:,} or fewer; 8 to 64 are usual."
        )


def _lora(model: "PreTrainedModel", settings: "Tune", shape: "shapes.Lora") -> "LoraConfig":
    from peft import LoraConfig

    targets = linear(model, shape.targets, shape.layers)
    _ensure_useful(shape.rank, model)
    # The directions that these begin in are kept beside what becomes of them: see `principal`.
    wide = 2 if settings.method in shapes.FROM_DIRECTIONS else 1
    return LoraConfig(
        task_type="CAUSAL_LM",
        r=wide * shape.rank,
        lora_alpha=cast("int", wide * shape.alpha),
        lora_dropout=shape.dropout,
        use_dora=settings.method == "dora",
        use_rslora=settings.method == "rslora",
        target_modules=targets,
    )
