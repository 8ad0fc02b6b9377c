"""Which of a model's layers an adapter is put on, by name."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from evals.forward import vocabulary_projection

if TYPE_CHECKING:
    from transformers import PreTrainedModel

MARKS: Mapping[str, tuple[str, ...]] = {"mlp": ("mlp", "feed_forward", "ffn"), "attention": ("attn", "attention")}
"""What the name of the module around a layer holds, by `tune.targets`."""

_FUSED = ("mamba", "mamba2", "falcon_mamba", "falcon_h1", "nemotron_h")
"""Kinds of models whose kernels read the weights of `out_proj` past an adapter, so that PEFT takes none there."""

_KEYS_AND_VALUES = ("k_proj", "v_proj", "key", "value", "query_key_value", "qkv_proj", "c_attn")


class WrongBaseError(ValueError):
    """A model that can't be given an adapter."""


def linear(model: "PreTrainedModel", targets: str, layers: Sequence[int] | None = None) -> str | list[str]:
    """Name linear layers of a kind as PEFT wants them: ``parent.layer``, the end of a full name, or the whole name.

    All linear layers of the whole model have a word of PEFT's own, ``all-linear``, which it can't take for some layers
    of the model only: these are named one by one, and so are those of models with one that it would refuse.

    Raises
    ------
    WrongBaseError
        If there are none.
    """
    if targets == "all-linear" and layers is None and not _is_fused(model):
        return targets
    names = _within(model, _linear_names(model), layers)
    around = {name: ".".join(name.split(".")[-2:-1]) for name in names}
    fitting = [name for name in names if targets == "all-linear" or any(m in around[name] for m in MARKS[targets])]
    if not fitting:
        kinds = sorted({".".join(name.split(".")[-2:]) for name in names})
        raise WrongBaseError(
            f"targets is {targets!r}, but no linear layer of this model belongs to one: it has "
            f"{', '.join(kinds) or 'none'}. Use targets: all-linear."
        )
    return sorted(fitting) if layers is not None else sorted({".".join(name.split(".")[-2:]) for name in fitting})


def factored(model: "PreTrainedModel", layers: Sequence[int] | None = None) -> tuple[list[str], list[str]]:
    """Name the layers whose outputs (keys and values) and whose inputs (of the MLP's last) (IA)³ puts factors on.

    Raises
    ------
    WrongBaseError
        If the model names them otherwise than models do.
    """
    names = _within(model, _linear_names(model), layers)
    told = [name for name in names if name.rpartition(".")[2] in _KEYS_AND_VALUES]
    last: dict[str, str] = {}
    for name in names:  # a block's MLP ends with the layer that it names last
        parent, _, _ = name.rpartition(".")
        if any(mark in parent.rpartition(".")[2] for mark in MARKS["mlp"]):
            last[parent] = name
    if not told or not last:
        raise WrongBaseError(
            "method: ia3 does not find this model's keys and values, or its MLP, by their names. Use method: lora, or "
            "method: peft with tune.peft: {peft_type: IA3, target_modules: …, feedforward_modules: …}."
        )
    return sorted(told), sorted(last.values())


def _linear_names(model: "PreTrainedModel") -> list[str]:
    import torch
    from transformers.pytorch_utils import Conv1D  # GPT-2's linear layers

    kinds, head = (torch.nn.Linear, Conv1D), vocabulary_projection(model)
    names = [name for name, module in model.named_modules() if isinstance(module, kinds) and module is not head]
    return [name for name in names if not (_is_fused(model) and name.endswith(".out_proj"))]


def _is_fused(model: "PreTrainedModel") -> bool:
    return model.config.model_type in _FUSED


def _within(model: "PreTrainedModel", names: Sequence[str], layers: Sequence[int] | None) -> list[str]:
    """Keep what lies in some of the model's layers, by their number."""
    if layers is None:
        return list(names)
    count = model.config.get_text_config().num_hidden_layers
    if beyond := sorted(at for at in set(layers) if not 0 <= at < count):
        raise WrongBaseError(f"tune.layers: there is no layer {beyond[0]}; this model has 0 to {count - 1}.")
    wanted = {str(at) for at in layers}
    return [name for name in names if next((part for part in name.split(".") if part.isdigit()), "") in wanted]
