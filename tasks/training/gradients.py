"""The gradient of a step, summed over packs of examples."""

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from tasks.training.loss import collate, summed_loss

if TYPE_CHECKING:
    from evals.adapters import Adapted
    from tasks.training.example import Example
    from tasks.training.head import Head


class NotFiniteError(ArithmeticError):
    """A loss or gradient that isn't finite, caught before it reached the weights."""


def accumulate(
    model: "Adapted",
    examples: "Sequence[Example]",
    packs: Iterable[Sequence[int]],
    supervised: int,
    *,
    packed: bool,
    head: "Head | None",
) -> float:
    """Add the gradient of packs to that of a model's weights, and return their loss.

    Parameters
    ----------
    model
        The wrapped model.
    examples, packs
        Examples, and the positions in them of those that go through the model together.
    supervised
        Learnt tokens of the whole step, by which all is divided: a step is then the same however its examples are
        packed.
    packed, head
        As of the training.

    Raises
    ------
    NotFiniteError
        If the loss isn't finite.
    """
    import torch

    total = 0.0
    for members in packs:
        row = collate([examples[at] for at in members], model.device)
        loss = summed_loss(model, row, packed=packed, head=head) / supervised
        total += loss.item()
        if not math.isfinite(total):
            raise NotFiniteError(f"the loss is {total}")
        torch.autograd.backward(loss)
    return total
