"""One pass through a causal language model that projects only the wanted positions on the vocabulary."""

import copy
import inspect
from typing import TYPE_CHECKING, Protocol, cast, runtime_checkable

from evals.virtual import has_soft_prompt, read_virtual, virtual_tokens, writer

if TYPE_CHECKING:
    from collections.abc import Sequence

    import torch
    from transformers import DynamicCache, PreTrainedModel

    from evals.packing import Batch

_SLICE = 256  # positions whose probabilities are computed in 32 bits at a time


@runtime_checkable
class SteersByPosition(Protocol):
    """A wrapper (LoReFT) that acts at positions counted from the ends of the prompt.

    It is told before every pass where the prompts lie: ``lengths`` (prompts,) in tokens, the columns in which they
    begin, and their rows. Without these, each row holds one, from column 0.
    """

    def set_prompts(
        self,
        lengths: "torch.Tensor | Sequence[int]",
        *,
        begins: "torch.Tensor | Sequence[int] | None" = None,
        rows: "torch.Tensor | Sequence[int] | None" = None,
    ) -> None:
        """Remember where the prompts lie."""


def can_branch(model: "PreTrainedModel") -> bool:
    """Say whether a model can read options as branches of one row, and a shared prefix from a cache.

    That needs attention that follows the mask and the positions it is given: no sliding window, no recurrent
    layer, no ALiBi, no soft prompt, no wrapper that steers by position. Other models get a plain row for each
    option.
    """
    if isinstance(model, SteersByPosition) or has_soft_prompt(model):
        return False
    unwrap = getattr(model, "get_base_model", None)
    base = model if unwrap is None else unwrap()
    if not {"position_ids", "cache"} <= set(inspect.signature(base.forward).parameters):
        return False
    config = base.config.get_text_config()
    kinds = getattr(config, "layer_types", None)
    if kinds is not None:
        return all(kind == "full_attention" for kind in kinds) and not getattr(config, "alibi", False)
    if getattr(config, "attention_types", None):  # GPT-Neo, whose local layers count branches into their window
        return False
    windowed = getattr(config, "sliding_window", None) and getattr(config, "use_sliding_window", True)
    return not windowed and not getattr(config, "alibi", False)


def read_prefix(model: "PreTrainedModel", ids: list[int]) -> "DynamicCache":
    """Read the tokens that every row begins with and return the model's cache of them.

    Where virtual tokens stand before them, `ids` begin with their places (`evals.virtual.kept_places`), and the cache
    is one for `evals.virtual.writer`.
    """
    import torch

    virtual = virtual_tokens(model)
    known = {"cache": read_virtual(model)} if virtual else {}
    if virtual and len(ids) == virtual:
        return known["cache"]
    tokens = torch.tensor([ids[virtual:]], device=model.device)
    return cast("DynamicCache", writer(model)(input_ids=tokens, use_cache=True, logits_to_keep=1, **known).cache)


def expanded(cache: "DynamicCache", rows: int) -> "DynamicCache":
    """Copy what `read_prefix` returned for every row, since reading a row appends to its cache."""
    copied = copy.deepcopy(cache)
    copied.batch_repeat_interleave(rows)
    return copied


