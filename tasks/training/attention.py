"""Attention within segments, so that several records share one row without padding or leaks."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

NAME = "segments"
_ATTENTION_LAYERS = {"full_attention", "sliding_attention"}


def can_pack(model: "PreTrainedModel") -> bool:
    """Say whether every layer mixes tokens through the replaceable attention, and through nothing else.

    Recurrent and convolutional layers would carry one record into the next; attention written into the model
    would see the whole row. Such models are trained one record at a time, with their own attention.
    """
    layers = set(getattr(model.config, "layer_types", None) or ["full_attention"])
    softcap = getattr(model.config, "attn_logit_softcapping", None)
    return bool(model._supports_attention_backend) and layers <= _ATTENTION_LAYERS and not softcap


@contextmanager
def within_segments(model: "PreTrainedModel") -> Iterator[bool]:
    """Let a model attend within segments while the context lasts, then give it back its own attention.

    Yields
    ------
    bool
        Whether the model can do it. If so, its calls must name the ``segments`` (their lengths in tokens).
    """
    if not can_pack(model):
        yield False
        return
    from transformers import AttentionInterface, AttentionMaskInterface

    AttentionInterface.register(NAME, attend)
    AttentionMaskInterface.register(NAME, _no_mask)
    own = model.config._attn_implementation
    model.set_attn_implementation(NAME)
    try:
        yield True
    finally:
        model.set_attn_implementation(own)


def attend(
    module: "torch.nn.Module",
    query: "torch.Tensor",
    key: "torch.Tensor",
    value: "torch.Tensor",
    attention_mask: "torch.Tensor | None",
    *,
    segments: Sequence[int] | None = None,
    scaling: float | None = None,
    dropout: float = 0.0,
    sliding_window: int | None = None,
    **_: object,
) -> "tuple[torch.Tensor, None]":
    """Causal attention inside each segment.

    Parameters
    ----------
    module
        The attention layer (its heads are told by the shapes).
    query, key, value
        ``(1, heads, n_tokens, dim)``; keys and values may have fewer heads.
    attention_mask
        Not used: segments are all there is to mask.
    segments
        Lengths of the segments in tokens; they add up to ``n_tokens``.
    scaling, dropout, sliding_window
        As transformers hands them to every attention.

    Returns
    -------
    output, None
        ``(1, n_tokens, heads, dim)``.
    """
    import torch
    from torch.nn.functional import scaled_dot_product_attention

    if segments is None:
        raise ValueError(f"The {NAME!r} attention needs the lengths of the segments: call with segments=[…].")
    lengths = list(segments)
    parts = []
    split = (torch.split(tensor, lengths, dim=2) for tensor in (query, key, value))
    for q, k, v in zip(*split, strict=True):
        band = _band(q.shape[2], sliding_window, q.device)
        parts.append(
            scaled_dot_product_attention(
                q,
                k,
                v,
                attn_mask=band,
                is_causal=band is None,
                scale=scaling,
                dropout_p=dropout,
                enable_gqa=q.shape[1] != k.shape[1],
            )
        )
    return torch.cat(parts, dim=2).transpose(1, 2).contiguous(), None


def _band(length: int, window: int | None, device: "torch.device") -> "torch.Tensor | None":
    """Build the mask of a sliding window, where the segment is longer than it: ``(length, length) bool``."""
    import torch

    if window is None or length <= window:
        return None
    at = torch.arange(length, device=device)
    distance = at[:, None] - at[None, :]
    return (distance >= 0) & (distance < window)


def _no_mask(*_: object, **__: object) -> None:
    """Stand in for transformers' mask builder: segments carry their own mask."""
