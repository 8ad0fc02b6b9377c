"""Full fine-tuning: a model all of whose weights are trained, with the base's beside them.

W ← W₀ + s · (W_trained − W₀), with s 1 as it was trained.

The base's weights stay in memory, so that what was forgotten can be measured while it is trained: a model trained so
takes its size twice, and the optimizer's two moments besides. Training is in 32 bits, since a step of full fine-tuning
is smaller than what bfloat16 can tell apart.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import torch
from pydantic import BaseModel, ConfigDict, Field
from safetensors.torch import load_file, save_file
from torch import nn

from evals.steering import CONFIG, WEIGHTS
from evals.wrapping import StrangerError, Wrapper


class FullTune(BaseModel):
    """What `adapter_config.json` of such a folder holds."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    peft_type: Literal["FULL"] = "FULL"
    base_model_name_or_path: str = ""
    scale: float = Field(1.0, description="What the change of every weight is multiplied by.")


class Full(Wrapper):
    """A causal language model with weights of its own.

    Parameters
    ----------
    model
        A plain transformers model; its weights become 32-bit and trainable.
    config
        See `FullTune`.
    """

    def __init__(self, model: nn.Module, config: FullTune) -> None:
        super().__init__(model)
        self.full = config
        self._base = {name: weight.detach().clone() for name, weight in model.named_parameters()}
        model.requires_grad_(requires_grad=True)

    @contextmanager
    def disable_adapter(self) -> Iterator[None]:
        """Let the model be the base while the context lasts: weights change places, and nothing is computed."""
        own = {name: weight.data for name, weight in self.base_model.named_parameters()}
        try:
            self._place(self._base)
            yield
        finally:
            self._place(own)

    def unload(self) -> nn.Module:
        """Return the plain base model."""
        self._place(self._base)
        return self.base_model

    def adapter_weights(self) -> dict[str, torch.Tensor]:
        """Copy all weights, by their names in the model; of tied ones, one."""
        return {name: weight.detach().cpu().clone().contiguous() for name, weight in self.base_model.named_parameters()}

    def put_weights(self, weights: Mapping[str, torch.Tensor]) -> None:
        """Put copied weights back.

        Raises
        ------
        StrangerError
            If they are of other names or sizes.
        """
        own = dict(self.base_model.named_parameters())
        if {name: weight.shape for name, weight in own.items()} != {name: w.shape for name, w in weights.items()}:
            raise StrangerError("the weights are of other names or sizes than the model's")
        with torch.no_grad():
            for name, weight in own.items():
                weight.copy_(weights[name])

    def save(self, folder: Path) -> None:
        """Write all weights and the configuration into a folder, from which `read` makes the same model."""
        save_file(self.adapter_weights(), folder / WEIGHTS)
        (folder / CONFIG).write_text(self.full.model_dump_json(indent=2) + "\n", encoding="utf-8")

    def _place(self, weights: Mapping[str, torch.Tensor]) -> None:
        for name, weight in self.base_model.named_parameters():
            weight.data = weights[name]


def begin(model: nn.Module, config: FullTune) -> Full:
    """Make every weight of a model trainable, in 32 bits."""
    wrapped = Full(model, config)
    model.float()
    return wrapped


def read(model: nn.Module, folder: Path) -> Full:
    """Put stored weights into a model, in the model's precision.

    Raises
    ------
    StrangerError
        If they do not fit the model.
    pydantic.ValidationError
        If the configuration is none of a full fine-tuning.
    """
    config = FullTune.model_validate_json((folder / CONFIG).read_bytes())
    wrapped, stored = Full(model, config), load_file(folder / WEIGHTS)
    if config.scale != 1:
        stored = {name: _between(wrapped._base.get(name), trained, config.scale) for name, trained in stored.items()}
    wrapped.put_weights(stored)
    return wrapped.eval()


def _between(base: torch.Tensor | None, trained: torch.Tensor, scale: float) -> torch.Tensor:
    """Go a part of the way from the base's weight to the trained one, in 32 bits."""
    if base is None or base.shape != trained.shape:
        return trained  # whoever puts it into the model says what is wrong
    begun = base.float().cpu()
    return begun + scale * (trained.float() - begun)
