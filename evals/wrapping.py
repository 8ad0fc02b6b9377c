"""What is put around a model where PEFT has nothing like it: LoReFT, and a model all of whose weights are trained.

Whoever holds a model asks such a wrapper what PEFT's are asked: to switch the adapter off, to copy and put back its
weights, to write it.
"""

from abc import abstractmethod
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import torch
from torch import nn


class StrangerError(ValueError):
    """An adapter that does not fit the model it is put around."""


class Wrapper(nn.Module):
    """A causal language model with an adapter; what is not said here is said by the model itself."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.base_model = model

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        """Look for what the wrapper lacks at the model."""
        try:
            return super().__getattr__(name)
        except AttributeError:
            return getattr(super().__getattr__("base_model"), name)

    def forward(self, *args: object, **kwargs: object) -> Any:  # noqa: ANN401
        """Call the model."""
        return self.base_model(*args, **kwargs)

    def get_base_model(self) -> nn.Module:
        """Return the model, which is changed as long as it is not unloaded."""
        return self.base_model

    @abstractmethod
    def disable_adapter(self) -> AbstractContextManager[None]:
        """Let the model be the base while the context lasts."""

    @abstractmethod
    def unload(self) -> nn.Module:
        """Return the plain model."""

    @abstractmethod
    def adapter_weights(self) -> dict[str, torch.Tensor]:
        """Copy what is trained."""

    @abstractmethod
    def put_weights(self, weights: Mapping[str, torch.Tensor]) -> None:
        """Put copied weights back.

        Raises
        ------
        StrangerError
            If they are of another model.
        """

    @abstractmethod
    def save(self, folder: Path) -> None:
        """Write weights and configuration into a folder."""
