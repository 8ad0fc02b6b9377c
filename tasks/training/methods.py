"""Adapters by one word: what the settings ask for, put around a model by PEFT, or by `evals.loreft`."""

import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from peft import LoraConfig
    from transformers import PreTrainedModel

    from evals.adapters import Adapted
    from evals.loreft import LoReft
    from tasks.training.settings import Tune

MARKS = {"mlp": ("mlp", "feed_forward", "ffn"), "attention": ("attn", "attention")}
"""What the name of the module around a layer holds, by `tune.targets`."""


class WrongBaseError(ValueError):
    """A model that can't be given an adapter."""


def wrap(model: "PreTrainedModel", settings: "Tune") -> "Adapted":
    """Put a fresh adapter around a model; the model's own weights are frozen and keep their precision.

    The adapter's weights are float32 whatever the model's are: their updates are too small for bfloat16.

    Raises
    ------
    WrongBaseError
        If the model already carries an adapter, or has no layer of the kind asked for.
    """
    if settings.method == "reft":
        return _steered(model, settings)
    from peft import get_peft_model
    from peft.tuners.tuners_utils import BaseTunerLayer

    if any(isinstance(module, BaseTunerLayer) for module in model.modules()):
        raise WrongBaseError(
            "The model already carries an adapter: train the plain one, which .unload() of this one returns."
        )
    with warnings.catch_warnings():
        # PEFT asks transformers by an old name whether activations are recomputed; that is between the two.
        warnings.filterwarnings("ignore", "`is_gradient_checkpointing`", FutureWarning)
        return get_peft_model(model, _config(model, settings))


def _steered(model: "PreTrainedModel", settings: "Tune") -> "LoReft":
    from evals.loreft import LoReft, StrangerError, decoder_layers
    from evals.steering import Steering, spread

    try:
        config = Steering(
            base_model_name_or_path=model.name_or_path,
            rank=settings.rank,
            layers=spread(len(decoder_layers(model)), settings.steered_layers),
            first=settings.steered_first,
            last=settings.steered_last,
        )
        return LoReft(model, config)
    except StrangerError as error:
        raise WrongBaseError(f"method: reft does not fit this model: {error}. Use method: lora.") from error


def _config(model: "PreTrainedModel", settings: "Tune") -> "LoraConfig":
    from peft import LoraConfig

    return LoraConfig(
        task_type="CAUSAL_LM",
        r=settings.rank,
        lora_alpha=settings.alpha,
        lora_dropout=settings.dropout,
        use_dora=settings.method == "dora",
        use_rslora=settings.method == "rslora",
        target_modules=_targets(model, settings.targets),
    )


def _targets(model: "PreTrainedModel", kind: str) -> str | list[str]:
    """Name the layers of a kind as PEFT wants them: ``parent.layer``, the end of a full name."""
    if kind == "all-linear":
        return kind
    import torch

    names = [name for name, module in model.named_modules() if isinstance(module, torch.nn.Linear)]
    pairs = {".".join(name.split(".")[-2:]) for name in names}
    found = sorted(pair for pair in pairs if any(mark in pair.rpartition(".")[0] for mark in MARKS[kind]))
    if not found:
        raise WrongBaseError(
            f"targets is {kind!r}, but no linear layer of this model belongs to one: it has "
            f"{', '.join(sorted(pairs)) or 'none'}. Use targets: all-linear."
        )
    return found
