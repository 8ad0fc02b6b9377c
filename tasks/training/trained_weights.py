"""Weights under training, copied and put back: for checkpoints, and for the best adapter so far."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from evals.adapters import adapter_weights, put_weights
from evals.virtual import has_soft_prompt

if TYPE_CHECKING:
    import torch

    from evals.adapters import Adapted


def copied(model: "Adapted") -> "dict[str, torch.Tensor]":
    """Copy what is trained, so that `put_back` leaves the model as it is now.

    What PEFT stores of virtual tokens is what a network made of them (P-tuning, projected prefixes), and not the
    network that is trained: of these, the trained weights themselves are copied.
    """
    if not has_soft_prompt(model):
        return adapter_weights(model)
    return {name: weight.detach().cpu().clone().contiguous() for name, weight in _trained(model).items()}


def put_back(model: "Adapted", weights: "Mapping[str, torch.Tensor]") -> None:
    """Put copied weights back."""
    if not has_soft_prompt(model):
        put_weights(model, weights)
        return
    import torch

    with torch.no_grad():
        for name, weight in _trained(model).items():
            weight.copy_(weights[name])


def _trained(model: "Adapted") -> "dict[str, torch.nn.Parameter]":
    return {name: weight for name, weight in model.named_parameters() if weight.requires_grad}
