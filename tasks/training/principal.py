"""LoRA that begins in directions of the base's own weights (PiSSA, CorDA), and leaves the base as it is.

Both write a weight as W = W' + s · B₀A₀, train B and A from B₀ and A₀ on, and as published put W' into the base. A base
in bfloat16 would lose what W' has below its rounding, a base without its adapter would be another one, and the adapter
would load beside no base but that. Here W stays, and the adapter is LoRA of twice the rank:

    W + s · [B  −B₀] [A ; A₀],    B and A trained, B₀ and A₀ kept,

which changes nothing at first, can be switched off, turned down and merged like any other, and loads wherever LoRA
does.

PiSSA takes the strongest directions, W = U Σ Vᵀ: B₀ = U √Σ, A₀ = √Σ Vᵀ of the largest `rank`, over s. CorDA, to keep
what is known, takes those that general text uses least: of W·C = U Σ Vᵀ, with C the second moments of the layer's
inputs, the smallest `rank`, and A₀ = √Σ Vᵀ C⁻¹.

References
----------
Meng, Wang and Zhang (2024), PiSSA: principal singular values and singular vectors adaptation, arXiv:2404.02948.
Yang, Li, Zhou, Song, Wu, Nie and Ghanem (2024), CorDA: context-oriented decomposition adaptation, arXiv:2406.05223,
sections 3.1 and 3.2, “knowledge-preserved adaptation”.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

import torch

from tasks.training import shapes
from tasks.training.layers import WrongBaseError

if TYPE_CHECKING:
    from evals.adapters import Adapted
    from tasks.training.example import Example
    from tasks.training.settings import Tune

_ADAPTER = "default"
_ROUNDS, _MORE = 8, 16  # power iterations and further directions of the randomised decomposition
_RIDGE = 0.01  # of the mean second moment: what C gets on its diagonal, doubled until it can be inverted

Directions = tuple[torch.Tensor, torch.Tensor]


def begin_at_directions(model: "Adapted", settings: "Tune", context: "Sequence[Example]" = ()) -> None:
    """Put the directions into a LoRA of twice the rank, and keep its second half from being trained.

    Raises
    ------
    WrongBaseError
        If a layer has fewer directions than the rank, or corda has no general text to go by.
    """
    shape = cast("shapes.Lora", settings.shape)
    moments: Mapping[str, torch.Tensor] = {}
    if isinstance(shape, shapes.Corda):
        if not context:
            raise WrongBaseError("method: corda needs general text, to find the directions that it uses least.")
        moments = _second_moments(model, context, shape.context_tokens)
    for name, layer in _adapted(model):
        weight = layer.get_base_layer().weight.detach().float()
        if layer.fan_in_fan_out:
            weight = weight.T
        if shape.rank > min(weight.shape):
            raise WrongBaseError(f"tune.rank: {shape.rank} is more than {name} has directions ({min(weight.shape)}).")
        columns, rows = _least_used(weight, moments[name], shape.rank) if moments else _strongest(weight, shape.rank)
        scale = layer.scaling[_ADAPTER]
        _put(layer, columns / scale**0.5, rows / scale**0.5)


def _adapted(model: "Adapted") -> Iterator[tuple[str, Any]]:
    from peft.tuners.lora import LoraLayer

    return ((name, module) for name, module in model.named_modules() if isinstance(module, LoraLayer))


def _strongest(weight: torch.Tensor, rank: int) -> Directions:
    """Return √Σ-weighted columns and rows of the largest `rank` singular values."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        wide = min(rank + _MORE, *weight.shape)
        left, values, right = torch.svd_lowrank(weight, q=wide, niter=_ROUNDS)
    root = values[:rank].sqrt()
    return left[:, :rank] * root, root[:, None] * right[:, :rank].T


def _least_used(weight: torch.Tensor, moments: torch.Tensor, rank: int) -> Directions:
    """Return the directions of W·C with the smallest singular values, taken back to W by C⁻¹."""
    left, values, right = torch.linalg.svd(weight.double() @ moments, full_matrices=False)
    root = values[-rank:].sqrt()
    back = torch.linalg.solve(moments, right[-rank:], left=False)
    return (left[:, -rank:] * root).float(), (root[:, None] * back).float()


def _second_moments(model: "Adapted", context: "Sequence[Example]", tokens: int) -> dict[str, torch.Tensor]:
    """Average x·xᵀ of every adapted layer's inputs over general text: (in, in) float64, made invertible."""
    from tasks.training.loss import collate

    summed: dict[str, torch.Tensor] = {}
    hooks = [layer.register_forward_pre_hook(_adding(summed, name)) for name, layer in _adapted(model)]
    read = 0
    try:
        with torch.no_grad():
            for example in context:
                if read >= tokens:
                    break
                model(input_ids=collate([example], model.device).ids, use_cache=False, logits_to_keep=1)
                read += len(example)
    finally:
        for hook in hooks:
            hook.remove()
    return {name: _invertible(total / read) for name, total in summed.items()}


def _adding(summed: dict[str, torch.Tensor], name: str) -> Any:  # noqa: ANN401 - a hook
    def add(_: torch.nn.Module, inputs: tuple[torch.Tensor, ...]) -> None:
        rows = inputs[0].detach().flatten(0, -2).double()
        summed[name] = summed.get(name, 0) + rows.T @ rows

    return add


def _invertible(moments: torch.Tensor) -> torch.Tensor:
    """Add to the diagonal until the inverse is one, as the paper does."""
    size = len(moments)
    ridge = _RIDGE * moments.diagonal().mean()
    unit = torch.eye(size, dtype=moments.dtype, device=moments.device)
    while True:
        made = moments + ridge * unit
        if torch.dist(made @ torch.linalg.inv(made), unit) < 0.05:
            return made
        ridge *= 2


def _put(layer: Any, columns: torch.Tensor, rows: torch.Tensor) -> None:  # noqa: ANN401 - PEFT's layer
    """Set [B −B₀] and [A ; A₀], and let no gradient reach the second halves."""
    down, up = layer.lora_A[_ADAPTER].weight, layer.lora_B[_ADAPTER].weight
    rank = len(rows)
    with torch.no_grad():
        down.copy_(torch.cat([rows, rows]))
        up.copy_(torch.cat([columns, -columns], dim=1))
    first = torch.arange(2 * rank, device=down.device) < rank
    down.register_hook(lambda gradient: gradient * first[:, None])
    up.register_hook(lambda gradient: gradient * first)
