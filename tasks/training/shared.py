"""Tensors that several processes see: in a file that each maps into its memory."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


class WorkerError(RuntimeError):
    """A process that was to share the work, and failed."""


class Shared:
    """Tensors in a file that several processes map: `parts`, float32, of the shapes of the weights."""

    def __init__(self, path: Path, weights: "Sequence[torch.Tensor]") -> None:
        import torch

        sizes = [weight.numel() for weight in weights]
        with path.open("ab") as file:
            try:
                if hasattr(os, "posix_fallocate"):  # a full disk is told here, and kills nobody later
                    os.posix_fallocate(file.fileno(), 0, 4 * sum(sizes))
            except OSError as error:
                raise WorkerError(
                    f"{path} could not be written ({error}); free some disk, or set workers: 1."
                ) from error
        whole = torch.from_file(str(path), shared=True, size=sum(sizes), dtype=torch.float32)
        pieces = torch.split(whole, sizes)
        self.parts = [part.view(weight.shape) for part, weight in zip(pieces, weights, strict=True)]

    def write(self, tensors: "Iterable[torch.Tensor | None]") -> None:
        """Put values in; None is zero."""
        for part, tensor in zip(self.parts, tensors, strict=True):
            part.zero_() if tensor is None else part.copy_(tensor.detach())
