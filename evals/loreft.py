"""LoReFT: the hidden states of a prompt's first and last positions are changed at a few layers; no weight is touched.

    h ← h + s · Rᵀ(W·h + b − R·h)

R (rank, dim) has orthonormal rows, W (rank, dim) and b (rank) are free, and s scales the whole (1 as it was trained).
An answer is reached through its prompt alone: while it is written, nothing is changed any more. Such an adapter can be
neither merged into the weights nor served by a server of LoRA adapters.

Unlike the paper's code, W begins as R and b as zero, so that training begins at the base itself. R is what is stored;
while it is trained, its rows are kept orthonormal by a QR decomposition of the parameter behind it.

References
----------
Wu, Arora, Wang, Geiger, Jurafsky, Manning and Potts (2024), ReFT: representation finetuning for language models,
arXiv:2404.03592, equation 2 and appendix C.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, cast

import torch
from safetensors.torch import load_file, save_file
from torch import nn

from evals.steering import CONFIG, WEIGHTS, Steering, steered
from evals.wrapping import StrangerError, Wrapper

Places = tuple[torch.Tensor, torch.Tensor]


class Intervention(nn.Module):
    """The change at one layer.

    Attributes
    ----------
    rotation
        (rank, dim) float32. While `settled` is false, R is made of it; afterwards it is R.
    source
        W and b.
    """

    def __init__(self, dim: int, rank: int) -> None:
        super().__init__()
        self.rotation = nn.Parameter(_orthonormal(torch.randn(rank, dim)))
        self.source = nn.Linear(dim, rank)
        self.settled = False
        with torch.no_grad():
            self.source.weight.copy_(self.rotation)
            self.source.bias.zero_()

    def rows(self) -> torch.Tensor:
        """Return R, (rank, dim)."""
        return self.rotation if self.settled else _orthonormal(self.rotation)

    def settle(self) -> None:
        """Put R where it was made of, so that what is stored is what is used."""
        if not self.settled:
            with torch.no_grad():
                self.rotation.copy_(_orthonormal(self.rotation))
            self.settled = True

    def forward(self, hidden: torch.Tensor, scale: float) -> torch.Tensor:
        """Change hidden states, (n, dim) of any precision."""
        rotation = self.rows()
        exact = hidden.to(rotation.dtype)
        change: torch.Tensor = (self.source(exact) - exact @ rotation.T) @ rotation
        return hidden + (scale * change).to(hidden.dtype)


class LoReft(Wrapper):
    """A causal language model whose prompts are steered; what is not said here is said by the model itself.

    Whoever calls it must say where the prompts lie (`set_prompts`, `evals.forward.SteersByPosition`); `generate` knows.

    Parameters
    ----------
    model
        A plain transformers model. Its weights are frozen, and hooks are set at its layers, which `unload` takes away.
    config
        Where it is steered.

    Raises
    ------
    StrangerError
        If the model has no such layers.
    """

    def __init__(self, model: nn.Module, config: Steering) -> None:
        super().__init__(model.requires_grad_(requires_grad=False))
        text, layers = cast("Any", model).config.get_text_config(), decoder_layers(model)
        if max(config.layers) >= len(layers) or min(config.layers) < 0:
            raise StrangerError(
                f"the adapter steers layer {max(config.layers)}, and the model has 0 to {len(layers) - 1}"
            )
        if config.rank > text.hidden_size:
            raise StrangerError(f"the rank ({config.rank}) is more than the model's {text.hidden_size} dimensions")
        self.steering = config
        made = {str(at): Intervention(text.hidden_size, config.rank) for at in config.layers}
        self.interventions = nn.ModuleDict(made).to(next(model.parameters()).device)
        self._places: Places | None = None
        self._off = False
        self._passes: int | None = None  # counted while an answer is written
        self._hooks = [model.register_forward_pre_hook(self._count)]
        self._hooks += [layers[at].register_forward_hook(partial(self._steer, str(at))) for at in config.layers]
        self.train(model.training)

    def generate(self, input_ids: torch.Tensor, attention_mask: torch.Tensor | None = None, **kwargs: object) -> Any:  # noqa: ANN401
        """Let the model go on behind prompts, (rows, width), padded on the left or not at all."""
        read = torch.ones_like(input_ids) if attention_mask is None else attention_mask
        lengths = read.sum(dim=1)
        self.set_prompts(lengths, begins=input_ids.shape[1] - lengths)
        self._passes = 0
        try:
            return cast("Any", self.base_model).generate(input_ids=input_ids, attention_mask=read, **kwargs)
        finally:
            self._places = self._passes = None

    def set_prompts(
        self,
        lengths: torch.Tensor | Sequence[int],
        *,
        begins: torch.Tensor | Sequence[int] | None = None,
        rows: torch.Tensor | Sequence[int] | None = None,
    ) -> None:
        """Say where the prompts of the next passes lie; see `evals.forward.SteersByPosition`."""
        counts = torch.as_tensor(lengths).tolist()
        starts = [0] * len(counts) if begins is None else torch.as_tensor(begins).tolist()
        of = list(range(len(counts))) if rows is None else torch.as_tensor(rows).tolist()
        found = [
            (row, start + at)
            for row, start, count in zip(of, starts, counts, strict=True)
            for at in steered(count, self.steering.first, self.steering.last)
        ]
        device = next(self.base_model.parameters()).device
        places = torch.tensor(found, dtype=torch.int64, device=device).reshape(-1, 2)
        self._places = (places[:, 0], places[:, 1])

    @contextmanager
    def disable_adapter(self) -> Iterator[None]:
        """Let the model be the base while the context lasts."""
        before, self._off = self._off, True
        try:
            yield
        finally:
            self._off = before

    def unload(self) -> nn.Module:
        """Take the hooks away and return the plain model."""
        for hook in self._hooks:
            hook.remove()
        return self.get_base_model()

    def adapter_weights(self) -> dict[str, torch.Tensor]:
        """Copy what is trained: `LAYER.rotation`, `LAYER.source.weight` and `LAYER.source.bias`."""
        weights = self.interventions.state_dict()
        return {name: weight.detach().cpu().clone().contiguous() for name, weight in weights.items()}

    def put_weights(self, weights: Mapping[str, torch.Tensor]) -> None:
        """Put copied weights back.

        Raises
        ------
        StrangerError
            If they are of other layers or another size.
        """
        wanted = {name: tuple(weight.shape) for name, weight in self.interventions.state_dict().items()}
        if wanted != {name: tuple(weight.shape) for name, weight in weights.items()}:
            raise StrangerError("the adapter's weights are of other layers or of another size than the model's")
        self.interventions.load_state_dict(dict(weights))

    def settle(self) -> None:
        """End training: from now on the stored rotations are used as they are."""
        for intervention in self._each():
            intervention.settle()

    def save(self, folder: Path) -> None:
        """Write weights and configuration into a folder, from which `read` makes the same model to the last bit."""
        self.settle()
        save_file(self.adapter_weights(), folder / WEIGHTS)
        (folder / CONFIG).write_text(self.steering.model_dump_json(indent=2) + "\n", encoding="utf-8")

    def _each(self) -> Iterator[Intervention]:
        return iter(cast("list[Intervention]", list(self.interventions.values())))

    def _count(self, *_: object) -> None:
        if self._passes is not None:
            self._passes += 1

    def _steer(self, layer: str, _: nn.Module, __: object, output: Any) -> Any:  # noqa: ANN401
        """Change what a layer put out, at the places that were set."""
        if self._off or (self._passes or 0) > 1:  # the first pass reads the prompt, each other one token of the answer
            return output
        if self._places is None:
            raise LookupError("A model steered by LoReFT must be told where the prompts lie: call set_prompts first.")
        hidden = output[0] if isinstance(output, tuple) else output
        steer = cast("Intervention", self.interventions[layer])
        changed = hidden.index_put(self._places, steer(hidden[self._places], self.steering.scale))
        return (changed, *output[1:]) if isinstance(output, tuple) else changed


def read(model: nn.Module, folder: Path) -> LoReft:
    """Put a stored adapter around a model.

    Raises
    ------
    StrangerError
        If it does not fit the model.
    pydantic.ValidationError
        If its configuration is none of a LoReFT adapter.
    """
    config = Steering.model_validate_json((folder / CONFIG).read_bytes())
    wrapped = LoReft(model, config)
    wrapped.put_weights(load_file(folder / WEIGHTS))
    for intervention in wrapped._each():
        intervention.settled = True
    return wrapped.eval()


def decoder_layers(model: nn.Module) -> nn.ModuleList:
    """Find a model's layers, in order.

    Raises
    ------
    StrangerError
        If it has no list of as many modules as its configuration tells.
    """
    wanted = cast("Any", model).config.get_text_config().num_hidden_layers
    for module in model.modules():
        if isinstance(module, nn.ModuleList) and len(module) == wanted:
            return module
    raise StrangerError(f"the model has no list of {wanted} layers, which LoReFT needs")


def _orthonormal(rows: torch.Tensor) -> torch.Tensor:
    """Make rows orthonormal by QR, which leaves those that are so already as they are, but for rounding."""
    basis, upper = torch.linalg.qr(rows.T)
    made: torch.Tensor = (basis * upper.diagonal().sign()).T
    return made
