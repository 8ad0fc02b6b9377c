"""Plain LoRA layers in few passes: computed in the model's precision, with no copy of the tokens in the adapter's.

PEFT turns a layer's input into float32, multiplies it by float32 factors, scales the product and adds it to the layer's
output: seven passes over all tokens, and multiplications at half the speed or less. Here the factors are rounded to the
model's precision instead, as mixed-precision training does (Micikevicius et al. 2018, arXiv:1710.03740); the weights
that are updated stay float32. In a float32 model nothing is rounded and the results are PEFT's.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn


@contextmanager
def quick(model: nn.Module) -> Iterator[int]:
    """Let a model's plain LoRA layers be computed in few passes while the context lasts and gradients are asked for.

    Without gradients they are PEFT's own, so that a look measures what the exam will. Layers that do more than LoRA
    (DoRA, dropout, biases, several adapters, quantised weights) stay PEFT's.

    Yields
    ------
    int
        How many layers it is.
    """
    from peft.tuners.lora.layer import Linear

    layers = [module for module in model.modules() if type(module) is Linear and _is_plain(module)]
    for layer in layers:
        layer.forward = _forward(layer)
    try:
        yield len(layers)
    finally:
        for layer in layers:
            del layer.forward


def _is_plain(layer: Any) -> bool:  # noqa: ANN401
    base, active = layer.base_layer, layer.active_adapters
    if type(base) is not nn.Linear or len(active) != 1 or active[0] not in layer.lora_A or layer.merged:
        return False
    factors = (layer.lora_A[active[0]], layer.lora_B[active[0]])
    return (
        active[0] not in layer.lora_variant
        and isinstance(layer.lora_dropout[active[0]], nn.Identity)
        and all(type(factor) is nn.Linear and factor.bias is None for factor in factors)
        and not any(weight.requires_grad for weight in base.parameters())
    )


def _forward(layer: Any) -> Callable[[torch.Tensor], torch.Tensor]:  # noqa: ANN401
    base, (name,), own = layer.base_layer, layer.active_adapters, layer.forward
    down, up = layer.lora_A[name], layer.lora_B[name]

    def forward(tokens: torch.Tensor) -> torch.Tensor:
        if layer.disable_adapters or not torch.is_grad_enabled():
            found: torch.Tensor = own(tokens)
        else:
            found = _LowRank.apply(  # type: ignore[no-untyped-call]
                tokens, base.weight, base.bias, down.weight, up.weight, layer.scaling[name]
            )
        return found

    return forward


class _LowRank(torch.autograd.Function):
    """x Wᵀ + b + s (x Aᵀ) Bᵀ; gradients reach x, A and B."""

    @staticmethod
    def forward(
        ctx: Any,  # noqa: ANN401
        tokens: torch.Tensor,
        weight: torch.Tensor,
        bias: torch.Tensor | None,
        down: torch.Tensor,
        up: torch.Tensor,
        scaling: float,
    ) -> torch.Tensor:
        flat = tokens.reshape(-1, tokens.shape[-1])
        narrow, wide = down.to(tokens.dtype), (up * scaling).to(tokens.dtype)
        inner = flat @ narrow.T
        found = nn.functional.linear(flat, weight, bias).addmm_(inner, wide.T)
        ctx.save_for_backward(flat, weight, inner, narrow, wide)
        ctx.scaling = scaling
        return found.view(*tokens.shape[:-1], -1)

    @staticmethod
    def backward(ctx: Any, *upstream: torch.Tensor) -> tuple[torch.Tensor | None, ...]:  # noqa: ANN401
        flat, weight, inner, narrow, wide = ctx.saved_tensors
        above = upstream[0].reshape(-1, upstream[0].shape[-1])
        through = above @ wide
        back = None
        if ctx.needs_input_grad[0]:
            back = (above @ weight).addmm_(through, narrow).view(*upstream[0].shape[:-1], -1)
        of_down = (through.T @ flat).float()
        of_up = (above.T @ inner).float() * ctx.scaling
        return back, None, None, of_down, of_up, None
