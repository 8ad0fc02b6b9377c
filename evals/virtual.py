"""Virtual tokens before what a model reads: how many there are, and what it makes of them, to let it write behind them.

PEFT's own `generate` looks for the cache by a name that transformers no longer gives it: it puts embeddings anew before
every token that is written, and leaves out keys and values of a prefix.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    import torch
    from peft import PeftModel
    from transformers import DynamicCache, PreTrainedModel


def has_soft_prompt(model: "torch.nn.Module") -> bool:
    """Say whether virtual tokens stand before what the model reads (prompt and prefix tuning)."""
    config = getattr(model, "active_peft_config", None)
    return bool(config is not None and config.is_prompt_learning)


def virtual_tokens(model: "torch.nn.Module") -> int:
    """Count the positions that virtual tokens take before the first one; 0 where there are none, or switched off."""
    if not has_soft_prompt(model) or getattr(model, "_adapters_disabled", False):
        return 0
    return int(cast("PeftModel", model).active_peft_config.num_virtual_tokens)


def writer(model: "PreTrainedModel") -> "PreTrainedModel":
    """Return what writes behind a cache that begins with the virtual tokens: the base, which they leave as it is."""
    return cast("PeftModel", model).get_base_model() if virtual_tokens(model) else model


def kept_places(model: "PreTrainedModel", rows: Sequence[list[int]], pad: int) -> list[list[int]]:
    """Put as many tokens before each row as `writer` is to find in its cache for the virtual ones."""
    return [[pad] * virtual_tokens(model) + row for row in rows]


def read_virtual(model: "PreTrainedModel") -> "DynamicCache":
    """Return the cache of a model's virtual tokens alone."""
    wrapped = cast("PeftModel", model)
    prompt = wrapped.get_prompt(batch_size=1)
    if not hasattr(prompt, "shape"):  # keys and values of every layer
        return cast("DynamicCache", prompt)
    base = wrapped.get_base_model()
    embeds = prompt.to(base.get_input_embeddings().weight.dtype)
    return cast("DynamicCache", base(inputs_embeds=embeds, use_cache=True, logits_to_keep=1).cache)