def log_likelihoods(
    model: "PreTrainedModel", batch: "Batch", *, picks: int, cache: "DynamicCache | None" = None
) -> tuple["torch.Tensor", "torch.Tensor"]:
    """Sum the log-likelihood of each option in a batch, and tell whether the model would write it by itself.

    Parameters
    ----------
    model
        A causal language model, bare or wrapped; see `SteersByPosition`.
    batch
        Rows; branched ones only if `can_branch`.
    picks
        Positions projected on the vocabulary in one pass. A row that wants more is read more than once.
    cache
        What `read_prefix` returned, or nothing.

    Returns
    -------
    sums, greedy
        (options,) float64, and (options,) bool: each of its tokens is the likeliest. In the order of the batch.
    """
    import torch

    arguments = _arguments(model, batch, cache)
    if isinstance(model, SteersByPosition):
        model.set_prompts(batch.lengths)
    values, likeliest = torch.empty(len(batch.targets), dtype=torch.float64), torch.empty_like(batch.targets)
    for begin in range(0, len(batch.picks), picks):
        chosen = batch.picks[begin : begin + picks]
        if cache is not None:
            arguments["cache"] = expanded(cache, len(batch.items))
        logits = _logits_at(model, chosen, batch.ids.shape[1], arguments)
        mine = (batch.sources >= begin) & (batch.sources < begin + len(chosen))
        values[mine] = _gather(logits, batch.sources[mine] - begin, batch.targets[mine])
        likeliest[mine] = logits.argmax(-1).cpu()[batch.sources[mine] - begin]
    options = int(batch.owners.max()) + 1
    sums = torch.zeros(options, dtype=torch.float64).index_add_(0, batch.owners, values)
    missed = torch.zeros(options, dtype=torch.int64).index_add_(0, batch.owners, (likeliest != batch.targets).long())
    return sums, missed == 0


def logits_at(model: "PreTrainedModel", batch: "Batch", picks: "torch.Tensor") -> "torch.Tensor":
    """Return the logits at some of a batch's flat positions, (picked, vocabulary), in the model's own precision.

    For rows of one option each, and without a shared prefix.
    """
    if isinstance(model, SteersByPosition):
        model.set_prompts(batch.lengths)
    return _logits_at(model, picks, batch.ids.shape[1], _arguments(model, batch, None))


def vocabulary_projection(model: "PreTrainedModel") -> "torch.nn.Linear":
    """Return the layer that turns hidden states into logits."""
    return cast("torch.nn.Linear", model.get_output_embeddings())  # type: ignore[no-untyped-call]


def _arguments(model: "PreTrainedModel", batch: "Batch", cache: "DynamicCache | None") -> dict[str, object]:
    arguments: dict[str, object] = {"input_ids": batch.ids.to(model.device), "use_cache": cache is not None}
    if cache is not None or batch.branched:
        prefix = 0 if cache is None else cache.get_seq_length()
        mask = batch.mask(prefix).to(model.device)
        if model.config._attn_implementation == "eager":  # adds the mask instead of choosing by it
            mask = _additive(mask, model.dtype)
        arguments |= {"attention_mask": mask, "position_ids": batch.positions.to(model.device)}
    elif has_soft_prompt(model):
        arguments["attention_mask"] = (batch.branches >= 0).long().to(model.device)
    # Else nothing: rows are padded on the right and attention is causal, so no real token sees the padding.
    return arguments


def _logits_at(
    model: "PreTrainedModel", picks: "torch.Tensor", width: int, arguments: dict[str, object]
) -> "torch.Tensor":
    """Run the whole model, wrappers, soft caps and all, but hand its vocabulary projection only `picks`."""

    def keep(_: "torch.nn.Module", inputs: tuple["torch.Tensor", ...]) -> tuple["torch.Tensor", ...]:
        hidden = inputs[0]
        virtual = hidden.shape[1] - width  # a soft prompt stands before the first token
        row, column = picks // width, picks % width
        return (hidden[row.to(hidden.device), (column + virtual).to(hidden.device)][None], *inputs[1:])

    hook = vocabulary_projection(model).register_forward_pre_hook(keep)
    try:
        logits: torch.Tensor = model(**arguments).logits[0]
    finally:
        hook.remove()
    return logits


def _gather(logits: "torch.Tensor", sources: "torch.Tensor", targets: "torch.Tensor") -> "torch.Tensor":
    """Log-probabilities of targets, with the normaliser computed once for each position."""
    import torch

    normaliser = torch.cat([part.float().logsumexp(-1) for part in torch.split(logits, _SLICE)])
    sources, targets = sources.to(logits.device), targets.to(logits.device)
    return (logits[sources, targets].float() - normaliser[sources]).double().cpu()


def _additive(mask: "torch.Tensor", dtype: "torch.dtype") -> "torch.Tensor":
    import torch

    return torch.zeros(mask.shape, dtype=dtype, device=mask.device).masked_fill(~mask, torch.finfo(dtype).min)
