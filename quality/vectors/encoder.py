"""The forward of BERT and its relatives over texts laid end to end: no padding, and no masks to make.

What works on single tokens (embeddings, linear layers, norms) sees one matrix of all tokens of a batch, with queries,
keys and values in one product. Attention alone needs to know where a text ends: texts of one length lie side by side
and are one call. Sums and norms are fp32 whatever the weights are, so bf16 moves a cosine by less than 1e-4.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from torch import Tensor

# Rows of a product are a multiple of this. oneDNN keeps a kernel for every shape that it has met: 300 numbers of rows
# before one weight took 180 MB.
ROWS_OF = 32


class Run(NamedTuple):
    """So many neighbouring texts of one length in tokens."""

    texts: int
    tokens: int


class Affine(NamedTuple):
    """A linear layer."""

    weight: "Tensor"
    bias: "Tensor"


class Norm(NamedTuple):
    """A layer norm."""

    weight: "Tensor"
    bias: "Tensor"
    eps: float


@dataclass(frozen=True)
class Layer:
    """One block: attention, then two linear layers, each added to what came in and normed."""

    qkv: Affine
    out: Affine
    attention_norm: Norm
    up: Affine
    down: Affine
    norm: Norm


@dataclass(frozen=True)
class Encoder:
    """The weights of an encoder, and how its family differs from the others.

    Attributes
    ----------
    words
        (vocabulary, dim).
    positions
        (longest text, dim) float32, with the embedding of the first text's segment in it.
    padding
        Id of the padding token in families that count positions from it (RoBERTa, MPNet); None: from 0.
    bias
        Given a length, what the family adds to attention scores, (1, heads, length, length); None: nothing.
    activation
        Between `up` and `down`; None: the exact gelu.
    """

    words: "Tensor"
    positions: "Tensor"
    norm: Norm
    layers: tuple[Layer, ...]
    heads: int
    padding: int | None = None
    bias: "Callable[[int], Tensor] | None" = None
    activation: "Callable[[Tensor], Tensor] | None" = None

    def hidden(self, ids: "Tensor", runs: Sequence[Run]) -> "Tensor":
        """Run the encoder.

        Parameters
        ----------
        ids
            (n_tokens,) int: the token ids of all texts, one text after the other.
        runs
            Their lengths, in the same order.

        Returns
        -------
        Tensor
            (n_tokens, dim) float32, the last layer's output.
        """
        import torch
        from torch.nn.functional import embedding, pad

        count = len(ids)
        spare = -count % ROWS_OF
        if spare:
            ids, runs = pad(ids, (0, spare)), [*runs, Run(spare, 1)]
        places = torch.cat([self._places(part.view(run)) for run, part in cut(ids, runs)])
        state = _normed(embedding(ids, self.words).float().add_(embedding(places, self.positions)), self.norm)
        biases = [self.bias(run.tokens).float() if self.bias else None for run in runs]
        for layer in self.layers:
            attended = _linear(self._attend(_linear(state, layer.qkv), runs, biases), layer.out)
            state = _normed(state.add_(attended), layer.attention_norm)
            state = _normed(state.add_(_linear(self._activated(state, layer.up), layer.down)), layer.norm)
        return state[:count]

    def _places(self, ids: "Tensor") -> "Tensor":
        """Row of `positions` for each token of a run."""
        import torch

        if self.padding is None:
            return torch.arange(ids.shape[1]).repeat(len(ids))
        word = ids.ne(self.padding).long()
        return (word.cumsum(1) * word + self.padding).flatten()

    def _attend(self, qkv: "Tensor", runs: Sequence[Run], biases: "Sequence[Tensor | None]") -> "Tensor":
        """Attend within each text, in fp32: on a CPU that is no slower than bf16."""
        import torch
        from torch.nn.functional import scaled_dot_product_attention

        parts = []
        for (run, part), bias in zip(cut(qkv.float(), runs), biases, strict=True):
            q, k, v = part.view(*run, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
            attended = scaled_dot_product_attention(q, k, v, attn_mask=bias)
            parts.append(attended.transpose(1, 2).reshape(len(part), -1))
        return torch.cat(parts)

    def _activated(self, state: "Tensor", up: Affine) -> "Tensor":
        if self.activation is None:
            return _linear(state, up, "gelu")
        return self.activation(_linear(state, up))


def cut(tokens: "Tensor", runs: Sequence[Run]) -> "list[tuple[Run, Tensor]]":
    """Cut what lies end to end into its runs."""
    import torch

    return list(zip(runs, torch.split(tokens, [run.texts * run.tokens for run in runs]), strict=True))


def _linear(rows: "Tensor", layer: Affine, then: str = "none") -> "Tensor":
    """Apply a linear layer, and a gelu in the same pass over its output where torch has that as one operation.

    oneDNN's product is also a little faster than the one `linear` calls: together 8% of the whole.
    """
    import torch
    from torch.nn.functional import gelu, linear

    rows = rows.to(layer.weight.dtype)
    has_onednn = torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
    if has_onednn and hasattr(torch.ops.mkldnn, "_linear_pointwise"):
        done: Tensor = torch.ops.mkldnn._linear_pointwise(rows, *layer, then, [], "none")
        return done
    return gelu(linear(rows, *layer)) if then == "gelu" else linear(rows, *layer)


def _normed(rows: "Tensor", norm: Norm) -> "Tensor":
    from torch.nn.functional import layer_norm

    return layer_norm(rows, rows.shape[-1:], norm.weight, norm.bias, norm.eps)
