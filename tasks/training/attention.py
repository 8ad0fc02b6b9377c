"""Attention within segments, so that several records share one row without padding or leaks."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

NAME = "segments"
_ATTENTION_LAYERS = {"full_attention", "sliding_attention"}
# On a CPU torch's own attention costs, up to here, more than plain products do: with 70 tokens, 9 heads and 3 of keys
# 1.33 ms for both directions against 0.34, with 256 5.8 against 3.5. Beyond it the products' memory would count.
_SHORT = 256


# What some models' attention adds to the scores besides: sinks, caps, biases, a choice of keys.
_MORE = ("s_aux", "sinks", "softcap", "position_bias", "indices", "block_indices")


class MoreThanAttentionError(TypeError):
    """A model whose attention does more than can be done within segments."""


def can_pack(model: "PreTrainedModel") -> bool:
    """Say whether every layer mixes tokens through the replaceable attention, and through nothing else.

    Recurrent and convolutional layers would carry one record into the next; attention written into the model
    would see the whole row. Such models are trained one record at a time, with their own attention.
    """
    layers = set(getattr(model.config, "layer_types", None) or ["full_attention"])
    softcap = getattr(model.config, "attn_logit_softcapping", None)
    return bool(model._supports_attention_backend) and layers <= _ATTENTION_LAYERS and not softcap


@contextmanager
def within_segments(
    model: "PreTrainedModel", bare: Callable[[], AbstractContextManager[None]] = nullcontext
) -> Iterator[bool]:
    """Let a model attend within segments while the context lasts, then give it back its own attention.

    Parameters
    ----------
    model
        A plain transformers model, which an adapter may be around.
    bare
        Switches such an adapter off.

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
        with bare():
            packed = _is_all(model)
        if not packed:
            model.set_attn_implementation(own)
        yield packed
    finally:
        model.set_attn_implementation(own)


def _is_all(model: "PreTrainedModel") -> bool:
    """Ask a model for one token, and so whether its attention wants anything that `attend` would not do."""
    import torch

    token = torch.zeros(1, 1, dtype=torch.int64, device=model.device)
    try:
        with torch.no_grad():
            cast("Any", model).get_decoder()(input_ids=token, position_ids=token, segments=[1], use_cache=False)
    except MoreThanAttentionError:
        return False
    return True


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
    **more: object,
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
    more
        Whatever else a model hands over.

    Returns
    -------
    output, None
        ``(1, n_tokens, heads, dim)``.

    Raises
    ------
    MoreThanAttentionError
        If a model hands over what changes its scores, such as sinks.
    """
    import torch
    from torch.nn.functional import scaled_dot_product_attention

    if segments is None:
        raise ValueError(f"The {NAME!r} attention needs the lengths of the segments: call with segments=[…].")
    if any(more.get(name) is not None for name in _MORE):
        raise MoreThanAttentionError(f"The {NAME!r} attention knows no sinks, caps or biases.")
    lengths = list(segments)
    parts = []
    split = (torch.split(tensor, lengths, dim=2) for tensor in (query, key, value))
    for q, k, v in zip(*split, strict=True):
        band = _band(q.shape[2], sliding_window, q.device)
        if q.device.type == "cpu" and q.shape[2] <= _SHORT and band is None and not dropout:
            parts.append(_short(q, k, v, scaling))
            continue
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


def _short(query: "torch.Tensor", key: "torch.Tensor", value: "torch.Tensor", scaling: float | None) -> "torch.Tensor":
    """Attend causally by plain products; heads that share keys are multiplied as one."""
    import torch

    heads, length, width = query.shape[1:]
    shared = key.shape[1]
    future = torch.full((length, length), -torch.inf, dtype=query.dtype).triu_(1).repeat(heads // shared, 1)
    scores = torch.baddbmm(
        future,
        query.reshape(shared, -1, width),
        key[0].transpose(1, 2),
        alpha=width**-0.5 if scaling is None else scaling,
    )
    return torch.bmm(scores.softmax(dim=-1), value[0]).view(1, heads, length, -1)


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
