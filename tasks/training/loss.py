"""The loss of packed examples, computed at the supervised positions only."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

from evals.forward import SteersByPosition
from evals.virtual import has_soft_prompt
from tasks.training.packing import pack, sample

if TYPE_CHECKING:
    import torch

    from evals.adapters import Adapted
    from tasks.training.example import Example
    from tasks.training.head import Head
    from tasks.training.settings import Tune

_TRIED = 8  # tokens on which a model is tried


@dataclass(frozen=True, eq=False)
class Pack:
    """Examples in one row, without padding.

    Attributes
    ----------
    ids, positions
        ``(1, n_tokens) int64``; positions begin at zero in every segment.
    segments
        Length of each example, in tokens.
    predicting
        Positions in the row whose next token is learnt, ``(n_supervised,) int64``.
    targets
        Those next tokens, ``(n_supervised,) int64``.
    prompts
        Tokens of each example before its last answer.
    """

    ids: "torch.Tensor"
    positions: "torch.Tensor"
    segments: list[int]
    predicting: "torch.Tensor"
    targets: "torch.Tensor"
    prompts: list[int]


def collate(examples: Sequence["Example"], device: "torch.device | str" = "cpu") -> Pack:
    """Lay examples side by side."""
    import numpy as np
    import torch

    ids = torch.from_numpy(np.concatenate([example.ids for example in examples]))
    # The first token of an example is never learnt, so no position predicts across a border.
    mask = np.concatenate([example.mask & (np.arange(len(example)) > 0) for example in examples])
    learnt = torch.from_numpy(np.flatnonzero(mask))
    positions = torch.cat([torch.arange(len(example)) for example in examples])
    return Pack(
        ids=ids[None].to(device),
        positions=positions[None].to(device),
        segments=[len(example) for example in examples],
        predicting=(learnt - 1).to(device),
        targets=ids[learnt].to(device),
        prompts=[example.prompt for example in examples],
    )


def find_head(model: "torch.nn.Module", example: "Example", *, packed: bool = True) -> "Head | None":
    """Return the model taken apart, for `summed_loss`, or None where it can only be called whole."""
    from tasks.training.head import plain_head

    if has_soft_prompt(model):
        return None  # taken apart, it would be without its prompt
    row = collate([example], next(model.parameters()).device)
    ids, positions = row.ids[:, :_TRIED], row.positions[:, :_TRIED]
    own = {"position_ids": positions, "segments": [ids.shape[1]]} if packed else {}
    if isinstance(model, SteersByPosition):
        model.set_prompts([ids.shape[1]])
    return plain_head(model, input_ids=ids, **own)


def summed_loss(
    model: "torch.nn.Module", row: Pack, *, packed: bool = True, head: "Head | None" = None
) -> "torch.Tensor":
    """Sum the negative log-likelihood of the learnt tokens, in nats.

    Parameters
    ----------
    model
        A causal language model, wrapped or not.
    row
        What to learn.
    packed
        Whether the model attends within segments (see `attention.within_segments`). If not, the row must
        hold a single example.
    head
        The model taken apart (`find_head`): as much is computed, in far less memory.
    """
    import torch

    # The head is the widest layer: it is applied where there is something to learn, and nowhere else.
    if head is not None:
        return head.summed_loss(row.targets, row.predicting, input_ids=row.ids, **_placed(model, row, packed=packed))
    found = logits(model, row, packed=packed).float()
    return torch.nn.functional.cross_entropy(found, row.targets, reduction="sum")


def hidden(model: "torch.nn.Module", row: Pack, head: "Head", *, packed: bool) -> "torch.Tensor":
    """Return the hidden states that predict the learnt tokens, ``(n_supervised, dim)`` in the model's precision."""
    return head.hidden(row.predicting, input_ids=row.ids, **_placed(model, row, packed=packed))


def logits(model: "torch.nn.Module", row: Pack, *, packed: bool = True) -> "torch.Tensor":
    """Return the logits that predict the learnt tokens, ``(n_supervised, vocabulary)`` in the model's precision."""
    at = row.predicting - row.ids.shape[1]  # counted from the end: virtual tokens may come first
    output = model(input_ids=row.ids, use_cache=False, logits_to_keep=at, **_placed(model, row, packed=packed))
    found: torch.Tensor = output.logits[0]
    return found


def _placed(model: "torch.nn.Module", row: Pack, *, packed: bool) -> dict[str, object]:
    """Say where the examples of a row lie, to the model and to what steers it."""
    if not packed and len(row.segments) != 1:
        raise ValueError(f"A model without segment attention takes one example at a time, not {len(row.segments)}.")
    if isinstance(model, SteersByPosition):
        begins = list(accumulate(row.segments[:-1], initial=0))
        model.set_prompts(row.prompts, begins=begins, rows=[0] * len(begins))
    return {"position_ids": row.positions, "segments": row.segments} if packed else {}


@contextmanager
def at_rest(model: "torch.nn.Module") -> "Iterator[None]":
    """Let a model be measured, without dropout or gradients, and then go on as it was."""
    import torch

    training = model.training
    model.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        model.train(training)


class Validation:
    """Loss per supervised token on a fixed draw of held-out examples."""

    def __init__(
        self, examples: Sequence["Example"], settings: "Tune", *, packed: bool, head: "Head | None" = None
    ) -> None:
        drawn = [examples[at] for at in sample(examples, settings.validation_tokens, settings.seed)]
        groups = pack([len(example) for example in drawn], settings.pack_tokens if packed else 1)
        self._packs = [[drawn[at] for at in group] for group in groups]
        self._packed, self._head = packed, head
        self.supervised = sum(example.supervised for example in drawn)

    def loss(self, model: "Adapted") -> float | None:
        """Measure the model as it is: in nats per supervised token, or None without validation examples."""
        if not self.supervised:
            return None
        with at_rest(model):
            rows = self.rows(model.device)
            total = sum(float(summed_loss(model, row, packed=self._packed, head=self._head)) for row in rows)
        return total / self.supervised

    def rows(self, device: "torch.device | str") -> "Iterator[Pack]":
        """Lay the examples out, pack by pack."""
        return (collate(examples, device) for examples in self._packs)
