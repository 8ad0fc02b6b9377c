"""A configuration of PEFT's own, tried on a few tokens: PEFT takes many that train nothing, or something else."""

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from evals.faults import first_line
from evals.virtual import has_soft_prompt
from tasks.training.layers import WrongBaseError
from tasks.training.loss import at_rest, collate, logits

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

    from evals.adapters import Adapted
    from tasks.training.example import Example
    from tasks.training.settings import Tune

logger = logging.getLogger(__name__)

_NEAR = 0.05  # of the logits' length; bfloat16 rounds off less, and what rewrites weights changes more
_ROUNDED = 1e-5  # of the logits' length: what two orders of adding up in 32 bits come to
_TASK = "CAUSAL_LM"
_NAMED = ("target_modules", "modules_to_save", "feedforward_modules")


def ensure_named(model: "PreTrainedModel", said: Mapping[str, Any]) -> None:
    """Refuse a configuration with the name of a layer that the model lacks, which PEFT passes over.

    Raises
    ------
    WrongBaseError
        With that name, and those that there are; or for a kind that needs a training loop of its own, or another task.
    """
    if said.get("peft_type") == "ADALORA":
        raise WrongBaseError(
            "tune.peft: ADALORA shares ranks out while it is trained, which winnow's training does not do, so that "
            "none would be. Use method: lora, or rslora, of the rank that you have in mind."
        )
    if said.get("task_type", _TASK) != _TASK:
        raise WrongBaseError(
            f"tune.peft: task_type is {said['task_type']!r}, and winnow trains models that write text; leave it out."
        )
    names = [name for name, _ in model.named_modules()]
    for key in _NAMED:
        listed = said.get(key)
        for wanted in listed if isinstance(listed, list) else ():
            if not any(f".{name}".endswith(f".{wanted}") for name in names):
                there = sorted(
                    {name.rpartition(".")[2] for name in names if not name.rpartition(".")[2].isdigit()} - {""}
                )
                raise WrongBaseError(
                    f"tune.peft: {key} names {wanted!r}, and this model has no such layer; it has {', '.join(there)}."
                )


def answered(model: "PreTrainedModel | Adapted") -> "torch.Tensor":
    """Return a model's logits at a few tokens, (tokens, vocabulary) float32."""
    import torch

    ids = torch.arange(4, device=model.device)[None]
    with at_rest(model):
        logits: torch.Tensor = model(input_ids=ids, use_cache=False).logits
    return logits[0, -ids.shape[1] :].float()


def ensure_sound(wrapped: "Adapted", before: "torch.Tensor", said: Mapping[str, Any]) -> None:
    """Refuse an adapter that can't be called, or not be switched off to leave the base as it was.

    One that is not computed in the base's precision is trained beside a base in 32 bits.

    Parameters
    ----------
    wrapped
        The model with its adapter.
    before
        What `answered` returned without it.
    said
        The adapter's configuration.

    Raises
    ------
    WrongBaseError
        Saying what is wrong.
    """
    kind = said.get("peft_type")
    try:
        _in_its_precision(wrapped)
        with wrapped.disable_adapter():
            base = answered(wrapped)
    except (ValueError, TypeError, KeyError, AttributeError, RuntimeError) as error:
        raise WrongBaseError(f"tune.peft: {kind} does not fit this model: {first_line(error)}") from error
    if not (base - before).norm() < _NEAR * before.norm():
        raise WrongBaseError(
            f"tune.peft: {kind} in this configuration rewrites the base's own weights, so that what is gained and "
            "forgotten could not be measured. Leave init_lora_weights out, or use method: pissa or corda, which keep "
            "them."
        )
    trained = (name for name, weight in wrapped.named_parameters() if weight.requires_grad)
    if said.get("bias", "none") != "none" and any(name.endswith(".bias") for name in trained):
        raise WrongBaseError(
            "tune.peft: bias trains biases of the base's own, which can't be switched off, so that what is forgotten "
            "could not be measured. Leave it out."
        )


def begins_as_base(wrapped: "Adapted", example: "Example", settings: "Tune", *, packed: bool) -> bool:
    """Tell whether a fresh adapter leaves the base as it is, but for rounding; `packed` is as of the training.

    Virtual tokens do not, and of PEFT's others some begin at random (FOURIERFT, C3A, VBLORA), or do where they are told
    to (`init_lora_weights: false`).
    """
    if has_soft_prompt(wrapped):
        return False
    if settings.method != "peft":
        return True
    row = collate([example], wrapped.device)
    with at_rest(wrapped):
        own = logits(wrapped, row, packed=packed).float()
        with wrapped.disable_adapter():
            base = logits(wrapped, row, packed=packed).float()
    return bool((own - base).norm() < _ROUNDED * base.norm())


def _in_its_precision(wrapped: "Adapted") -> None:
    import torch

    try:
        answered(wrapped)
    except RuntimeError as error:
        if "dtype" not in str(error) or wrapped.dtype == torch.float32:
            raise
        logger.warning("The base is kept in 32 bits while this adapter is trained, which %s can't hold.", wrapped.dtype)
        wrapped.float()
        answered(wrapped)
