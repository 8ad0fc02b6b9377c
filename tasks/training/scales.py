"""How far an adapter is turned down: the scale that gains the most among those that forget no more than the budget.

A LoRA is linear in its scale, so that one that was trained too hot is mended without training it again.
"""

from collections.abc import Sequence
from typing import NamedTuple

UNSCALED = 1.0


class Tried(NamedTuple):
    """What an adapter at some scale was found to do, in nats per learnt token."""

    scale: float
    validation_loss: float
    forgotten: float


def best(tried: Sequence[Tried], budget: float | None) -> Tried | None:
    """Return the scale of the lowest validation loss within the budget, the larger of two as good; None where none is.

    Examples
    --------
    >>> best([Tried(1.0, 1.2, 0.09), Tried(0.75, 1.21, 0.02), Tried(0.5, 1.4, 0.01)], budget=0.05).scale
    0.75
    """
    within = [one for one in tried if budget is None or one.forgotten <= budget]
    return min(within, key=lambda one: (one.validation_loss, -one.scale), default=None)


def between(tried: Sequence[Tried], budget: float | None) -> float | None:
    """Return the one scale that is tried besides: in the middle of the best and the next larger one.

    Where no scale is within the budget, half of the smallest.
    """
    found = best(tried, budget)
    if found is None:
        return min(one.scale for one in tried) / 2
    larger = min((one.scale for one in tried if one.scale > found.scale), default=None)
    return None if larger is None else (found.scale + larger) / 2


def settled(tried: Sequence[Tried], budget: float | None) -> bool:
    """Tell whether no scale below those tried can be better: the smallest is within the budget, and gains less.

    As the scale falls, validation loss is taken to fall to one lowest point and to rise from there to the base's.
    Where it goes up and down a smaller scale may gain some hundredths of a nat more, which is not looked for.
    """
    last = min(tried)
    larger = min((one for one in tried if one.scale > last.scale), default=None)
    within = budget is None or last.forgotten <= budget
    return within and larger is not None and larger.validation_loss <= last.validation_loss
